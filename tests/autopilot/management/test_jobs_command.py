"""`manage.py jobs`: lists, shows, retries, cancels, purges."""

import csv
import io
from datetime import timedelta
from typing import Annotated

import pytest

from autopilot import clock
from autopilot.engine import SENSITIVE, enqueue, handler, hold
from autopilot.identifiers import uuid7
from autopilot.models import AuditEntry, Event, Job
from autopilot.scrubbing import MASK
from autopilot.testing import run_jobs
from tests.autopilot.engine.people import group_of
from tests.autopilot.engine.runs import again
from tests.autopilot.engine.runs import run as run_handler
from tests.autopilot.engine.standing import new, standing
from tests.autopilot.management.calls import Terminal, run, run_json
from tests.autopilot.management.tables import contents

pytestmark = pytest.mark.django_db
WHY = ("--reason", "It was mended.")
BY = ("--as", "olga")


@pytest.fixture
def failed() -> Job:
    """A job that failed for good."""

    def handle(job):
        job.call("send", lambda key: "sent")
        raise ValueError("No room for 219-09-9999.")

    return run_handler(handle, max_attempts=1)[0]


def test_it_lists_the_newest_jobs_first():
    first, second = new(), standing("waiting")

    rows = run_json("jobs", "list").json

    assert [row["id"] for row in rows] == [str(second.pk), str(first.pk)]
    assert (rows[0]["status"], rows[0]["wait_reason"], rows[1]["status"]) == ("waiting", "timer", "pending")


def test_it_lists_only_what_is_asked_for(failed):
    waiting = standing("waiting")

    def listed(*words):
        return [row["id"] for row in run_json("jobs", "list", *words).json]

    assert listed("--status", "failed") == [str(failed.pk)]
    assert listed("--kind", "test.nothing") == [str(waiting.pk)]
    assert listed("--worker", "test", "--limit", "1") == [str(waiting.pk)]
    assert listed("--fingerprint", failed.error_fingerprint) == [str(failed.pk)]


def test_it_prints_the_same_in_every_format(failed):
    table, sheet = run("jobs", "list"), run("jobs", "list", "--format", "csv")

    assert (table.code, sheet.code, table.err, sheet.err) == (0, 0, "", "")
    (row,) = csv.DictReader(io.StringIO(sheet.out))
    assert (row["id"], row["reason"]) == (str(failed.pk), "attempts_exhausted")
    assert all(word in table.out for word in (str(failed.pk), "attempts_exhausted"))


def test_it_prints_a_table_with_colors_at_a_terminal_unless_told_not_to(failed):
    colored, plain = run("jobs", "list", stdout=Terminal()), run("jobs", "list", "--no-color", stdout=Terminal())

    assert "─" in colored.out
    assert "─" in plain.out
    assert "\x1b[3" not in plain.out


def test_it_asks_the_database_as_often_for_many_as_for_one(django_assert_max_num_queries):
    for _ in range(20):
        new()

    with django_assert_max_num_queries(1):
        assert len(run_json("jobs", "list").json) == 20


def test_it_shows_a_job_with_what_is_sensitive_masked(tenant):
    @handler("test.secret")
    def handle(job, subject: str, code: Annotated[str, SENSITIVE]) -> dict[str, str]:
        return {"token": "abc", "number": "7"}

    job = enqueue("test.secret", tenant_id=tenant, subject="a thing", code="1234")
    run_jobs()

    shown = run_json("jobs", "show", job.pk).json

    assert shown["payload"] == {"subject": "a thing", "code": MASK}
    assert shown["result"] == {"token": MASK, "number": "7"}
    assert (shown["status"], shown["waiting_for"]) == ("completed", "Completed. It waits for nothing.")


def test_it_shows_an_error_without_what_is_personal_in_it(failed):
    ran = run("jobs", "show", failed.pk)

    assert f"ValueError: No room for {MASK}." in ran.out
    assert "219-09-9999" not in ran.out


