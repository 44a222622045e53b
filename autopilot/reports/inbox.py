"""The inbox of reviewers: its tabs, the order of each, and what its rows tell beside themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from autopilot import clock, tenants
from autopilot.engine.reviewers import Reviewer
from autopilot.models import Checkpoint, CheckpointComment, CheckpointRevision

Rows = QuerySet[Checkpoint]


@dataclass(frozen=True)
class Tab:
    """A part of the inbox, and the field it is ordered by: with a minus the newest first."""

    name: str
    label: str
    order: str = "created_at"

    @property
    def ordering(self) -> tuple[str, str]:
        """The order as Django writes it."""
        return (self.order, "-id" if self.order.startswith("-") else "id")


WAITING = Tab("", "All that waits")
TABS = {
    tab.name: tab
    for tab in (
        WAITING,
        Tab("mine", "Mine"),
        Tab("groups", "My groups"),
        Tab("overdue", "Overdue", "due_at"),
        Tab("decided", "Decided", "-created_at"),
        Tab("all", "Everything", "-created_at"),
    )
}


@dataclass(frozen=True)
class Told:
    """What a row of the inbox tells beside itself: its organization, what its last version changed, how many comments."""

    organization: str
    changes: list[dict[str, Any]] = field(default_factory=list)
    comments: int = 0


def inbox(tab: Tab, person: User, rows: Rows | None = None) -> Rows:
    """Return the checkpoints of a tab as one person sees it, in no order; of `rows`, if they are given."""
    found = Checkpoint.objects.all() if rows is None else rows
    if tab.name == "all":
        return found
    if tab.name == "decided":
        return found.exclude(status=Checkpoint.Status.PENDING)
    pending = found.filter(status=Checkpoint.Status.PENDING)
    if tab.name == "mine":
        return pending.filter(assignee=person)
    if tab.name == "overdue":
        return pending.filter(due_at__lte=clock.now())
    return _of_groups(pending, person) if tab.name == "groups" else pending


def neighbors(
    checkpoint: Checkpoint, tab: Tab, person: User, kind: str = ""
) -> tuple[Checkpoint | None, Checkpoint | None]:
    """Return the checkpoints before and after one in the order of a tab, also when it is not in the tab any more."""
    rows = inbox(tab, person).only("id", "title")
    rows = rows.filter(kind=kind) if kind else rows
    falling = tab.order.startswith("-")
    return _nearest(rows, checkpoint, tab, upward=falling), _nearest(rows, checkpoint, tab, upward=not falling)


def tell(rows: Sequence[Checkpoint]) -> dict[UUID, Told]:
    """Return what each row tells beside itself, in three statements for all of them."""
    names = tenants.names_of({row.tenant_id for row in rows})
    counts = CheckpointComment.objects.filter(checkpoint__in=[row.pk for row in rows]).order_by().values("checkpoint")
    comments = dict(counts.annotate(count=Count("pk")).values_list("checkpoint", "count"))
    amended = [row.pk for row in rows if row.payload_version > 1]
    latest = CheckpointRevision.objects.filter(checkpoint__in=amended, version=F("checkpoint__payload_version"))
    changes = dict(latest.order_by().values_list("checkpoint", "diff")) if amended else {}
    return {row.pk: Told(names[row.tenant_id], changes.get(row.pk, []), comments.get(row.pk, 0)) for row in rows}


def _of_groups(rows: Rows, person: User) -> Rows:
    if person.is_superuser:
        return rows
    # Those that name no group are for anybody, and so among all that waits: to ask for what is not there takes as long
    # as there are rows.
    named = Checkpoint.reviewers.through.objects.filter(checkpoint=OuterRef("pk"))
    return rows.filter(Exists(named.filter(group__in=Reviewer(person).all_groups)))


def _nearest(rows: Rows, checkpoint: Checkpoint, tab: Tab, *, upward: bool) -> Checkpoint | None:
    name, sign, beyond = tab.order.lstrip("-"), "" if upward else "-", "gt" if upward else "lt"
    value = getattr(checkpoint, name)
    if value is None:  # it was never in a tab of this order
        return rows.order_by(name, "id").first() if upward else None
    # The first condition lets the index begin where the row stands; the second passes those of the same moment.
    further = Q(**{f"{name}__{beyond}": value}) | Q(**{f"id__{beyond}": checkpoint.pk})
    return rows.filter(further, **{f"{name}__{beyond}e": value}).order_by(f"{sign}{name}", f"{sign}id").first()
