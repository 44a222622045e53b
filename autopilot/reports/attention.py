"""How much there is that needs one person's attention: what the navigation shows beside its links."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery

from autopilot import clock
from autopilot.models import Checkpoint, Delegation, Portal, Submission
from autopilot.reports.alerts import failed_since, given_up_since
from autopilot.reports.figures import kept
from autopilot.submissions.lines import MOST_FAILURES

MOST = 99
FRESH_SECONDS = 5
DAY = timedelta(days=1)


class Counted(Subquery):
    """The number of rows of a query, which may itself be cut off."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def attention(person: User, subjects: Collection[str]) -> dict[str, int]:
    """Return, by the name of the model, how many rows wait for a person's attention, counted to one more than 99.

    `subjects` are the models this person may see. All are counted in one statement, and kept for five seconds.
    """
    found = kept(f"attention.{person.pk}", FRESH_SECONDS, lambda: _count(person))
    return {subject: count for subject, count in found.items() if subject in subjects and count}


def decidable_by(person: User) -> QuerySet[Checkpoint]:
    """Return the pending checkpoints that wait for a person: for groups whose reviews are theirs, and not their own.

    What names no group waits for nobody in particular; to look for it would read every checkpoint there is.
    """
    pending = Checkpoint.objects.pending()
    if not person.has_perm("autopilot.decide_checkpoint"):
        return pending.none()
    others = pending.exclude(requester=person).exclude(last_editor=person)
    return others if person.is_superuser else others.filter(_is_for(person))


def _is_for(person: User) -> Q:
    """Return whether a checkpoint is for a person's groups, or for those of somebody they stand in for."""
    represented = Delegation.objects.active(clock.now()).filter(delegate=person).values("delegator")
    groups = Group.objects.filter(Q(user=person) | Q(user__in=represented)).values("pk")
    named = Checkpoint.reviewers.through.objects.filter(checkpoint=OuterRef("pk"))
    return Q(Exists(named.filter(group__in=groups)))


def _count(person: User) -> dict[str, int]:
    counted = {name: Counted(_cut(rows)) for name, rows in _queries(person).items()}
    return dict(zip(counted, User.objects.filter(pk=person.pk).values_list(*counted.values())[0], strict=True))


def _queries(person: User) -> dict[str, QuerySet[Any]]:
    yesterday = clock.now() - DAY
    awaited = Submission.objects.filter(status=Submission.Status.AWAITING_MANUAL)
    return {
        "Checkpoint": decidable_by(person),
        "Submission": awaited,
        "Job": failed_since(yesterday),
        "OutboxMessage": given_up_since(yesterday),
        "Portal": Portal.objects.filter(failures__gte=MOST_FAILURES),
    }


def _cut(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    return rows.order_by().values("pk")[: MOST + 1]