def test_it_retries_a_job_and_records_who_did_it_and_why(failed, olga):
    ran = run_json("jobs", "retry", failed.pk, *BY, *WHY)

    assert (ran.code, ran.outcomes, ran.json[0]["effects_done"]) == (0, ["requeued"], 1)
    assert again(failed).status == "pending"
    entry = AuditEntry.objects.get(name="autopilot.job.requeued")
    assert (entry.actor, entry.data["reason"]) == (olga, "It was mended.")


def test_it_retries_one_of_a_cause_as_a_canary(failed, olga):
    other = standing("failed", error_fingerprint=failed.error_fingerprint)

    ran = run_json("jobs", "retry", "--fingerprint", failed.error_fingerprint, "--limit", 1, *BY, *WHY)

    assert [row["id"] for row in ran.json] == [str(other.pk)]
    assert again(failed).status == "failed"


@pytest.mark.parametrize(("words", "generation"), [((), 1), (("--from-step", "send"), 2), (("--restart",), 2)])
def test_it_starts_from_where_it_is_told(failed, olga, words, generation):
    run("jobs", "retry", failed.pk, *words, *BY, *WHY)

    assert again(failed).generation == generation


def test_it_is_safe_to_say_twice(failed, olga):
    run("jobs", "retry", failed.pk, *BY, *WHY)
    before = contents()

    ran = run_json("jobs", "retry", failed.pk, *BY, *WHY)

    assert (ran.code, ran.outcomes) == (1, ["refused"])
    assert "this one is pending" in ran.json[0]["why"]
    assert contents() == before


def test_it_cancels_what_it_can_and_says_what_it_cannot(olga):
    pending, completed = new(), standing("completed")

    ran = run_json("jobs", "cancel", pending.pk, completed.pk, uuid7(), *BY, *WHY)

    assert (ran.code, ran.outcomes) == (1, ["cancelled", "refused", "refused"])
    assert [row["why"] for row in ran.json] == ["", "It is completed already.", "There is none with this id."]
    assert (again(pending).status, again(completed).status) == ("cancelled", "completed")
    assert run("jobs", "cancel", pending.pk, *BY, *WHY).code == 0


def test_it_asks_a_running_job_to_stop(olga):
    ran = run_json("jobs", "cancel", standing("running").pk, *BY, *WHY)

    assert ran.outcomes == ["asked to stop at its next step"]


@pytest.mark.parametrize("verb", ["retry", "cancel"])
def test_it_refuses_a_person_without_the_permission(failed, stranger, verb):
    job = failed if verb == "retry" else new()
    before = contents()

    ran = run_json("jobs", verb, job.pk, "--as", "stranger", *WHY)

    assert (ran.code, ran.outcomes) == (1, ["refused"])
    assert ran.json[0]["why"] == "You may not control jobs."
    assert contents() == before


@pytest.fixture
def purger(olga):
    """A person who may delete jobs."""
    olga.groups.add(group_of("Purger", "delete_job"))
    return olga


def ended(days: int, **fields) -> Job:
    """Return a job that ended some days ago."""
    return standing("completed", finished_at=clock.now() - timedelta(days=days), **fields)


def test_it_purges_what_ended_long_ago_and_records_each(purger):
    old, young, held = ended(40), ended(5), ended(50)
    Job.objects.filter(pk=held.pk).update(held_at=clock.now())
    parent = ended(60)
    child = standing("pending", parent=parent)

    ran = run_json("jobs", "purge", "--older-than", 30, *BY, *WHY)

    assert (ran.code, [row["id"] for row in ran.json], ran.outcomes) == (0, [str(old.pk)], ["purged"])
    assert set(Job.objects.values_list("pk", flat=True)) == {young.pk, held.pk, parent.pk, child.pk}
    assert not Event.objects.filter(job_id=old.pk).exists()
    entry = AuditEntry.objects.get(name="autopilot.job.purged")
    assert (entry.subject_id, entry.actor, entry.data["kind"]) == (str(old.pk), purger, "test.nothing")


