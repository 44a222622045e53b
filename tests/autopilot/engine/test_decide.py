"""One function takes every decision: who may, on what, in which order it refuses, and what follows."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from autopilot import clock
from autopilot.engine import Origin, amend, decide, may_review, review_form
from autopilot.exceptions import (
    AlreadyDecided,
    ChangesAsked,
    CheckpointExpired,
    DecisionRefused,
    FormInvalid,
    FourEyes,
    NotAllowed,
    StaleVersion,
)
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Decision
from autopilot.sweep import expiry
from autopilot.testing import run_jobs
from tests.autopilot.engine.people import fresh, person
from tests.autopilot.engine.runs import again, run
from tests.autopilot.engine.standing import last_event

pytestmark = pytest.mark.django_db

SCHEMA = {"type": "object", "properties": {"amount": {"type": "integer", "minimum": 1}}, "required": ["amount"]}
WEEK = timedelta(days=7)


@pytest.fixture
def ask(alice):
    """A maker of pending checkpoints of jobs that alice asked for."""
    review_form("test.amount", schema=SCHEMA)

    def make(**options) -> Checkpoint:
        asked = {"title": "Fine?", "payload": {"amount": 1}, "form": "test.amount", "reviewers": "Reviewer"} | options
        job, _ = run(lambda job: job.approval("review", **asked).payload, requested_by=alice)
        return job.checkpoints.get()

    return make


@pytest.fixture
def doubt(alice):
    """A question whether a call happened."""

    def broken():
        raise ConnectionResetError("The connection broke.")

    job, _ = run(lambda job: job.once("submit", broken), requested_by=alice)
    return job.checkpoints.get()


def refusal(checkpoint, actor, verdict="approve", version=1, **more) -> str:
    """Return the code with which a decision is refused; nothing has changed then."""
    before = Checkpoint.objects.filter(pk=checkpoint.pk).values().get()
    decisions = Decision.objects.count()
    with pytest.raises(DecisionRefused) as refused:
        decide(checkpoint.pk, actor=actor, verdict=verdict, version=version, **{"comment": "Because.", **more})
    assert Checkpoint.objects.filter(pk=checkpoint.pk).values().get() == before
    assert Decision.objects.count() == decisions
    return refused.value.code


# --- what a decision does ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verdict", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_it_closes_the_checkpoint_and_wakes_the_job(ask, bob, verdict, status):
    checkpoint = ask()

    decision = decide(checkpoint.pk, actor=bob, verdict=verdict, version=1, comment=" Because. ")

    checkpoint.refresh_from_db()
    assert (checkpoint.status, checkpoint.decided_at) == (status, decision.at)
    assert checkpoint.outcome == {
        "verdict": verdict,
        "by": bob.pk,
        "by_label": "bob",
        "comment": "Because.",
        "data": {},
        "version": 1,
        "digest": checkpoint.payload_digest,
    }
    assert (again(checkpoint.job).status, last_event(checkpoint.job).why) == ("pending", "decision")


def test_it_records_who_decided_what_and_from_where(ask, alice, bob):
    checkpoint = ask()
    bulk_id = uuid7()
    origin = Origin("api", ip="203.0.113.9", user_agent="Browser\0" + "x" * 999, mfa_level="totp", bulk_id=bulk_id)

    decide(checkpoint.pk, actor=bob, verdict="approve", version=1, comment="a\0b", origin=origin)

    decision = Decision.objects.get()
    assert (decision.actor, decision.actor_label, decision.requester, decision.last_editor) == (bob, "bob", alice, None)
    assert (decision.payload_version, decision.payload_digest) == (1, checkpoint.payload_digest)
    assert (decision.verdict, decision.comment, decision.break_glass) == ("approve", "a\ufffdb", False)
    assert (decision.channel, decision.ip, decision.mfa_level, decision.bulk_id) == (
        "api",
        "203.0.113.9",
        "totp",
        bulk_id,
    )
    assert decision.user_agent == "Browser\ufffd" + "x" * 292


# --- who may ----------------------------------------------------------------------------------------------------------


def test_it_refuses_whoever_may_not_review(ask, bob, stranger, reviewers):
    checkpoint = ask()
    inactive = person("inactive", reviewers)
    inactive.is_active = False
    inactive.save()
    outside_the_group = person("outsider")
    outside_the_group.user_permissions.add(Permission.objects.get(codename="decide_checkpoint"))
    in_the_group_without_permission = bob
    reviewers.permissions.clear()

    for actor in (AnonymousUser(), stranger, inactive, outside_the_group, in_the_group_without_permission):
        assert refusal(checkpoint, actor) == "not_allowed"
        assert not may_review(checkpoint, actor)


def test_it_takes_anybody_with_the_permission_where_no_group_is_named(ask, stranger):
    checkpoint = ask(reviewers=())
    stranger.user_permissions.add(Permission.objects.get(codename="decide_checkpoint"))

    assert decide(checkpoint.pk, actor=fresh(stranger), verdict="approve", version=1)


def test_it_takes_a_superuser_of_no_group(ask, stranger):
    checkpoint = ask()
    stranger.is_superuser = True
    stranger.save()

    assert decide(checkpoint.pk, actor=stranger, verdict="approve", version=1)


@pytest.mark.parametrize("superuser", [False, True])
@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_it_refuses_who_asked_for_it_even_a_superuser(ask, alice, superuser, verdict):
    checkpoint = ask()
    alice.is_superuser = superuser
    alice.save()

    assert refusal(checkpoint, alice, verdict) == "four_eyes"


@pytest.mark.parametrize("superuser", [False, True])
def test_it_refuses_who_edited_it_last(ask, bob, carol, superuser):
    checkpoint = ask()
    bob.is_superuser = superuser
    bob.save()
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})

    assert refusal(checkpoint, bob, version=2) == "four_eyes"
    amend(checkpoint.pk, actor=carol, version=2, edits={"amount": 3})
    assert refusal(checkpoint, carol, version=3) == "four_eyes"
    assert decide(checkpoint.pk, actor=bob, verdict="approve", version=3)


# --- on what ----------------------------------------------------------------------------------------------------------


def test_it_refuses_a_decided_checkpoint_and_names_the_winner(ask, bob, carol):
    checkpoint = ask()
    decide(checkpoint.pk, actor=bob, verdict="approve", version=1)

    with pytest.raises(AlreadyDecided, match="already approved by bob"):
        decide(checkpoint.pk, actor=carol, verdict="reject", version=1, comment="No.")


@pytest.mark.parametrize("version", [0, 1, 3])
def test_it_refuses_another_version(ask, bob, carol, version):
    checkpoint = ask()
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})

    assert refusal(checkpoint, carol, version=version) == "stale_version"


def test_it_refuses_what_has_expired_before_the_sweep_comes_by(ask, bob):
    checkpoint = ask(expires="7d")

    with clock.moved(WEEK):
        assert refusal(checkpoint, bob) == "expired"
        expiry.run()
        assert refusal(checkpoint, bob) == "already_decided"


def test_it_decides_until_the_last_moment(ask, bob):
    checkpoint = ask(expires="7d")

    with clock.moved(WEEK - timedelta(seconds=5)):
        assert decide(checkpoint.pk, actor=bob, verdict="approve", version=1)


@pytest.mark.parametrize(
    ("verdict", "comment", "field"),
    [("maybe", "x", "verdict"), ("happened", "x", "verdict"), ("reject", "", "comment"), ("reject", " \n", "comment")],
)
def test_it_refuses_a_form_that_does_not_fit_and_names_the_field(ask, bob, verdict, comment, field):
    checkpoint = ask()

    with pytest.raises(FormInvalid) as refused:
        decide(checkpoint.pk, actor=bob, verdict=verdict, version=1, comment=comment)

    assert list(refused.value.errors) == [field]
    assert refused.value.code == "form_invalid"


def test_it_refuses_in_one_order(ask, alice, bob, carol, stranger):
    """Signed in and allowed, then four eyes, then pending, then the version, then the time, then the form."""
    checkpoint = ask(expires="7d")
    wrong = {"verdict": "maybe", "comment": ""}
    with clock.moved(WEEK):
        assert refusal(checkpoint, bob, **wrong) == "expired"
        assert refusal(checkpoint, bob, version=9, **wrong) == "stale_version"
        expiry.run()
        assert refusal(checkpoint, bob, version=9, **wrong) == "already_decided"
        assert refusal(checkpoint, alice, version=9, **wrong) == "four_eyes"
        assert refusal(checkpoint, stranger, version=9, **wrong) == "not_allowed"
    alice.groups.clear()
    assert refusal(checkpoint, fresh(alice), version=9, **wrong) == "not_allowed"
    assert refusal(ask(), carol, **wrong) == "form_invalid"


def test_it_knows_nothing_of_a_checkpoint_that_is_not_there(bob):
    with pytest.raises(Checkpoint.DoesNotExist):
        decide(uuid7(), actor=bob, verdict="approve", version=1)


def test_it_decides_nothing_that_is_for_information(bob, alice):
    job, _ = run(lambda job: job.info("note", title="It begins."), requested_by=alice)

    assert refusal(job.checkpoints.get(), bob) == "already_decided"


def test_every_refusal_has_a_code_of_its_own():
    refusals = [NotAllowed, FourEyes, AlreadyDecided, StaleVersion, CheckpointExpired, ChangesAsked, FormInvalid]

    assert len({refusal.code for refusal in refusals}) == len(refusals)
    assert all(str(refusal()) for refusal in refusals)


# --- quorum -----------------------------------------------------------------------------------------------------------


def test_it_waits_for_as_many_people_as_the_handler_asked_for(ask, bob, carol, olga):
    checkpoint = ask(quorum=3, reviewers=("Reviewer", "Operator"))

    for voter in (bob, carol):
        decide(checkpoint.pk, actor=voter, verdict="approve", version=1)
        assert Checkpoint.objects.get(pk=checkpoint.pk).is_pending
        assert again(checkpoint.job).status == "waiting"
    decide(checkpoint.pk, actor=olga, verdict="approve", version=1)

    assert Checkpoint.objects.get(pk=checkpoint.pk).status == "approved"
    assert run_jobs() == [("test.handler", "completed")]


def test_it_counts_one_vote_per_person(ask, bob):
    checkpoint = ask(quorum=2)
    decide(checkpoint.pk, actor=bob, verdict="approve", version=1)

    assert refusal(checkpoint, bob) == "already_decided"
    assert refusal(checkpoint, bob, "reject") == "already_decided"


def test_it_ends_with_one_rejection(ask, bob, carol):
    checkpoint = ask(quorum=2)
    decide(checkpoint.pk, actor=bob, verdict="approve", version=1)

    decide(checkpoint.pk, actor=carol, verdict="reject", version=1, comment="No.")

    assert Checkpoint.objects.get(pk=checkpoint.pk).status == "rejected"


def test_it_voids_votes_on_an_earlier_version_and_lets_them_be_cast_anew(ask, bob, carol, olga):
    checkpoint = ask(quorum=2, reviewers=("Reviewer", "Operator"))
    decide(checkpoint.pk, actor=bob, verdict="approve", version=1)
    amend(checkpoint.pk, actor=carol, version=1, edits={"amount": 2})

    decide(checkpoint.pk, actor=olga, verdict="approve", version=2)
    assert Checkpoint.objects.get(pk=checkpoint.pk).is_pending
    decide(checkpoint.pk, actor=bob, verdict="approve", version=2)

    assert Checkpoint.objects.get(pk=checkpoint.pk).status == "approved"
    assert Decision.objects.filter(payload_version=2).count() == 2


# --- did it happen? ---------------------------------------------------------------------------------------------------


def test_it_learns_that_it_happened_with_the_number_of_its_receipt(doubt, olga):
    decide(doubt.pk, actor=olga, verdict="happened", version=1, data={"number": "R-9"})

    doubt.refresh_from_db()
    assert (doubt.status, doubt.outcome["data"]) == ("happened", {"number": "R-9"})


@pytest.mark.parametrize("data", [None, {}, {"number": ""}, {"number": "  "}])
def test_it_wants_the_number_of_what_happened(doubt, olga, data):
    with pytest.raises(FormInvalid) as refused:
        decide(doubt.pk, actor=olga, verdict="happened", version=1, data=data)

    assert list(refused.value.errors) == ["number"]


def test_it_needs_no_number_for_what_did_not_happen(doubt, olga):
    decide(doubt.pk, actor=olga, verdict="not_happened", version=1)

    assert Checkpoint.objects.get(pk=doubt.pk).status == "not_happened"


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_it_cannot_be_approved_that_something_happened(doubt, olga, verdict):
    assert refusal(doubt, olga, verdict) == "form_invalid"


def test_only_operators_say_what_happened(doubt, alice, bob):
    assert refusal(doubt, bob, "not_happened") == "not_allowed"


def test_it_lets_nobody_say_what_happened_to_their_own_request(doubt, alice, operators):
    alice.groups.add(operators)

    assert refusal(doubt, fresh(alice), "not_happened") == "four_eyes"


# --- a right that is lost ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["group", "permission", "active"])
def test_it_takes_nothing_more_from_who_has_lost_the_right(ask, bob, reviewers, lost):
    checkpoint = ask()
    assert may_review(checkpoint, fresh(bob))

    if lost == "group":
        bob.groups.clear()
    elif lost == "permission":
        reviewers.permissions.clear()
    else:
        bob.is_active = False
        bob.save()

    assert refusal(checkpoint, fresh(bob)) == "not_allowed"
