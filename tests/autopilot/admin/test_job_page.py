"""The list of jobs, and the page that tells all that happened to one."""

import csv
import io
from datetime import timedelta
from typing import Annotated

import pytest
from django.urls import reverse

from autopilot import clock, engine
from autopilot.admin import job_exports
from autopilot.models import (
    Checkpoint,
    CheckpointComment,
    Job,
    OutboxMessage,
    Step,
    WebhookDelivery,
    WebhookEndpoint,
    Worker,
)
from autopilot.reports import timeline as report
from autopilot.scrubbing import MASK
from autopilot.testing import run_jobs
from tests.autopilot.admin import packets, rows
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.people import member
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
    history = said[said.index("What happened") : said.index("Payload and result")]
    assert [told for told in story if told not in history] == []
    assert "okafor All in order." in history
    assert "Run 1: suspended" in history
    assert "Run 2: completed" in history
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
        ({"status": "running", "lease_owner": "here:1", "lease_until": True}, "Running in here:1. An operator can cancel it."),
        ({"status": "running", "lease_owner": "here:1", "lease_until": True, "cancel_requested_at": True}, "Running in here:1; it stops at its next step, as an operator has asked."),
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


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": "rejected", "status": "failed", "finished_at": clock.now()}, "Failed: a person rejected it."),
        (
            {"attempt": 2, "scheduled_for": clock.now() + timedelta(days=1)},
            "Tried 2 of 3 times without success. Not before",
        ),
        ({"concurrency_key": "k"}, "Waits for its turn: 1 with its concurrency key may run at once, and they do."),
        ({"worker": "busy"}, "Waits for its turn: the worker busy may run 1 at once, and does."),
        ({}, "None has reported for two minutes: an operator should look at the cluster."),
    ],
)
def test_it_says_what_keeps_a_job_that_is_due(as_person, okafor, fields, sentence):
    Worker.objects.create(name="busy", concurrency=1)
    made, running = rows.job(), rows.job()
    lease = {"status": "running", "lease_owner": "here:1", "lease_until": clock.now()}
    Job.objects.filter(pk=running.pk).update(**lease, worker="busy", concurrency_key="k", concurrency_slot=0)
    Job.objects.filter(pk=made.pk).update(**fields)

    assert sentence in as_person(okafor).get(page(made)).text


def test_it_knows_that_processes_are_alive(as_person, okafor):
    rows.heartbeat()

    assert "two minutes" not in as_person(okafor).get(page(rows.job())).text


def test_it_says_to_whom_a_decision_is_assigned_and_until_when(as_person, okafor, waiting):
    Checkpoint.objects.filter(pk=waiting.pk).update(assignee=okafor, due_at=clock.now() - timedelta(days=1))

    said = words(as_person(okafor).get(page(waiting.job)))

    assert "Waits for a decision by Reviewer; it is assigned to okafor. It is promised by" in said
    assert ", which has passed." in said


def test_it_counts_the_parts_that_have_not_ended(as_person, okafor):
    whole, part, done = rows.job(), rows.job(), rows.failed_job()
    Job.objects.filter(pk__in=[part.pk, done.pk]).update(parent=whole)
    Job.objects.filter(pk=whole.pk).update(status="waiting", wait_reason="children", waiting_since=clock.now())

    shown = as_person(okafor).get(page(whole))

    assert "Waits for its parts: 1 of 2 have not ended." in shown.text
    assert page(part) in shown.text
    assert f"parent={whole.pk}" in as_person(okafor).get(page(part)).text


# --- One line of time -------------------------------------------------------------------------------------------------


@pytest.fixture
def eventful(waiting, okafor) -> Job:
    """A job to which something of every type has happened."""
    CheckpointComment.objects.create(
        checkpoint=waiting, payload_version=1, author=okafor, author_label="okafor", text="Look at page 2."
    )
    engine.decide(waiting.pk, actor=okafor, verdict="approve", version=1, comment="In order.")
    run_jobs()
    mail = OutboxMessage.objects.create(tenant_id=rows.TENANT, topic="a.receipt", job_id=waiting.job_id)
    endpoint = WebhookEndpoint.objects.create(tenant_id=rows.TENANT, url="https://example.org/hook", secret="s")
    WebhookDelivery.objects.create(endpoint=endpoint, message=mail, give_up_at=clock.now(), last_status=503)
    Step.objects.create(job=waiting.job, generation=1, key="look", effect="tx", epoch=1)
    submission = rows.submitted_by_hand()
    Checkpoint.objects.filter(pk=waiting.pk).update(payload={"document": {"id": str(submission.document_id)}})
    return Job.objects.get(pk=waiting.job_id)