def test_it_purges_the_oldest_first_and_no_more_than_asked(purger):
    jobs = [ended(days) for days in (40, 60, 50)]

    ran = run_json("jobs", "purge", "--older-than", 30, "--limit", 2, *BY, *WHY)

    assert [row["id"] for row in ran.json] == [str(jobs[1].pk), str(jobs[2].pk)]
    assert run_json("jobs", "purge", "--older-than", 30, *BY, *WHY).json[0]["id"] == str(jobs[0].pk)
    assert run_json("jobs", "purge", "--older-than", 30, *BY, *WHY).json == []


def test_it_purges_nothing_for_a_person_who_may_not(olga):
    ended(40)

    ran = run_json("jobs", "purge", "--older-than", 30, *BY, *WHY)

    assert (ran.code, ran.err, Job.objects.count()) == (1, "You may not delete jobs.", 1)


def test_a_dry_run_changes_nothing_and_says_the_same(failed, purger):
    pending, old = new(), ended(40)
    before = contents()

    retried = run_json("jobs", "retry", failed.pk, pending.pk, "--dry-run", *BY, *WHY)
    cancelled = run_json("jobs", "cancel", pending.pk, "--dry-run", *BY, *WHY)
    purged = run_json("jobs", "purge", "--older-than", 30, "--dry-run", *BY, *WHY)

    assert contents() == before
    assert (retried.code, retried.outcomes) == (1, ["would be requeued", "refused"])
    assert (cancelled.outcomes, purged.outcomes) == (["would be cancelled"], ["would be purged"])
    assert purged.json[0]["id"] == str(old.pk)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "the following arguments are required: VERB"),
        (("fly",), "invalid choice: 'fly'"),
        (("list", "--limit", "0"), "not a whole number from 1 to 10000"),
        (("list", "--limit", "9" * 40), "not a whole number from 1 to 10000"),
        (("list", "--format", "xml"), "invalid choice: 'xml'"),
        (("list", "--status", "lost"), "invalid choice: 'lost'"),
        (("list", "--kind", "no.such"), "There is no kind 'no.such'. Known: "),
        (("show", "12"), "'12' is no id; copy one from the list"),
        (("show", "01a1fa11-e3c1-72e9-9acc-c84b27c2d770"), "List them: manage.py jobs list"),
        (("retry", *BY, *WHY), "Name the jobs to retry"),
        (("retry", "01a1fa11-e3c1-72e9-9acc-c84b27c2d770", *WHY), "required: --as"),
        (("cancel", "01a1fa11-e3c1-72e9-9acc-c84b27c2d770", *BY), "required: --reason"),
        (("cancel", "01a1fa11-e3c1-72e9-9acc-c84b27c2d770", *BY, "--reason", " "), "it is empty; say something"),
        (("cancel", *["01a1fa11-e3c1-72e9-9acc-c84b27c2d770"] * 101, *BY, *WHY), "name at most 100"),
        (("cancel", "01a1fa11-e3c1-72e9-9acc-c84b27c2d770", "--as", "nobody", *WHY), "no active account 'nobody'"),
        (("purge", *BY, *WHY), "required: --older-than"),
        (("purge", "--older-than", "0", *BY, *WHY), "not a whole number"),
    ],
)
def test_it_says_what_to_write_and_ends_with_2(words, told, olga, capsys):
    ran = run("jobs", *words)

    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err + capsys.readouterr().err


def test_it_acts_for_nobody_who_may_not_sign_in(failed, olga):
    olga.is_active = False
    olga.save()

    assert run("jobs", "retry", failed.pk, *BY, *WHY).code == 2


def test_it_does_not_act_on_a_held_job_by_chance(olga):
    job = new()
    hold(job.pk, actor=olga, reason="Wait.")

    assert run_json("jobs", "retry", job.pk, *BY, *WHY).outcomes == ["refused"]
