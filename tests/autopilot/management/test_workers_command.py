"""`manage.py workers` and `manage.py queue_stats`."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from autopilot import clock
from autopilot.engine import hold
from autopilot.models import AuditEntry, Job, Worker
from tests.autopilot.engine.standing import new, standing
from tests.autopilot.management.calls import run, run_json
from tests.autopilot.management.tables import contents

pytestmark = pytest.mark.django_db
WHY = ("--reason", "The portal is being moved.")
BY = ("--as", "olga")


@pytest.fixture(autouse=True)
def worker(db) -> Worker:
    """A worker of this test."""
    return Worker.objects.create(name="test")


def state() -> str:
    """How the worker stands."""
    return Worker.objects.get(pk="test").pause


def test_it_lists_workers_with_what_they_have_in_hand(olga):
    new()
    standing("running")
    run("workers", "pause", "test", *BY, *WHY)

    row = next(row for row in run_json("workers", "list").json if row["worker"] == "test")

    assert (row["due"], row["running"], row["paused_by"]) == (1, 1, "olga")
    assert (row["state"], row["pause_reason"]) == ("Paused: running jobs finish", "The portal is being moved.")


@pytest.mark.parametrize(("words", "pause"), [((), "drain"), (("--stop",), "stop")])
def test_it_pauses_and_resumes_for_a_person(olga, words, pause):
    paused = run_json("workers", "pause", "test", *words, *BY, *WHY)
    between = state()
    resumed = run_json("workers", "resume", "test", *BY, *WHY)

    assert (paused.code, paused.outcomes, between) == (0, ["paused"], pause)
    assert (resumed.code, resumed.outcomes, state()) == (0, ["resumed"], "")
    entry = AuditEntry.objects.get(name="autopilot.worker.paused")
    assert (entry.actor, entry.data["reason"]) == (olga, "The portal is being moved.")


def test_it_is_safe_to_say_twice(olga):
    run("workers", "pause", "test", *BY, *WHY)
    before = contents()

    ran = run_json("workers", "pause", "test", *BY, *WHY)

    assert (ran.code, ran.json[0]["why"]) == (1, "This worker is already paused.")
    assert contents() == before
    assert run_json("workers", "resume", "test", "test", *BY, *WHY).outcomes == ["resumed"]


def test_it_refuses_a_person_without_the_permission(stranger):
    ran = run_json("workers", "pause", "test", "--as", "stranger", *WHY)

    assert (ran.code, ran.outcomes, state()) == (1, ["refused"], "")
    assert ran.json[0]["why"].startswith("You may not")


def test_a_dry_run_pauses_nothing(olga):
    before = contents()

    ran = run_json("workers", "pause", "test", "--dry-run", *BY, *WHY)

    assert (ran.code, ran.outcomes, contents() == before) == (0, ["would be paused"], True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pause", "tset", *BY, *WHY), "There is no worker tset. Known: "),
        (("pause", "test", *BY), "required: --reason"),
        (("pause", *BY, *WHY), "required: WORKER"),
    ],
)
def test_it_says_what_to_write_and_ends_with_2(olga, words, told, capsys):
    ran = run("workers", *words)

    assert ran.code == 2
    assert told in ran.err + capsys.readouterr().err


def test_it_counts_what_lies_before_each_worker(olga):
    oldest = new()
    Job.objects.filter(pk=oldest.pk).update(scheduled_for=clock.now() - timedelta(seconds=90))
    new(scheduled_for=clock.now() + timedelta(hours=1))
    hold(new().pk, actor=olga, reason="Wait.")
    for status in ("running", "waiting", "blocked", "failed", "completed"):
        standing(status)

    *rows, everything = run_json("queue_stats").json
    row = next(row for row in rows if row["worker"] == "test")

    counts = {name: row[name] for name in ("due", "later", "held", "running", "waiting", "blocked", "failed_in_a_day")}
    assert counts == dict.fromkeys(counts, 1)
    assert 89 <= row["oldest_due_seconds"] <= 120
    assert everything == {**row, "worker": "all", "state": ""}


def test_it_counts_in_three_questions(django_assert_max_num_queries):
    for _ in range(10):
        new()

    with django_assert_max_num_queries(3):
        assert run("queue_stats", "--format", "csv").code == 0


def test_it_says_so_where_the_database_does_not_answer(monkeypatch):
    def refuse(*_: object) -> None:
        raise OperationalError("password authentication failed for jane@db.example.org")

    monkeypatch.setattr("autopilot.management.commands.queue_stats.queue_stats", refuse)

    ran = run("queue_stats")

    assert (ran.code, "jane" in ran.err) == (2, False)
    assert "manage.py check_setup" in ran.err
