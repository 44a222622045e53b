"""`manage.py checkpoints`: lists, shows, and decides one version that was seen."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.engine import amend, review_form
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Decision, EventTally
from autopilot.testing import run_jobs
from tests.autopilot.engine.runs import again
from tests.autopilot.engine.runs import run as run_handler
from tests.autopilot.management.calls import run, run_json
from tests.autopilot.management.tables import contents
from tests.autopilot.sweep.asking import asked

pytestmark = pytest.mark.django_db
SEEN = ("--version", 1)
BY_BOB = ("--as", "bob")


@pytest.fixture
def checkpoint(alice, bob) -> Checkpoint:
    """What alice asks the reviewers."""
    review_form("test.n", schema={"type": "object", "properties": {"n": {"type": "integer"}}})

    def handle(job):
        job.approval("review", title="Jo at jo@example.org?", payload={"n": 1}, form="test.n", reviewers="Reviewer")

    return run_handler(handle, requested_by=alice)[0].checkpoints.get()


def test_it_lists_what_waits_for_a_person_oldest_first(checkpoint):
    other = asked(due="1h")

    rows = run_json("checkpoints", "list").json

    assert [row["id"] for row in rows] == [str(checkpoint.pk), str(other.pk)]
    assert (rows[0]["version"], rows[0]["reviewers"], rows[0]["title"]) == (1, "Reviewer", "Jo at ••••••?")
    assert [row["overdue"] for row in rows] == [False, False]


def test_it_lists_only_what_is_asked_for(checkpoint):
    other = asked(due="1h")

    def listed(*words):
        return [row["id"] for row in run_json("checkpoints", "list", *words).json]

    assert listed("--reviewers", "Reviewer") == [str(checkpoint.pk)]
    assert listed("--status", "approved") == []
    assert listed("--status", "all", "--limit", 1) == [str(checkpoint.pk)]
    with clock.moved(timedelta(hours=2)):
        assert listed("--overdue") == [str(other.pk)]


def test_it_asks_the_database_as_often_for_many_as_for_one(checkpoint, django_assert_max_num_queries):
    for _ in range(5):
        asked()

    with django_assert_max_num_queries(2):
        assert len(run_json("checkpoints", "list").json) == 6


def test_it_shows_what_to_decide_and_where_but_not_what_may_be_personal(checkpoint):
    shown = run_json("checkpoints", "show", checkpoint.pk).json

    assert (shown["version"], shown["asks_about"], shown["requester_label"]) == (1, ["n"], "alice")
    assert shown["page"].endswith(f"/admin/autopilot/checkpoint/{checkpoint.pk}/change/")
    assert "payload" not in shown


def test_it_approves_the_version_that_was_seen_and_records_the_door(checkpoint):
    ran = run_json("checkpoints", "approve", checkpoint.pk, *SEEN, *BY_BOB, "--comment", "Fine.")

    assert (ran.code, ran.outcomes, ran.json[0]["status"]) == (0, ["approved"], "approved")
    decision = Decision.objects.get()
    assert (decision.actor_label, decision.channel, decision.comment) == ("bob", "command", "Fine.")
    assert run_jobs()[-1][1] == "completed"


def test_it_rejects_with_a_reason(checkpoint):
    ran = run_json("checkpoints", "reject", checkpoint.pk, *SEEN, *BY_BOB, "--reason", "The hours are missing.")

    run_jobs()
    assert (ran.code, ran.outcomes) == (0, ["rejected"])
    assert again(checkpoint.job).reason == "rejected"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((*SEEN, "--as", "alice"), "Who asked for it or edited it last cannot decide it; another person must."),
        ((*SEEN, "--as", "stranger"), "You are not among the reviewers of this checkpoint."),
        (("--version", 2, *BY_BOB), "The packet changed since you opened it"),
    ],
)
def test_it_refuses_as_every_door_does_and_changes_nothing(checkpoint, stranger, words, told):
    before = contents()

    ran = run_json("checkpoints", "approve", checkpoint.pk, *words)

    assert (ran.code, ran.outcomes) == (1, ["refused"])
    assert told in ran.json[0]["why"]
    assert contents() == before


def test_a_refusal_of_the_four_eyes_is_counted_as_everywhere_but_not_in_a_dry_run(checkpoint):
    def refuse(*words):
        run("checkpoints", "approve", checkpoint.pk, *SEEN, "--as", "alice", *words)
        return EventTally.objects.count()

    assert (refuse("--dry-run"), refuse()) == (0, 1)


def test_it_refuses_who_edited_it_last_and_the_version_before(checkpoint, carol):
    amend(checkpoint.pk, actor=carol, version=1, edits={"n": 2})

    def approve(person, version):
        return run_json("checkpoints", "approve", checkpoint.pk, "--version", version, "--as", person).outcomes

    assert approve("carol", 2) == ["refused"]
    assert approve("bob", 1) == ["refused"]
    assert approve("bob", 2) == ["approved"]


def test_it_is_safe_to_say_twice(checkpoint, carol):
    run("checkpoints", "approve", checkpoint.pk, *SEEN, *BY_BOB)
    before = contents()

    ran = run_json("checkpoints", "reject", checkpoint.pk, *SEEN, "--as", "carol", "--reason", "No.")

    assert (ran.code, ran.json[0]["why"]) == (1, "This checkpoint is already approved by bob.")
    assert contents() == before


def test_a_dry_run_decides_nothing_and_says_the_same(checkpoint):
    before = contents()

    approved = run_json("checkpoints", "approve", checkpoint.pk, *SEEN, *BY_BOB, "--dry-run")
    own = run_json("checkpoints", "approve", checkpoint.pk, *SEEN, "--as", "alice", "--dry-run")

    assert (approved.outcomes, approved.json[0]["status"]) == (["would be approved"], "pending")
    assert own.outcomes == ["refused"]
    assert contents() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("approve", uuid7(), *BY_BOB), "required: --version"),
        (("approve", uuid7(), *SEEN), "required: --as"),
        (("reject", uuid7(), *SEEN, *BY_BOB), "required: --reason"),
        (("approve", uuid7(), *SEEN, *BY_BOB), "There is no checkpoint"),
        (("approve", "this", *SEEN, *BY_BOB), "'this' is no id"),
        (("show", uuid7()), "List them: manage.py checkpoints list"),
        (("list", "--status", "odd"), "invalid choice: 'odd'"),
    ],
)
def test_it_says_what_to_write_and_ends_with_2(words, told, bob, capsys):
    ran = run("checkpoints", *words)

    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err + capsys.readouterr().err
