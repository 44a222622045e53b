"""The list of jobs, and the page that tells all that happened to one."""

from datetime import timedelta

import pytest

from autopilot import clock, engine
from autopilot.models import Job
from autopilot.reports import jobs as report
from autopilot.testing import run_jobs
from tests.autopilot.admin import packets, rows
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.test_review_page import words

pytestmark = pytest.mark.django_db
JOBS = listed("job")


def test_it_tells_the_whole_story(as_person, okafor, waiting):
    engine.decide(waiting.pk, actor=okafor, verdict="approve", version=1, comment="All in order.")
    run_jobs()

    said = words(as_person(okafor).get(page(waiting.job)))

    story = [
        "Enqueued",
        "Started",
        "Checkpoint “review” opened",
        "Put down to wait",
        "Approved version 1",
        "Woken by a decision",
        "Completed",
    ]
    history = said[said.index("What happened") : said.index("Runs")]
    assert [told for told in story if told not in history] == []
    assert "okafor All in order." in history
    assert "1 Suspended" in said
    assert "2 Completed" in said
    assert "Result { &quot;name&quot;: &quot;Harbor Trades School&quot; }" in said


def test_it_says_what_a_job_waits_for_and_leads_there(as_person, okafor, waiting):
    shown = as_person(okafor).get(page(waiting.job))

    assert "Waits for a decision by Reviewer." in shown.text
    assert page(waiting) in shown.text


def test_it_shows_every_error_of_a_failed_job(as_person, okafor):
    failed = rows.failed_job(error="OSError: <unreachable>")

    said = words(as_person(okafor).get(page(failed)))

    assert "Failed: attempts exhausted. An operator can requeue it." in said
    assert said.count("OSError: &lt;unreachable&gt;") == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": "running", "lease_owner": "here:1", "lease_until": True}, "Running in here:1."),
        ({"status": "running", "lease_owner": "here:1", "lease_until": True, "cancel_requested_at": True}, "Running in here:1; it stops at its next step."),
        ({"status": "waiting", "wait_reason": "answer", "waiting_since": True, "wake_at": True}, "Waits for an answer from outside; asks again"),
        ({"status": "waiting", "wait_reason": "timer", "waiting_since": True, "wake_at": True}, "Waits until"),
        ({"status": "waiting", "wait_reason": "children", "waiting_since": True}, "Waits for its parts."),
        ({"status": "waiting", "wait_reason": "checkpoint", "waiting_since": True}, "Waits for a decision by a reviewer."),
        ({"status": "blocked"}, "Blocked until others have finished."),
        ({"status": "cancelled", "finished_at": True}, "Cancelled. An operator can requeue it."),
        ({"status": "skipped", "finished_at": True}, "Skipped. It waits for nothing."),
        ({"status": "completed", "finished_at": True}, "Completed. It waits for nothing."),
        ({}, "; the next free process runs it."),
    ],
)  # fmt: skip
def test_it_says_in_one_sentence_where_a_job_stands(as_person, okafor, fields, sentence):
    made, now = rows.job(), clock.now()
    Job.objects.filter(pk=made.pk).update(**{name: now if value is True else value for name, value in fields.items()})

    assert sentence in as_person(okafor).get(page(made)).text


def test_it_tells_the_newest_of_a_long_history(as_person, okafor, lindqvist, monkeypatch):
    monkeypatch.setattr(report, "MOST_MOMENTS", 4)
    made = rows.job()
    for number in range(5):
        engine.hold(made.pk, actor=lindqvist, reason=f"reason {number}")
        engine.release(made.pk, actor=lindqvist, reason="Go on.")

    history = report.job_history(Job.objects.get(pk=made.pk))

    assert [moment.title for moment in history] == ["Held", "Released", "Held", "Released"]
    assert history[2].text == "reason 4"


def test_it_shows_which_events_moved_nothing_by_their_own_sign(as_person, okafor, lindqvist, rivera):
    checkpoint = packets.waiting()
    engine.amend(checkpoint.pk, actor=rivera, version=1, edits={"note": "x"})
    engine.hold(checkpoint.job_id, actor=lindqvist, reason="Wait.")

    statuses = {moment.title: moment.status for moment in report.job_history(checkpoint.job)}

    assert (statuses["Amended"], statuses["Held"]) == ("amended", "held")


def test_it_tells_how_long_a_retry_waits(as_person, okafor):
    @engine.handler("trial.broken")
    def broken(job):
        raise OSError("unreachable")

    made = engine.enqueue("trial.broken", tenant_id=rows.TENANT)
    run_jobs()

    told = next(moment for moment in report.job_history(made) if moment.title.startswith("Did not work"))
    assert told.text.startswith("Delay seconds ")


def test_its_list_shows_what_keeps_each_job(as_person, okafor, lindqvist, waiting):
    held, failed = rows.job(), rows.failed_job()
    engine.hold(held.pk, actor=lindqvist, reason="Wait for the list.")

    said = words(as_person(okafor).get(JOBS))

    assert f"…\u2060{str(held.pk)[-8:]} Held Wait for the list." in said
    assert f"…\u2060{str(failed.pk)[-8:]} Failed Attempts exhausted" in said
    assert f"…\u2060{str(waiting.job.pk)[-8:]} Waiting A person&#x27;s decision" in said


def test_its_list_shows_when_a_job_is_due(as_person, okafor):
    rows.job()
    rows.job(scheduled_for=clock.now() + timedelta(days=40))

    said = words(as_person(okafor).get(JOBS))

    assert said.count("A free process") == 1


def test_its_list_finds_a_job_by_its_id_kind_or_key(as_person, okafor, waiting):
    keyed = rows.job(unique_key="monthly:2026-11")
    client = as_person(okafor)

    for wanted in (str(keyed.pk), f" {keyed.pk} ", "sample.simple", "monthly:2026-11"):
        said = words(client.get(JOBS, {"q": wanted}))
        assert "1 job" in said, wanted
        assert f"…\u2060{str(keyed.pk)[-8:]}" in said
    assert "No jobs to show" in client.get(JOBS, {"q": "nowhere"}).text


def test_its_list_filters_by_worker_and_status(as_person, okafor, waiting):
    rows.failed_job()
    client = as_person(okafor)

    assert "1 job" in words(client.get(JOBS, {"worker": "trial"}))
    assert "1 job" in words(client.get(JOBS, {"status__exact": "failed"}))
    assert "No jobs to show" in client.get(JOBS, {"worker": "nobody"}).text
