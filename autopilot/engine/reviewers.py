"""Who may review a checkpoint: by a group of one's own, or for a time in another reviewer's place."""

from collections.abc import Iterable
from functools import cached_property

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet

from autopilot import clock
from autopilot.models.checkpoints import Checkpoint, Decision, Delegation

DECIDE = "autopilot.decide_checkpoint"
# Permissions are Django's own, whichever backend has signed a person in.
PERMISSIONS = "django.contrib.auth.backends.ModelBackend"


class Reviewer:
    """A person as a reviewer, for the length of one request: rights are read once, when they are first asked for."""

    def __init__(self, person: User | AnonymousUser) -> None:
        self.person = person

    @cached_property
    def may_decide(self) -> bool:
        """Whether the person may decide anything at all."""
        person = self.person
        return person.is_authenticated and person.is_active and person.has_perm(DECIDE)

    @cached_property
    def groups(self) -> frozenset[int]:
        """The person's own groups."""
        return frozenset(self.person.groups.values_list("pk", flat=True))

    @cached_property
    def lent(self) -> dict[int, frozenset[int]]:
        """The groups of those in whose place the person may review now, by the key of whose they are.

        Only groups of their own, never what was lent to them; and only while they may decide themselves.
        """
        active = Delegation.objects.active(clock.now()).filter(delegate_id=self.person.pk)
        lenders = list(active.values_list("delegator_id", flat=True))
        return _groups_of(lenders) if lenders else {}

    @property
    def all_groups(self) -> frozenset[int]:
        """The groups whose checkpoints are the person's, by right or by delegation."""
        return self.groups.union(*self.lent.values())

    def reviews(self, checkpoint: Checkpoint) -> bool:
        """Return whether the person may decide checkpoints like this one, whoever asked for it."""
        return self.may_decide and (self.is_own(checkpoint) or self.stands_in_for(checkpoint) is not None)

    def is_own(self, checkpoint: Checkpoint) -> bool:
        """Return whether a checkpoint is the person's to review without any delegation."""
        groups = _groups(checkpoint)
        return self.person.is_superuser or not groups or not groups.isdisjoint(self.groups)

    def stands_in_for(self, checkpoint: Checkpoint) -> int | None:
        """Return the key of whose delegation lets the person review a checkpoint; None if no delegation does.

        It counts as if the delegator acted: not for what the delegator requested, edited last or has voted on.
        """
        groups = _groups(checkpoint)
        lenders = [lender for lender, lent in sorted(self.lent.items()) if not groups.isdisjoint(lent)]
        barred = {checkpoint.requester_id, checkpoint.last_editor_id} | (_voters(checkpoint) if lenders else set())
        return next((lender for lender in lenders if lender not in barred), None)


def may_review(checkpoint: Checkpoint, actor: User | AnonymousUser) -> bool:
    """Return whether a person may decide checkpoints like this one at all, whoever asked for it."""
    return Reviewer(actor).reviews(checkpoint)


def vote_of(checkpoint: Checkpoint, person: User | AnonymousUser) -> int | None:
    """Return the key of who voted on the version as it stands, a person or somebody in the person's place; or None."""
    votes = Decision.objects.filter(checkpoint=checkpoint, payload_version=checkpoint.payload_version)
    return votes.filter(Q(actor=person.pk) | Q(on_behalf_of=person.pk)).values_list("actor_id", flat=True).first()


def possible_reviewers(checkpoint: Checkpoint) -> QuerySet[User]:
    """Return who may decide a checkpoint as it stands, by name."""
    able = _second_people(checkpoint)
    if _groups(checkpoint):
        able = able.filter(Q(pk__in=invited_reviewers(checkpoint).values("pk")) | Q(is_superuser=True))
    return able.order_by("username")


def invited_reviewers(checkpoint: Checkpoint) -> QuerySet[User]:
    """Return who is asked to decide a checkpoint: its groups, and who stands in for somebody of them; maybe nobody."""
    groups, able = _groups(checkpoint), _second_people(checkpoint)
    members = able.filter(groups__in=groups)
    standing_in = Delegation.objects.active(clock.now()).filter(delegator__in=members.values("pk")).values("delegate")
    return able.filter(Q(groups__in=groups) | Q(pk__in=standing_in)).distinct()


def able_people() -> QuerySet[User]:
    """Return everybody who may decide anything."""
    return User.objects.with_perm(DECIDE, backend=PERMISSIONS)


def _second_people(checkpoint: Checkpoint) -> QuerySet[User]:
    return able_people().exclude(pk__in=[checkpoint.requester_id or 0, checkpoint.last_editor_id or 0])


def _groups(checkpoint: Checkpoint) -> set[int]:
    return {group.pk for group in checkpoint.reviewers.all()}


def _groups_of(people: Iterable[int]) -> dict[int, frozenset[int]]:
    rows = able_people().filter(pk__in=set(people), groups__isnull=False).values_list("pk", "groups")
    found: dict[int, set[int]] = {}
    for person, group in rows:
        found.setdefault(person, set()).add(group)
    return {person: frozenset(groups) for person, groups in found.items()}


def _voters(checkpoint: Checkpoint) -> set[int | None]:
    votes = Decision.objects.filter(checkpoint=checkpoint, payload_version=checkpoint.payload_version)
    return {key for pair in votes.values_list("actor_id", "on_behalf_of_id") for key in pair if key is not None}
