"""Who amended and decided a checkpoint, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from autopilot.models import Checkpoint, CheckpointRevision, Notice
from autopilot.reports.moments import Moment, decided


@dataclass(frozen=True)
class Outcome:
    """How a checkpoint ended: who said what, when, about which version."""

    status: str
    title: str
    at: datetime | None
    who: str = ""
    version: int | None = None
    comment: str = ""
    number: str = ""


def outcome_of(checkpoint: Checkpoint) -> Outcome | None:
    """Return how a checkpoint ended; None while a person must still decide."""
    if checkpoint.is_pending:
        return None
    said = checkpoint.outcome or {}
    return Outcome(
        status=checkpoint.status,
        title=checkpoint.get_status_display(),
        at=checkpoint.decided_at,
        who=said.get("by_label", ""),
        version=said.get("version"),
        comment=said.get("comment", ""),
        number=(said.get("data") or {}).get("number", ""),
    )


def review_history(checkpoint: Checkpoint) -> list[Moment]:
    """Return who opened, amended and decided a checkpoint and who was reminded, oldest first."""
    moments = [_revised(checkpoint, each) for each in checkpoint.revisions.all()]
    moments += decided(checkpoint.decisions.all())
    moments += [_noticed(each) for each in checkpoint.notices.all()]
    return sorted(moments, key=lambda moment: moment.at)


def pending_reviews() -> int:
    """Return how many checkpoints wait for a person."""
    return Checkpoint.objects.pending().count()


def next_review(checkpoint: Checkpoint) -> Checkpoint | None:
    """Return the pending checkpoint that was opened after this one, else the oldest; None if none is left."""
    others = Checkpoint.objects.pending().exclude(pk=checkpoint.pk)
    return others.filter(created_at__gte=checkpoint.created_at).first() or others.first()


def _revised(checkpoint: Checkpoint, revision: CheckpointRevision) -> Moment:
    if revision.version == 1:
        return Moment(revision.at, "review", "Opened", checkpoint.requester_label)
    title = f"Amended: version {revision.version}"
    return Moment(revision.at, "amended", title, revision.editor_label, revision.comment)


def _noticed(notice: Notice) -> Moment:
    return Moment(notice.at, "pending", f"{notice.get_kind_display()} left in the outbox")
