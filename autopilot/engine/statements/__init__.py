"""The statements that run for every job, one module per database: insert a job, claim the next, settle a finished one.

They write what `transitions.move` writes, in as few round trips as the database allows; `tests/autopilot/engine`
holds them to it, and holds their plans to the partial indexes.
"""

from collections.abc import Sequence
from datetime import timedelta
from types import ModuleType
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection

from autopilot.engine.statements import postgresql, sqlite
from autopilot.engine.statements.rows import ALONE, Finished, Together
from autopilot.models.jobs import Event, Job
from autopilot.models.workers import Worker

CONTESTED = 5


class Limits(NamedTuple):
    """What the operators' configuration allows at this moment."""

    paused: Sequence[str]
    limited: dict[str, int]


def limits() -> Limits:
    """Return which workers are paused, and how many jobs the limited ones may run at once."""
    rows = Worker.objects.exclude(enabled=True, concurrency=None).values_list("name", "enabled", "concurrency")
    paused = [name for name, enabled, _ in rows if not enabled]
    return Limits(paused, {name: limit for name, enabled, limit in rows if enabled and limit})


def insert(job: Job, event: Event) -> None:
    """Insert a new job and its first event, together or not at all, and wake the pumps if it is due.

    The job gets as many attempts as its worker is configured to, where it is. Raises IntegrityError.
    """
    job.max_attempts = _statements().insert(job, event, rings=job.scheduled_for <= job.created_at)
    job._state.adding, job._state.db = False, connection.alias


def claim(process: str, lease: timedelta, *, only: str = "") -> Job | None:
    """Claim the most urgent due job for a process: running, leased, its attempt and event written.

    `process` names the claimer, `lease` is how long the claim holds without a heartbeat, `only` is the one worker to
    claim for. Returns None when nothing is due.
    """
    return next(iter(claim_together(process, lease, ALONE, only=only)), None)


def claim_together(process: str, lease: timedelta, together: Together, *, only: str = "") -> list[Job]:
    """Claim the most urgent due job as `claim` does, and with it those that follow in line; returns them in their order.

    The line ends with the first that may not come along: whose kind is not among those of `together`, whose number or
    whose worker's is limited, that was lost with a process before, or that could not be lost once without failing.
    """
    for _ in range(CONTESTED):
        try:
            jobs: list[Job] = _statements().claim(process, lease, together, only)
            return jobs
        except IntegrityError:
            # Two claimers took the same slot of a limit at once; the loser looks again.
            continue
    return []


def settle(job: Job, result: Any, retention: timedelta) -> bool:
    """Complete a running job if this run still owns it and nobody asked to cancel it; returns whether it did."""
    return bool(settle_together([(job, result)], retention))


def settle_together(finished: Sequence[Finished], retention: timedelta) -> set[UUID]:
    """Complete jobs with their results, each as `settle` does, in one commit; returns the ids of those that completed."""
    settled: set[UUID] = _statements().settle(finished, retention)
    return settled


def settle_and_claim(
    finished: Sequence[Finished],
    retention: timedelta,
    process: str,
    lease: timedelta,
    together: Together = ALONE,
    *,
    only: str = "",
) -> tuple[set[UUID], list[Job]]:
    """Complete jobs as `settle_together` does and claim the next ones as `claim_together` does, in one commit.

    Returns the ids of those that completed, and the claimed jobs. None is claimed unless all completed, and none may be
    claimed here that `claim` would find: a slot that a completed job held may be free only for the next look.
    """
    try:
        both: tuple[set[UUID], list[Job]] = _statements().settle_and_claim(
            finished, retention, process, lease, together, only
        )
        return both
    except IntegrityError:
        # As in `claim`; nothing was done, and the completion must not wait for it.
        return settle_together(finished, retention), []


def forget_plans() -> None:
    """Let the database plan this connection's statements anew when they run next.

    PostgreSQL keeps a plan for as long as the connection lasts; one made while a table was small would go on reading all
    of it when it has grown.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DISCARD PLANS")


def _statements() -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite


__all__ = [
    "ALONE",
    "Finished",
    "Limits",
    "Together",
    "claim",
    "claim_together",
    "forget_plans",
    "insert",
    "limits",
    "settle",
    "settle_and_claim",
    "settle_together",
]
