"""Deeds that need a reason: what the page foresees, what it asks, what it does, and who may."""

import pytest
from django.test import Client

from autopilot import engine, workers
from autopilot.engine import Requeue
from autopilot.models import AuditEntry, Event, Job, Worker
from autopilot.testing import run_jobs
from tests.autopilot.admin import packets, rows
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.test_review_page import words

pytestmark = pytest.mark.django_db
JOBS, WORKERS = listed("job"), listed("worker")


def choose(client, action, *chosen, address=JOBS, **fields):
    """Choose rows and an action in a list; with a reason, confirm it."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in chosen]}
    return client.post(address, data | ({"confirmed": "yes"} if fields else {}) | fields)


def now(job):
    """Return a job as it stands."""
    return Job.objects.get(pk=job.pk)


def test_it_foresees_for_each_row_what_will_happen_and_does_nothing(as_person, lindqvist, waiting):
    done = rows.job()
    run_jobs()

    answer = choose(as_person(lindqvist), "cancel_jobs", waiting.job, done)

    said = words(answer)
    assert answer.status_code == 200
    assert f"{waiting.job} It is cancelled at once." in said
    assert f"{done} Refused It is completed already." in said
    assert "Cancel 1 job" in said
    assert now(waiting.job).status == "waiting"
    assert not AuditEntry.objects.filter(name="autopilot.job.cancelled").exists()


def test_it_does_it_with_the_reason_and_says_what_was_refused(as_person, lindqvist, waiting):
    done = rows.job()
    run_jobs()

    answer = choose(as_person(lindqvist), "cancel_jobs", waiting.job, done, reason="Sent in twice.")

    said = words(as_person(lindqvist).get(answer.url))
    waiting.refresh_from_db()
    assert (now(waiting.job).status, waiting.status) == ("cancelled", "cancelled")
    assert "Cancelled: 1 job." in said
    assert f"{done.pk}: It is completed already." in said
    event = Event.objects.get(job=waiting.job, why="cancel")
    assert (event.actor, event.detail["reason"]) == ("lindqvist", "Sent in twice.")


def test_it_asks_for_the_reason(as_person, lindqvist, waiting):
    answer = choose(as_person(lindqvist), "cancel_jobs", waiting.job, reason=" ")

    assert answer.status_code == 422
    assert "Say why; those who come after you read it." in answer.text
    assert now(waiting.job).status == "waiting"


def test_it_offers_no_button_when_everything_would_be_refused(as_person, lindqvist):
    done = rows.job()
    run_jobs()

    answer = choose(as_person(lindqvist), "hold_jobs", done)

    assert "Nothing can be done." in answer.text
    assert 'name="reason"' not in answer.text


def test_it_keeps_the_filter_of_the_list(as_person, lindqvist):
    made = rows.job()
    address = f"{JOBS}?worker=sample"

    shown = choose(as_person(lindqvist), "hold_jobs", made, address=address)
    answer = choose(as_person(lindqvist), "hold_jobs", made, address=address, reason="Wait.")

    assert f'action="{address}"' in shown.text
    assert answer.url == address


def test_it_holds_and_releases(as_person, lindqvist):
    made = rows.job()

    choose(as_person(lindqvist), "hold_jobs", made, reason="Wait for the list.")
    assert run_jobs() == []
    said = as_person(lindqvist).get(page(made)).text
    assert "Held by lindqvist since" in said
    assert ": Wait for the list. An operator can release it." in said

    choose(as_person(lindqvist), "release_jobs", made, reason="The list is there.")
    assert run_jobs() == [("sample.simple", "completed")]


def test_it_says_why_a_job_cannot_be_released(as_person, lindqvist):
    made = rows.job()

    answer = choose(as_person(lindqvist), "release_jobs", made)

    assert "Refused This job is not held." in words(answer)


def test_it_requeues_where_a_job_stopped(as_person, lindqvist):
    failed = rows.failed_job()

    answer = choose(as_person(lindqvist), "requeue_jobs", failed, reason="The portal is back.", mode=Requeue.RESUME)

    assert answer.status_code == 302
    assert now(failed).status == "pending"
    assert now(failed).generation == 1


def test_it_foresees_that_a_rejected_job_can_only_start_over(as_person, lindqvist, waiting, okafor):
    engine.decide(waiting.pk, actor=okafor, verdict="reject", version=1, comment="No.")
    run_jobs()

    shown = choose(as_person(lindqvist), "requeue_jobs", waiting.job)
    refused = choose(as_person(lindqvist), "requeue_jobs", waiting.job, reason="Again.", mode=Requeue.RESUME)
    assert now(waiting.job).status == "failed"
    choose(as_person(lindqvist), "requeue_jobs", waiting.job, reason="Again.", mode=Requeue.RESTART)

    assert "It can only start over. A checkpoint of this job ended without approval" in words(shown)
    assert "restart it to ask again" in as_person(lindqvist).get(refused.url).text
    assert (now(waiting.job).status, now(waiting.job).generation) == ("pending", 2)


def test_it_names_what_a_job_has_done_outside(as_person, lindqvist):
    checkpoint = packets.waiting("trial.once")
    engine.cancel(checkpoint.job_id, actor=lindqvist, reason="x")

    shown = choose(as_person(lindqvist), "requeue_jobs", checkpoint.job)

    assert "It has already done, or begun, outside: “submit”." in words(shown)


def test_it_requeues_one_job_from_a_step(as_person, lindqvist):
    checkpoint = packets.waiting("trial.once")
    engine.cancel(checkpoint.job_id, actor=lindqvist, reason="x")
    client = as_person(lindqvist)

    without = choose(client, "requeue_jobs", checkpoint.job, reason="Again.", mode=Requeue.FROM_STEP, step="")
    choose(client, "requeue_jobs", checkpoint.job, reason="Again.", mode=Requeue.FROM_STEP, step="submit")

    assert without.status_code == 422
    assert "Choose the step from which it goes on." in without.text
    assert (now(checkpoint.job).status, now(checkpoint.job).generation) == ("pending", 2)


def test_it_offers_no_step_for_several_jobs(as_person, lindqvist):
    shown = choose(as_person(lindqvist), "requeue_jobs", rows.failed_job(), rows.failed_job())

    assert "From a step on" not in shown.text
    assert 'name="step"' not in shown.text


def test_it_refuses_more_rows_than_a_person_can_weigh(as_person, lindqvist):
    made = [rows.job() for _ in range(101)]

    answer = choose(as_person(lindqvist), "cancel_jobs", *made, reason="All.")

    assert "Choose at most 100 rows at a time." in as_person(lindqvist).get(answer.url).text
    assert not Job.objects.filter(status="cancelled").exists()


def test_it_does_the_deeds_of_a_page_and_leads_back_to_it(as_person, lindqvist):
    failed = rows.failed_job()
    client = as_person(lindqvist)
    assert "Requeue…" in client.get(page(failed)).text

    shown = client.post(JOBS, {"action": "requeue_jobs", "_selected_action": str(failed.pk), "from_page": "1"})
    answer = choose(client, "requeue_jobs", failed, reason="Again.", mode=Requeue.RESUME, from_page="1")

    assert f'href="{page(failed)}"' in shown.text
    assert answer.url == page(failed)


@pytest.mark.parametrize("action", ["cancel_jobs", "hold_jobs", "release_jobs", "requeue_jobs"])
def test_it_takes_no_deed_from_who_does_not_control_jobs(as_person, rivera, waiting, action):
    choose(as_person(rivera), action, waiting.job, reason="Because.", mode=Requeue.RESUME)

    assert now(waiting.job).status == "waiting"
    assert now(waiting.job).held_at is None


def test_it_wants_the_token_of_its_own_form(lindqvist, waiting):
    client = Client(enforce_csrf_checks=True)
    client.force_login(lindqvist)

    assert choose(client, "cancel_jobs", waiting.job, reason="Forged.").status_code == 403
    assert now(waiting.job).status == "waiting"


@pytest.mark.parametrize("chosen", [["nonsense"], ["0190b1f2-0000-7000-8000-000000000000"], []])
def test_it_stands_whatever_is_chosen(as_person, lindqvist, chosen):
    data = {"action": "cancel_jobs", "_selected_action": chosen, "reason": "x", "confirmed": "yes"}

    assert as_person(lindqvist).post(JOBS, data, follow=True).status_code == 200


def test_it_pauses_a_worker_with_the_reason(as_person, lindqvist):
    worker = Worker.objects.get_or_create(name="sample")[0]
    made = rows.job()
    client = as_person(lindqvist)

    shown = choose(client, "pause_workers", worker, address=WORKERS)
    choose(client, "pause_workers", worker, address=WORKERS, reason="New disk.", mode="drain")

    worker.refresh_from_db()
    assert "None of its jobs is started until somebody resumes it." in shown.text
    assert (worker.enabled, worker.pause, worker.pause_reason) == (False, "drain", "New disk.")
    assert run_jobs() == []
    assert "is paused by lindqvist and its jobs wait: New disk." in client.get(JOBS).text
    assert "The worker sample is paused by lindqvist: New disk." in client.get(page(made)).text
    assert "lindqvist: New disk." in client.get(WORKERS).text


def test_it_stops_a_worker_and_resumes_it(as_person, lindqvist):
    worker = Worker.objects.get_or_create(name="sample")[0]
    client = as_person(lindqvist)

    choose(client, "pause_workers", worker, address=WORKERS, reason="Now.", mode="stop", from_page="1")
    assert Worker.objects.get(pk=worker.pk).pause == "stop"
    assert "Resume" in client.get(page(worker)).text

    choose(client, "resume_workers", worker, address=WORKERS, reason="The disk is in.")
    assert Worker.objects.get(pk=worker.pk).enabled
    assert "Pause…" in client.get(page(worker)).text


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": "", "mode": "drain"},
        {"reason": "x", "mode": "explode"},
        {"reason": "x"},
        {"reason": "x" * 201, "mode": "stop"},
    ],
)
def test_it_refuses_a_pause_that_says_too_little(as_person, lindqvist, fields):
    worker = Worker.objects.get_or_create(name="sample")[0]

    answer = choose(as_person(lindqvist), "pause_workers", worker, address=WORKERS, **fields)

    assert answer.status_code == 422
    assert Worker.objects.get(pk=worker.pk).enabled


def test_it_foresees_that_a_paused_worker_cannot_be_paused_the_same_way(as_person, lindqvist):
    worker = Worker.objects.get_or_create(name="sample")[0]
    workers.pause(worker, by=lindqvist, reason="x")

    shown = choose(as_person(lindqvist), "pause_workers", worker, address=WORKERS)

    assert "Refused This worker is already paused." in words(shown)


def test_it_takes_no_pause_from_who_does_not_control_workers(as_person, rivera):
    worker = Worker.objects.get_or_create(name="sample")[0]

    choose(as_person(rivera), "pause_workers", worker, address=WORKERS, reason="x", mode="drain")

    assert Worker.objects.get(pk=worker.pk).enabled
    assert "Pause…" not in as_person(rivera).get(page(worker)).text
