"""One reviewer stands in for another: for a time, for the other's groups, and never past four eyes."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from autopilot import clock, delegations
from autopilot.engine import amend, claim, decide, may_review
from autopilot.engine.reviewers import possible_reviewers
from autopilot.exceptions import AlreadyDecided, AssignmentRefused, DelegationRefused, FourEyes, NotAllowed
from autopilot.models import AuditEntry, Decision, Delegation
from tests.autopilot.engine.packets import DAY, asked, lent, stored
from tests.autopilot.engine.people import fresh, group_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(reviewers):
    """A person who decides elsewhere, but not here."""
    return person("dora", group_of("Finance", "decide_checkpoint"))


@pytest.fixture
def clerk(dora):
    """A person of no group of reviewers, whom reviews can be delegated to."""
    return person("clerk", group_of("Desk", "decide_checkpoint", "add_delegation"))


def allow(user, codename):
    """Give a person a permission; returns the person as a new request sees them."""
    user.user_permissions.add(Permission.objects.get(codename=codename))
    return fresh(user)


def create(by, delegator, delegate, **how):
    """Make a delegation for tomorrow."""
    now = clock.now()
    options: dict[str, Any] = {"starts_at": now, "ends_at": now + DAY, "reason": "On leave."} | how
    return delegations.create(by=by, delegator=delegator, delegate=delegate, **options)


def test_the_delegate_decides_and_it_is_told_in_whose_place(alice, bob, dora):
    checkpoint = asked(alice)
    lent(bob, dora)

    decision = decide(checkpoint.pk, actor=dora, verdict="approve", version=1)

    assert (decision.actor, decision.on_behalf_of) == (dora, bob)
    assert stored(checkpoint).status == "approved"


def test_who_may_alone_decides_in_nobodys_place(alice, bob, carol):
    checkpoint = asked(alice)
    lent(bob, carol)

    assert decide(checkpoint.pk, actor=carol, verdict="approve", version=1).on_behalf_of is None


@pytest.mark.parametrize("begins", [timedelta(hours=1), -3 * DAY, -2 * DAY])
def test_it_does_not_hold_before_it_begins_nor_from_its_end_on(alice, bob, dora, begins):
    checkpoint = asked(alice)
    lent(bob, dora, begins=begins)

    with pytest.raises(NotAllowed):
        decide(checkpoint.pk, actor=dora, verdict="approve", version=1)

    assert not Decision.objects.exists()


def test_it_begins_and_ends_to_the_moment(alice, bob, dora):
    checkpoint = asked(alice)
    lent(bob, dora, begins=DAY, lasts=DAY)

    found = []
    for hours in (23, 25, 47, 49):
        with clock.moved(timedelta(hours=hours)):
            found.append(may_review(checkpoint, fresh(dora)))

    assert found == [False, True, True, False]


def test_it_ends_at_once_when_it_is_ended(alice, bob, dora):
    checkpoint, delegation = asked(alice), lent(bob, dora)
    assert may_review(checkpoint, fresh(dora))

    delegations.end(delegation, by=dora, reason="Back again.")

    assert not may_review(checkpoint, fresh(dora))
    assert Delegation.objects.count() == 1


@pytest.mark.parametrize("lost", ["active", "groups", "permission"])
def test_it_lends_nothing_that_the_delegator_has_lost(alice, bob, dora, reviewers, lost):
    checkpoint = asked(alice)
    lent(bob, dora)

    if lost == "active":
        bob.is_active = False
        bob.save()
    elif lost == "groups":
        bob.groups.clear()
    else:
        reviewers.permissions.clear()

    assert not may_review(checkpoint, fresh(dora))


def test_it_needs_the_delegates_own_permission_to_decide(alice, bob, stranger):
    checkpoint = asked(alice)
    lent(bob, stranger)

    assert not may_review(checkpoint, stranger)


def test_it_passes_nothing_on_that_was_lent(alice, bob, dora, clerk):
    checkpoint = asked(alice)
    lent(bob, dora)
    lent(dora, clerk)

    assert may_review(checkpoint, fresh(dora))
    assert not may_review(checkpoint, fresh(clerk))


def test_it_lends_groups_and_not_the_power_of_a_superuser(alice, dora):
    lent(person("root"), dora)
    root = Delegation.objects.get().delegator
    root.is_superuser = True
    root.save()

    assert not may_review(asked(alice), dora)


def test_it_does_not_count_for_what_the_delegator_asked_for(bob, dora):
    checkpoint = asked(bob)
    lent(bob, dora)

    with pytest.raises(NotAllowed):
        decide(checkpoint.pk, actor=dora, verdict="approve", version=1)


def test_it_does_not_count_for_what_the_delegator_edited_last(alice, bob, dora):
    checkpoint = asked(alice)
    lent(bob, dora)
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})

    with pytest.raises(NotAllowed):
        decide(checkpoint.pk, actor=dora, verdict="approve", version=2)


def test_it_counts_through_another_delegator_all_the_same(alice, bob, carol, dora):
    checkpoint = asked(alice)
    lent(bob, dora)
    lent(carol, dora)
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})

    assert decide(checkpoint.pk, actor=dora, verdict="approve", version=2).on_behalf_of == carol


def test_the_delegate_does_not_decide_what_the_delegate_asked_for(bob, dora):
    checkpoint = asked(dora)
    lent(bob, dora)

    with pytest.raises(FourEyes):
        decide(checkpoint.pk, actor=dora, verdict="approve", version=1)


def test_both_together_are_one_of_a_quorum(alice, bob, carol, dora, clerk):
    checkpoint = asked(alice, quorum=2)
    lent(bob, dora)
    lent(bob, clerk)
    decide(checkpoint.pk, actor=dora, verdict="approve", version=1)

    with pytest.raises(AlreadyDecided, match="in your place"):
        decide(checkpoint.pk, actor=bob, verdict="approve", version=1)
    with pytest.raises(NotAllowed):
        decide(checkpoint.pk, actor=clerk, verdict="approve", version=1)
    assert stored(checkpoint).is_pending
    decide(checkpoint.pk, actor=carol, verdict="approve", version=1)

    assert stored(checkpoint).status == "approved"


def test_it_lets_the_delegate_take_it_in_hand_and_be_found(alice, bob, dora):
    checkpoint = asked(alice)
    lent(bob, dora)

    claim(checkpoint.pk, actor=dora)

    assert stored(checkpoint).assignee == dora
    assert set(possible_reviewers(checkpoint)) == {bob, dora}


def test_it_finds_who_may_decide_and_nobody_else(alice, bob, carol, dora, stranger):
    checkpoint = asked(alice)
    lent(alice, dora)
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})

    found = set(possible_reviewers(stored(checkpoint)))

    assert found == {carol}
    for nobody in (alice, bob, dora, stranger):
        with pytest.raises((NotAllowed, FourEyes, AssignmentRefused)):
            claim(checkpoint.pk, actor=nobody)


# --- making and ending one --------------------------------------------------------------------------------------------


def test_it_is_made_for_oneself_and_audited_without_names(bob, dora):
    delegation = create(allow(bob, "add_delegation"), bob, dora, reason=" On leave. ")

    assert (delegation.delegator, delegation.delegate, delegation.created_by) == (bob, dora, bob)
    entry = AuditEntry.objects.get(name="autopilot.delegation.created")
    assert (entry.actor, entry.data["delegate"], entry.data["reason"]) == (bob, dora.pk, "On leave.")


def test_it_is_made_for_others_by_who_manages_them_alone(bob, carol, dora, stranger):
    with pytest.raises(DelegationRefused, match="You may not"):
        create(allow(carol, "add_delegation"), bob, dora)
    bench = person("bench", group_of("Bench", "decide_checkpoint"))
    with pytest.raises(DelegationRefused, match="You may not"):
        create(bench, bench, dora)

    assert create(allow(stranger, "manage_delegation"), bob, dora).created_by == stranger


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"ends_at": timedelta(0)}, "ends"),
        ({"starts_at": -2 * DAY, "ends_at": -DAY}, "ends"),
        ({"ends_at": timedelta(days=367)}, "ends"),
    ],
)
def test_it_is_refused_where_it_does_not_fit(bob, dora, wrong, field):
    now = clock.now()
    how = {name: now + value if isinstance(value, timedelta) else value for name, value in wrong.items()}

    with pytest.raises(DelegationRefused) as refused:
        create(allow(bob, "add_delegation"), bob, dora, **({"starts_at": now} | how))

    assert refused.value.field == field
    assert not Delegation.objects.exists()


def test_it_is_refused_for_people_who_could_not(bob, dora, stranger):
    boss = allow(person("boss"), "manage_delegation")

    for delegator, delegate, field in (
        (bob, bob, "delegate"),
        (bob, stranger, "delegate"),
        (stranger, bob, "delegator"),
    ):
        with pytest.raises(DelegationRefused) as refused:
            create(boss, delegator, delegate)
        assert refused.value.field == field


def test_one_that_has_not_begun_is_withdrawn_whole(bob, dora):
    delegation = lent(bob, dora, begins=DAY)

    delegations.end(delegation, by=bob, reason="Staying.")

    assert not Delegation.objects.exists()
    told = AuditEntry.objects.get().data
    assert (told["reason"], told["delegator"], told["delegate"]) == ("Staying.", bob.pk, dora.pk)


def test_it_is_ended_once_and_not_by_strangers(bob, carol, dora):
    delegation = lent(bob, dora)

    with pytest.raises(DelegationRefused, match="You may not"):
        delegations.end(delegation, by=carol, reason="x")
    with pytest.raises(DelegationRefused, match="Say why"):
        delegations.end(delegation, by=bob, reason="")
    delegations.end(delegation, by=bob, reason="Back.")
    with pytest.raises(DelegationRefused, match="over already"):
        delegations.end(delegation, by=bob, reason="Back.")

    assert AuditEntry.objects.filter(name="autopilot.delegation.ended").count() == 1
