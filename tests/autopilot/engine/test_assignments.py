"""Who has a checkpoint in hand: taken, put back, given; a courtesy that keeps nobody from deciding."""

import threading
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail

from autopilot import outbox
from autopilot.engine import amend, assign, claim, decide, release_claim
from autopilot.exceptions import AlreadyDecided, AssignmentRefused, FourEyes, NotAllowed
from autopilot.models import AuditEntry, Checkpoint, OutboxMessage
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.packets import asked, stored
from tests.autopilot.engine.people import fresh, group_of, person
from tests.autopilot.engine.test_at_once import waiting

pytestmark = pytest.mark.django_db
ASSIGNED = "autopilot.checkpoint.assigned"
CLAIMS = 40


@pytest.fixture
def boss(db):
    """A person who assigns, and decides nothing."""
    boss = person("boss")
    boss.user_permissions.add(Permission.objects.get(codename="assign_checkpoint"))
    return boss


def deeds() -> list[tuple[Any, ...]]:
    """Return what the audit tells, oldest first: name, who, data."""
    return list(AuditEntry.objects.order_by("pk").values_list("name", "actor_label", "data"))


def test_it_is_taken_in_hand(alice, bob):
    checkpoint = asked(alice)

    claim(checkpoint.pk, actor=bob)

    assert stored(checkpoint).assignee == bob
    assert stored(checkpoint).assigned_at is not None
    assert deeds() == [("autopilot.checkpoint.claimed", "bob", {})]


def test_it_stays_with_who_claims_it_again(alice, bob):
    checkpoint = asked(alice)
    claim(checkpoint.pk, actor=bob)
    since = stored(checkpoint).assigned_at

    claim(checkpoint.pk, actor=bob)

    assert stored(checkpoint).assigned_at == since
    assert len(deeds()) == 1


def test_it_is_not_taken_from_who_has_it(alice, bob, carol):
    checkpoint = asked(alice)
    claim(checkpoint.pk, actor=bob)

    with pytest.raises(AssignmentRefused, match="bob has it already"):
        claim(checkpoint.pk, actor=carol)

    assert stored(checkpoint).assignee == bob


def test_it_keeps_nobody_from_deciding(alice, bob, carol):
    checkpoint = asked(alice)
    claim(checkpoint.pk, actor=bob)

    decide(checkpoint.pk, actor=carol, verdict="approve", version=1)

    assert stored(checkpoint).status == "approved"


def test_it_is_not_for_who_could_not_decide(alice, bob, carol, stranger):
    checkpoint = asked(alice)
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})

    for actor, refusal in ((alice, FourEyes), (bob, FourEyes), (stranger, NotAllowed)):
        with pytest.raises(refusal):
            claim(checkpoint.pk, actor=actor)

    assert stored(checkpoint).assignee is None


def test_it_is_not_taken_once_it_is_decided(alice, bob, carol):
    checkpoint = asked(alice)
    decide(checkpoint.pk, actor=bob, verdict="approve", version=1)

    with pytest.raises(AlreadyDecided):
        claim(checkpoint.pk, actor=carol)


def test_it_is_put_back(alice, bob):
    checkpoint = asked(alice)
    claim(checkpoint.pk, actor=bob)

    release_claim(checkpoint.pk, actor=bob)

    assert (stored(checkpoint).assignee, stored(checkpoint).assigned_at) == (None, None)
    assert deeds()[-1] == ("autopilot.checkpoint.released", "bob", {"held_by": bob.pk, "reason": ""})


def test_it_is_put_back_for_another_by_who_assigns_and_with_a_reason(alice, bob, carol, boss):
    checkpoint = asked(alice)
    claim(checkpoint.pk, actor=bob)

    with pytest.raises(NotAllowed):
        release_claim(checkpoint.pk, actor=carol, reason="Slow.")
    with pytest.raises(AssignmentRefused, match="Say why"):
        release_claim(checkpoint.pk, actor=boss, reason=" ")
    release_claim(checkpoint.pk, actor=boss, reason="On leave.")

    assert stored(checkpoint).assignee is None
    assert deeds()[-1][1:] == ("boss", {"held_by": bob.pk, "reason": "On leave."})


def test_it_cannot_be_put_back_by_who_does_not_have_it(alice, bob):
    with pytest.raises(AssignmentRefused, match="Nobody has it"):
        release_claim(asked(alice).pk, actor=bob)


