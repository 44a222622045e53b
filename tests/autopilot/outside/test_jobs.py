"""The outside as a job sees it: sent once, tracked until decided, woken by callbacks and by people."""

import json
import threading
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from autopilot import clock, signatures, submissions
from autopilot.engine import enqueue, handler, registry
from autopilot.identifiers import uuid7
from autopilot.models.checkpoints import Checkpoint
from autopilot.models.jobs import Job
from autopilot.models.portals import InboxMessage
from autopilot.testing import run_jobs
from tests.portal import SECRET, SLUG

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.autopilot.outside.urls")]


@pytest.fixture(autouse=True)
def handlers():
    """Two handlers that submit and track: with keys, and without."""
    with registry.registered_for_test():

        @handler("outside.call")
        def call(job, submission_id: UUID) -> Any:
            return follow(job, submission_id, job.call("send", lambda key: submissions.send(submission_id, key)))

        @handler("outside.once")
        def once(job, submission_id: UUID) -> Any:
            receipt = job.once(
                "send", lambda: submissions.send(submission_id), probe=lambda: submissions.find(submission_id)
            )
            return follow(job, submission_id, receipt)

        @handler("outside.counter")
        def counter(job, submission_id: UUID) -> Any:
            job.tx("await", lambda: submissions.await_manual(submission_id))
            job.tx("track", lambda: submissions.track(submission_id, job.id))
            return {"receipt": job.answer("receipt", lambda: submissions.find(submission_id))}

        yield


def follow(job, submission_id, receipt):
    job.tx("receipt", lambda: submissions.record_receipt(submission_id, receipt))
    job.tx("track", lambda: submissions.track(submission_id, job.id))
    decision = job.answer("decided", lambda: submissions.ask_status(submission_id), every="1h")
    job.tx("decision", lambda: submissions.record_decision(submission_id, **decision))
    return {"number": receipt["number"], "status": decision["status"]}


def start(kind, submission):
    return enqueue(f"outside.{kind}", tenant_id=submission.tenant_id, submission_id=submission.pk)


def run_later(job, hours=0.0):
    with clock.moved(timedelta(hours=hours)):
        run_jobs()
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("kind", ["call", "once"])
def test_it_is_sent_once_and_tracked_until_decided(portal, office, prepared, kind):
    submission = prepared(office)
    job = start(kind, submission)

    waiting = run_later(job).status
    portal.set(decide_after=0)
    done = run_later(job, hours=2)

    submission.refresh_from_db()
    assert waiting == "waiting"
    assert (done.status, done.result["status"], submission.status) == ("completed", "approved", "approved")
    assert portal.counts()["submissions"] == 1


def test_it_is_taken_once_by_a_portal_that_honors_keys_whatever_happens(portal, office, prepared):
    portal.set(fail_times=1, drop_times=1)
    submission = prepared(office)
    job = start("call", submission)

    for hours in (0, 2, 4):
        run_later(job, hours)

    submission.refresh_from_db()
    assert submission.status == "received"
    assert portal.counts()["packets"][str(submission.packet_id)]["submissions"] == 1


def test_it_finds_what_a_portal_without_keys_took_without_an_answer(portal, prepared):
    office = portal.row(honors_idempotency=False)
    portal.set(honors_idempotency=False, drop_times=1)
    submission = prepared(office)
    job = start("once", submission)

    for hours in (0, 2):
        run_later(job, hours)

    submission.refresh_from_db()
    assert submission.status == "received"
    assert portal.counts()["submissions"] == 1


def test_it_asks_a_person_when_a_portal_without_keys_says_it_has_nothing(portal, prepared):
    Group.objects.get_or_create(name="Operator")
    office = portal.row(honors_idempotency=False)
    portal.set(honors_idempotency=False, fail_times=1)
    submission = prepared(office)
    job = start("once", submission)

    for hours in (0, 2):
        run_later(job, hours)

    assert Checkpoint.objects.get(job=job).kind == "reconcile"
    assert portal.counts()["submissions"] == 0


def test_it_ends_with_the_reasons_of_a_refusal(portal, office, prepared):
    portal.set(refuse_reasons=["The EIN is unknown."])
    submission = prepared(office)

    job = run_later(start("call", submission))

    submission.refresh_from_db()
    assert (job.status, job.reason, submission.status) == ("failed", "invalid", "refused")
    assert submission.reasons == ["The EIN is unknown."]
    assert "EIN" not in job.error


def test_a_callback_wakes_the_job_that_tracks(portal, office, prepared, client):
    submission = prepared(office)
    job = run_later(start("call", submission))
    submission.refresh_from_db()
    standing = {
        "packet": str(submission.packet_id),
        "receipt": submission.receipt,
        "status": "denied",
        "reasons": ["No."],
    }
    body = json.dumps({"type": "submission.decided", "data": standing}).encode()

    headers = signatures.sign([SECRET], str(uuid7()), body, at=clock.now())
    answer = client.post(f"/callbacks/{SLUG}/", body, content_type="application/json", headers=headers)

    assert answer.status_code == 200
    assert run_later(job).result == {"number": submission.receipt_number, "status": "denied"}


@pytest.mark.postgresql_only
def test_a_callback_waits_for_the_job_before_it_locks_the_submission(portal, office, prepared):
    submission = prepared(office)
    job = run_later(start("call", submission))
    submission.refresh_from_db()
    standing = {"packet": str(submission.packet_id), "receipt": submission.receipt, "status": "approved"}
    body = json.dumps({"type": "submission.decided", "data": standing}).encode()
    thread = threading.Thread(target=in_a_connection_of_its_own(submissions.receive_message, office, "m-1", body))

    with transaction.atomic():
        Job.objects.select_for_update().get(pk=job.pk)
        thread.start()
        wait_for_a_lock()
        submissions.record_decision(submission.pk, status="approved")
    thread.join(timeout=20)

    assert run_later(job).status == "completed"
    assert InboxMessage.objects.count() == 1


def in_a_connection_of_its_own(function, *arguments):
    def call():
        try:
            function(*arguments)
        finally:
            connection.close()

    return call


def wait_for_a_lock():
    """Wait until another connection waits for a lock of ours."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    until = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees one state of affairs otherwise
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("Nobody waits for a lock.")


def test_a_person_wakes_the_job_that_waits_for_a_number(counter, prepared, clerk):
    submission = prepared(counter)
    job = run_later(start("counter", submission))
    waiting = job.status

    submissions.confirm_manual(submission.pk, confirmation_number="TX-1", by=clerk)

    assert waiting == "waiting"
    assert run_later(job).result["receipt"]["number"] == "TX-1"
    assert Job.objects.get().status == "completed"
