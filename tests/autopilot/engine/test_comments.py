"""What people say without deciding: remarks for everybody, and changes asked for, which bar from approving."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import IntegrityError, transaction

from autopilot import outbox
from autopilot.engine import amend, ask_for_changes, comment, decide
from autopilot.exceptions import (
    AlreadyDecided,
    AutopilotError,
    ChangesAsked,
    FormInvalid,
    FourEyes,
    NotAllowed,
    StaleVersion,
)
from autopilot.models import CheckpointComment, Decision, OutboxMessage
from tests.autopilot.engine.packets import asked, stored
from tests.autopilot.engine.people import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _view(reviewers):
    reviewers.permissions.add(Permission.objects.get(codename="view_checkpoint"))


def test_it_keeps_what_somebody_says_of_which_version(alice, bob):
    checkpoint = asked(alice)

    said = comment(checkpoint.pk, actor=bob, text=" Called them.\0 ")

    assert (said.author, said.author_label, said.kind, said.payload_version) == (bob, "bob", "remark", 1)
    assert said.text == "Called them.\ufffd"


def test_it_lets_who_asked_and_who_edited_speak_even_when_all_is_decided(alice, bob, carol):
    checkpoint = asked(alice)
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})
    decide(checkpoint.pk, actor=carol, verdict="approve", version=2)

    for speaker in (alice, bob):
        comment(checkpoint.pk, actor=speaker, text="Thank you.")

    assert CheckpointComment.objects.filter(payload_version=2).count() == 2


@pytest.mark.parametrize("lacking", ["view_checkpoint", "decide_checkpoint"])
def test_it_is_not_for_who_may_not_view_or_not_decide(alice, bob, reviewers, lacking):
    checkpoint = asked(alice)
    reviewers.permissions.remove(Permission.objects.get(codename=lacking))

    with pytest.raises(NotAllowed):
        comment(checkpoint.pk, actor=fresh(bob), text="x")

    assert not CheckpointComment.objects.exists()


@pytest.mark.parametrize("text", ["", " \n ", "x" * 4001])
def test_it_refuses_a_text_that_is_none_or_too_long(alice, bob, text):
    checkpoint = asked(alice)

    for say in (
        lambda: comment(checkpoint.pk, actor=bob, text=text),
        lambda: ask_for_changes(checkpoint.pk, actor=bob, version=1, text=text),
    ):
        with pytest.raises(FormInvalid) as refused:
            say()
        assert list(refused.value.errors) == ["text"]

    assert stored(checkpoint).changes_asked_version is None


def test_it_is_never_changed(alice, bob):
    comment(asked(alice).pk, actor=bob, text="x")

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        CheckpointComment.objects.update(text="y")


def test_nobody_else_approves_a_version_that_was_sent_back(alice, bob, carol):
    checkpoint = asked(alice)

    ask_for_changes(checkpoint.pk, actor=bob, version=1, text="The amount is wrong.")

    with pytest.raises(ChangesAsked) as refused:
        decide(checkpoint.pk, actor=carol, verdict="approve", version=1)
    assert refused.value.code == "changes_asked"
    assert stored(checkpoint).is_pending
    assert not Decision.objects.exists()


@pytest.mark.parametrize(("who", "verdict"), [("bob", "approve"), ("carol", "reject")])
def test_who_asked_may_approve_it_and_everybody_reject_it(alice, bob, carol, who, verdict):
    checkpoint = asked(alice)
    ask_for_changes(checkpoint.pk, actor=bob, version=1, text="Why so much?")

    decide(checkpoint.pk, actor={"bob": bob, "carol": carol}[who], verdict=verdict, version=1, comment="Because.")

    assert not stored(checkpoint).is_pending


def test_a_new_version_answers_it(alice, bob, carol):
    checkpoint = asked(alice)
    ask_for_changes(checkpoint.pk, actor=bob, version=1, text="The amount is wrong.")

    amend(checkpoint.pk, actor=carol, version=1, edits={"amount": 2})
    decide(checkpoint.pk, actor=bob, verdict="approve", version=2)

    assert stored(checkpoint).status == "approved"


def test_who_asked_takes_it_back_by_approving(alice, bob, carol):
    checkpoint = asked(alice, quorum=2)
    ask_for_changes(checkpoint.pk, actor=bob, version=1, text="Why so much?")

    decide(checkpoint.pk, actor=bob, verdict="approve", version=1)
    decide(checkpoint.pk, actor=carol, verdict="approve", version=1)

    assert stored(checkpoint).status == "approved"


def test_it_is_for_who_could_decide_the_version_at_hand_alone(alice, bob, carol, stranger):
    checkpoint = asked(alice)
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})

    for actor, version, refusal in (
        (stranger, 2, NotAllowed),
        (alice, 2, FourEyes),
        (bob, 2, FourEyes),
        (carol, 1, StaleVersion),
    ):
        with pytest.raises(refusal):
            ask_for_changes(checkpoint.pk, actor=actor, version=version, text="x")
    decide(checkpoint.pk, actor=carol, verdict="approve", version=2)
    with pytest.raises(AlreadyDecided):
        ask_for_changes(checkpoint.pk, actor=carol, version=2, text="x")

    assert not CheckpointComment.objects.exists()


def test_it_is_not_asked_of_what_nobody_could_amend(alice, bob):
    checkpoint = asked(alice, form="")

    with pytest.raises(FormInvalid, match="approve or reject"):
        ask_for_changes(checkpoint.pk, actor=bob, version=1, text="x")


def test_it_tells_who_asked_for_the_job_and_nobody_else(alice, bob, carol):
    checkpoint = asked(alice)
    OutboxMessage.objects.all().delete()

    said = ask_for_changes(checkpoint.pk, actor=bob, version=1, text="The amount is wrong.")

    assert OutboxMessage.objects.get().references == {"comment_id": said.pk}
    assert outbox.deliver_due(9) == 1
    assert mail.outbox[-1].bcc == ["alice@example.org"]
    assert "The amount is wrong." in mail.outbox[-1].body


def test_it_tells_nobody_where_there_is_nobody(bob):
    checkpoint = asked(None)
    OutboxMessage.objects.all().delete()

    ask_for_changes(checkpoint.pk, actor=bob, version=1, text="x")

    assert not OutboxMessage.objects.exists()


def test_what_is_refused_is_a_refusal_every_door_knows():
    assert issubclass(ChangesAsked, AutopilotError)