def test_it_is_given_with_a_reason_and_told_by_mail_by_id_alone(alice, bob, boss):
    checkpoint = asked(alice)
    OutboxMessage.objects.all().delete()

    assign(checkpoint.pk, actor=boss, to=bob, reason=" Knows the school. ")

    message = OutboxMessage.objects.get()
    assert (message.topic, message.references) == (
        ASSIGNED,
        {"checkpoint_id": str(checkpoint.pk), "assignee_id": bob.pk},
    )
    assert outbox.deliver_due(9) == 1
    assert mail.outbox[-1].bcc == ["bob@example.org"]
    assert mail.outbox[-1].subject == "Given to you: Fine?"
    assert deeds() == [(ASSIGNED, "boss", {"to": bob.pk, "held_by": None, "reason": "Knows the school."})]


def test_it_tells_nobody_who_has_it_no_longer(alice, bob, carol, boss):
    checkpoint = asked(alice)
    OutboxMessage.objects.all().delete()
    assign(checkpoint.pk, actor=boss, to=bob, reason="x")
    assign(checkpoint.pk, actor=boss, to=carol, reason="y", held_by=bob.pk)

    outbox.deliver_due(9)

    assert [each.bcc for each in mail.outbox] == [["carol@example.org"]]


def test_it_tells_nobody_what_they_gave_themselves(alice, bob):
    bob.user_permissions.add(Permission.objects.get(codename="assign_checkpoint"))
    checkpoint = asked(alice)
    OutboxMessage.objects.all().delete()

    assign(checkpoint.pk, actor=fresh(bob), to=bob, reason="Mine.")

    assert not OutboxMessage.objects.exists()


def test_it_is_given_by_who_may_assign_alone(alice, bob, carol):
    checkpoint = asked(alice)

    with pytest.raises(NotAllowed):
        assign(checkpoint.pk, actor=carol, to=bob, reason="x")

    assert stored(checkpoint).assignee is None


@pytest.mark.parametrize("reason", ["", " \n", "x" * 201])
def test_it_is_not_given_without_a_reason_that_fits(alice, bob, boss, reason):
    with pytest.raises(AssignmentRefused):
        assign(asked(alice).pk, actor=boss, to=bob, reason=reason)


def test_it_is_not_given_to_who_could_not_decide(alice, bob, boss, stranger, reviewers):
    checkpoint = asked(alice)
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})
    off_duty = person("former", reviewers)
    off_duty.is_active = False
    off_duty.save()

    for nobody in (alice, bob, stranger, off_duty):
        with pytest.raises(AssignmentRefused, match="could not decide this"):
            assign(checkpoint.pk, actor=boss, to=nobody, reason="x")

    assert stored(checkpoint).assignee is None


def test_it_is_not_given_over_the_head_of_who_got_it_meanwhile(alice, bob, carol, boss):
    checkpoint = asked(alice)
    claim(checkpoint.pk, actor=bob)

    with pytest.raises(AssignmentRefused, match="bob has it now"):
        assign(checkpoint.pk, actor=boss, to=carol, reason="x", held_by=None)

    assert stored(checkpoint).assignee == bob


def test_it_is_free_again_once_who_has_it_edits_it(alice, bob):
    checkpoint = asked(alice)
    claim(checkpoint.pk, actor=bob)

    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})

    assert stored(checkpoint).assignee is None


def test_of_two_who_claim_it_at_once_one_gets_it(shared_database):
    reviewers = group_of("Reviewer", "decide_checkpoint")
    bob, carol = person("bob", reviewers), person("carol", reviewers)
    checkpoints = waiting(CLAIMS, None)
    barrier = threading.Barrier(2)

    def claimer(actor):
        def act() -> list[bool]:
            return [_claimed(barrier, checkpoint, actor) for checkpoint in checkpoints]

        return act

    by_bob, by_carol = at_once(claimer(bob), claimer(carol))

    assert [one + other for one, other in zip(by_bob, by_carol, strict=True)] == [1] * CLAIMS
    assert AuditEntry.objects.filter(name="autopilot.checkpoint.claimed").count() == CLAIMS
    assert not Checkpoint.objects.filter(assignee=None).exists()


def test_a_claim_and_a_decision_at_once_leave_one_decision(shared_database):
    reviewers = group_of("Reviewer", "decide_checkpoint")
    bob, carol = person("bob", reviewers), person("carol", reviewers)

    for checkpoint in waiting(10, None):
        at_once(
            partial(claim, checkpoint.pk, actor=bob),
            partial(decide, checkpoint.pk, actor=carol, verdict="approve", version=1),
        )

    assert set(Checkpoint.objects.values_list("status", flat=True)) == {"approved"}


def _claimed(barrier: threading.Barrier, checkpoint: Checkpoint, actor) -> bool:
    barrier.wait(20)
    try:
        claim(checkpoint.pk, actor=actor)
    except AssignmentRefused:
        return False
    return True
