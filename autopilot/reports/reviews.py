"""Who amended and decided a checkpoint, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from autopilot.models import AuditEntry, Checkpoint, CheckpointComment, CheckpointRevision, Notice
from autopilot.reports.moments import Moment, decided

MOST_HANDED = 100
HANDED = {
    "autopilot.checkpoint.claimed": "Taken in hand",
    "autopilot.checkpoint.released": "Taken back from {held_by}",
    "autopilot.checkpoint.assigned": "Given to {to}",
}


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
    """Return who opened, amended, decided and had a checkpoint, what was said and who was reminded, oldest first."""
    moments = [_revised(checkpoint, each) for each in checkpoint.revisions.defer("payload", "diff")]
    moments += decided(checkpoint.decisions.select_related("on_behalf_of"))
    moments += [_said(each) for each in checkpoint.comments.all()]
    moments += [_noticed(each) for each in checkpoint.notices.all()]
    return sorted(moments + _handed(checkpoint), key=lambda moment: moment.at)


def pending_reviews() -> int:
    """Return how many checkpoints wait for a person."""
    return Checkpoint.objects.pending().count()


def wish_for_changes(checkpoint: Checkpoint) -> CheckpointComment | None:
    """Return what a reviewer wants changed in the version as it stands; None if nobody does."""
    if not checkpoint.is_pending or checkpoint.changes_asked_version != checkpoint.payload_version:
        return None
    wishes = checkpoint.comments.filter(kind=CheckpointComment.Kind.CHANGES)
    return wishes.filter(payload_version=checkpoint.payload_version).last()


def _revised(checkpoint: Checkpoint, revision: CheckpointRevision) -> Moment:
    if revision.version == 1:
        return Moment(revision.at, "review", "Opened", checkpoint.requester_label)
    title = f"Amended: version {revision.version}"
    return Moment(revision.at, "amended", title, revision.editor_label, revision.comment)


def _said(comment: CheckpointComment) -> Moment:
    if comment.kind == CheckpointComment.Kind.CHANGES:
        title = f"Asked for changes to version {comment.payload_version}"
        return Moment(comment.at, "changes", title, comment.author_label, comment.text)
    return Moment(comment.at, "comment", "Comment", comment.author_label, comment.text)


def _handed(checkpoint: Checkpoint) -> list[Moment]:
    """Return who took a checkpoint in hand, put it back, or gave it to whom."""
    about = AuditEntry.objects.filter(subject_type=checkpoint._meta.label, subject_id=str(checkpoint.pk))
    entries = [entry for entry in about.order_by("id")[:MOST_HANDED] if entry.name in HANDED]
    named = {entry.data.get(key) for entry in entries for key in ("to", "held_by")} - {None}
    people = User.objects.in_bulk(named) if named else {}
    return [_handing(entry, people) for entry in entries]


def _handing(entry: AuditEntry, people: Mapping[int, User]) -> Moment:
    to, held_by = (people.get(entry.data.get(key, 0)) for key in ("to", "held_by"))
    title = HANDED[entry.name].format(to=to or "somebody", held_by=held_by or "somebody")
    if entry.name.endswith("released") and entry.data.get("held_by") == entry.actor_id:
        title = "Put back"
    return Moment(entry.at, "noted", title, entry.actor_label, entry.data.get("reason", ""))


def _noticed(notice: Notice) -> Moment:
    return Moment(notice.at, "pending", f"{notice.get_kind_display()} left in the outbox")