TOLD = {
    "event": "Enqueued",
    "run": "Run 1: suspended",
    "step": "Step “look” done",
    "checkpoint": "Checkpoint “review” opened",
    "decision": "Approved version 1",
    "comment": "Comment",
    "mail": "Mail “receipt” pending",
    "webhook": "Webhook “receipt” pending",
    "submission": "Submission to INTraining: waits for a person to upload it",
}


def test_it_tells_everything_in_one_line_of_time(eventful):
    history = report.job_history(eventful)

    assert set(TOLD) == set(report.TYPES)
    assert {
        kind for kind, title in TOLD.items() if (kind, title) not in {(each.type, each.title) for each in history}
    } == set()
    assert [moment.at for moment in history] == sorted(moment.at for moment in history)


def test_it_shows_one_type_by_a_link(as_person, okafor, eventful):
    client = as_person(okafor)

    for name, title in TOLD.items():
        said = words(client.get(page(eventful), {"show": name}))
        told = said[said.index("What happened") : said.index("Payload and result")]
        assert [other for other in TOLD.values() if f" {other} " in told and other != "Comment"] in ([title], [])
        assert title in told
    assert 'href="?show=step"' in client.get(page(eventful)).text
    assert "Enqueued" in client.get(page(eventful), {"show": "nonsense"}).text


# --- What is not shown ------------------------------------------------------------------------------------------------

SECRET = "north vault 4711"


@pytest.fixture
def secretive() -> Job:
    """A job that failed over what nobody may see, and put it everywhere."""

    @engine.handler("trial.vault", max_attempts=1, result={"writeOnly": True})
    def vault(job, word: Annotated[str, engine.SENSITIVE], ssn: str):
        job.info("seen", title=f"Saw {word}", payload={})
        raise ValueError(f"{word} and {ssn} do not fit")

    made = engine.enqueue("trial.vault", tenant_id=rows.TENANT, word=SECRET, ssn="987654321")
    run_jobs()
    return Job.objects.get(pk=made.pk)


def test_it_masks_what_is_sensitive_wherever_it_is_shown(as_person, okafor, secretive):
    client = as_person(okafor)
    shown = [
        client.get(page(secretive)).text,
        client.get(page(secretive), {"show": "run"}).text,
        client.get(JOBS).text,
        client.get(reverse("admin:job_failures")).text,
        client.get(reverse("admin:job_export", args=[secretive.pk])).text,
        b"".join(client.get(reverse("admin:job_csv"))).decode(),
    ]

    assert [place for place in shown if SECRET in place or "987654321" in place] == []
    assert [MASK in place for place in shown] == [True, True, False, True, True, True]
    assert f"Saw {MASK}" in shown[0]


# --- Exports ----------------------------------------------------------------------------------------------------------


def test_it_exports_a_job_with_its_history(as_person, okafor, eventful):
    answer = as_person(okafor).get(reverse("admin:job_export", args=[eventful.pk]))

    told = answer.json()
    assert answer["Content-Disposition"] == f'attachment; filename="job-{eventful.pk}.json"'
    assert (told["id"], told["status"], told["payload"]) == (str(eventful.pk), "completed", eventful.payload)
    assert {moment["type"] for moment in told["history"]} == set(TOLD)


def test_it_exports_the_list_as_it_is_filtered(as_person, okafor):
    failed, _ = rows.failed_job(), rows.job()

    answer = as_person(okafor).get(reverse("admin:job_csv"), {"status__exact": "failed"})

    found = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert [(row["id"], row["status"], row["error"]) for row in found] == [
        (str(failed.pk), "failed", "OSError: unreachable")
    ]


def test_it_exports_so_many_and_says_so(as_person, okafor, monkeypatch):
    monkeypatch.setattr(job_exports, "MOST_EXPORTED", 2)
    for _ in range(3):
        rows.job()

    lines = b"".join(as_person(okafor).get(reverse("admin:job_csv"))).decode().splitlines()

    assert len(lines) == 4
    assert lines[-1] == "These are the newest 2; filter for the others."


def test_it_exports_nothing_by_filters_that_do_not_exist(as_person, okafor):
    assert as_person(okafor).get(reverse("admin:job_csv"), {"nonsense": "1"}).status_code == 400


def test_it_exports_to_who_may_view_jobs_alone(client, groups):
    made = rows.job()
    client.force_login(member("nobody"))

    assert client.get(reverse("admin:job_csv")).status_code == 403
    assert client.get(reverse("admin:job_export", args=[made.pk])).status_code == 403
