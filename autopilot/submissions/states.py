"""The one writer of a submission's status: a table of legal changes, and `move`.

    prepared ──→ sending ──→ received ──→ approved, denied or refused
        │  ←──     │ ↑           ↑
        │          ↓ │           │
        │       unknown ─────────┤
        └──→ awaiting_manual ────┘

What is being sent, unknown or awaited can also be refused at once. `sending` and `unknown` lead back to `sending`:
whether a second try is safe is the engine's to know. `prepared` can be found received when the portal is asked.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import clock
from autopilot.models.portals import Submission, SubmissionChange

Status = Submission.Status

UNDERWAY = frozenset({Status.SENDING, Status.UNKNOWN})
DECIDED = frozenset({Status.APPROVED, Status.DENIED, Status.REFUSED})

SOURCES: Mapping[Status, frozenset[Status]] = {
    Status.AWAITING_MANUAL: frozenset({Status.PREPARED}),
    Status.SENDING: UNDERWAY | {Status.PREPARED},
    Status.PREPARED: frozenset({Status.SENDING}),
    Status.UNKNOWN: frozenset({Status.SENDING}),
    Status.RECEIVED: UNDERWAY | {Status.PREPARED, Status.AWAITING_MANUAL},
    Status.APPROVED: frozenset({Status.RECEIVED}),
    Status.DENIED: frozenset({Status.RECEIVED}),
    Status.REFUSED: UNDERWAY | {Status.RECEIVED, Status.AWAITING_MANUAL},
}

TIMES: Mapping[Status, str] = {
    Status.SENDING: "sent_at",
    Status.RECEIVED: "received_at",
    Status.APPROVED: "decided_at",
    Status.DENIED: "decided_at",
    Status.REFUSED: "decided_at",
}


def move(submission_id: UUID, target: Status, why: str, *, actor: User | None = None, **changes: Any) -> bool:
    """Change a submission's status, if it stands where that is legal, with its line of history.

    `changes` are other fields to set with it. Returns whether it moved: False means it stands elsewhere.
    """
    with transaction.atomic():
        standing = Submission.objects.filter(pk=submission_id, status__in=SOURCES[target])
        submission = standing.select_for_update().first()
        if submission is None:
            return False
        now = clock.now()
        times = {TIMES[target]: now} if target in TIMES else {}
        moved = standing.filter(status=submission.status).update(status=target, **(times | changes))
        if moved:
            note(submission, submission.status, target, why, actor)
        return bool(moved)


def note(submission: Submission, source: str, target: Status, why: str, actor: User | None = None) -> None:
    """Write a line of history; `source` is empty for a new submission."""
    SubmissionChange.objects.create(
        submission=submission,
        from_status=source,
        to_status=target,
        why=why,
        actor_id=actor.pk if actor else None,
        actor_label=actor.get_username() if actor else "",
    )
