"""What a handler says to people and asks of them: checkpoints, and what became of them."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.engine import decide, faults, review_form
from autopilot.exceptions import ApprovalExpired, Rejected
from autopilot.models import Checkpoint, OutboxMessage, Worker
from autopilot.storable import digest
from autopilot.sweep import expiry
from autopilot.testing import run_job, run_jobs
from tests.autopilot.engine.runs import Crash, again, crashed, job_of, run

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def approving(**request):
    """Return a handler that asks for an approval and returns who gave it."""
    asked = {"title": "Fine?", "payload": {"n": 1}, "reviewers": "Reviewer"} | request

    def handle(job):
        review = job.approval("review", **asked)
        return [review.payload, review.version, review.decided_by_id, review.decided_by, review.comment, review.digest]

    return handle


def test_it_informs_and_goes_on():
    job, outcome = run(lambda job: job.info("note", title="It begins.", payload={"n": 1}, summary="Really."))

    checkpoint = job.checkpoints.get()
    assert outcome == "completed"
    assert (checkpoint.kind, checkpoint.status, checkpoint.title) == ("info", "noted", "It begins.")
    assert (checkpoint.payload, checkpoint.summary, checkpoint.due_at, checkpoint.expires_at) == (
        {"n": 1},
        "Really.",
        None,
        None,
    )
    assert not OutboxMessage.objects.exists()


def test_it_informs_once_however_often_it_runs():
    def handle(job):
        job.info("note", title="It begins.")
        job.info("note", title="It goes on.")
        if job.attempt == 1:
            raise Crash

    job = job_of(handle)
    crashed(job)
    run_jobs()

    assert list(job.checkpoints.values_list("key", "title")) == [("note", "It begins."), ("note#2", "It goes on.")]


def test_it_opens_a_checkpoint_and_waits_holding_nothing(alice, reviewers):
    before = clock.now()

    job, outcome = run(approving(summary="Look.", due="24h", expires="7d", quorum=2), requested_by=alice)

    checkpoint = job.checkpoints.get()
    revision = checkpoint.revisions.get()
    assert outcome == "suspended"
    assert (job.status, job.wait_reason, job.wake_at, job.lease_owner) == ("waiting", "checkpoint", None, "")
    assert (checkpoint.kind, checkpoint.status, checkpoint.key) == ("approval_required", "pending", "review")
    assert (checkpoint.title, checkpoint.summary, checkpoint.quorum) == ("Fine?", "Look.", 2)
    assert (checkpoint.requester, checkpoint.requester_label) == (alice, "alice")
    assert list(checkpoint.reviewers.all()) == [reviewers]
    assert (checkpoint.payload_version, checkpoint.payload_digest) == (1, digest({"n": 1}))
    assert (revision.version, revision.payload, revision.digest) == (1, {"n": 1}, checkpoint.payload_digest)
    assert before <= checkpoint.created_at <= clock.now()
    assert checkpoint.due_at is not None
    assert checkpoint.expires_at is not None
    assert checkpoint.due_at - checkpoint.created_at == timedelta(hours=24)
    assert checkpoint.expires_at - checkpoint.created_at == WEEK


def test_it_tells_the_reviewers_in_the_same_transaction(reviewers):
    job, _ = run(approving())

    message = OutboxMessage.objects.get()
    assert (message.topic, message.references, message.job_id) == (
        "autopilot.checkpoint.opened",
        {"checkpoint_id": str(job.checkpoints.get().pk)},
        job.pk,
    )


def test_it_freezes_the_form_that_the_checkpoint_was_opened_with(reviewers):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    review_form("test.form", schema=schema)

    job, _ = run(approving(form="test.form"))

    assert (job.checkpoints.get().form, job.checkpoints.get().form_schema) == ("test.form", schema)


def test_it_returns_what_was_approved_and_by_whom(alice, bob):
    job, _ = run(approving(), requested_by=alice)

    decide(job.checkpoints.get().pk, actor=bob, verdict="approve", version=1, comment=" Good. ")
    run_jobs()

    assert again(job).result == [{"n": 1}, 1, bob.pk, "bob", "Good.", digest({"n": 1})]


def test_it_asks_for_every_approval_once(alice, bob):
    def handle(job):
        return [job.approval("review", title=f"Part {n}", payload={"n": n}).payload["n"] for n in (1, 2)]

    bob.is_superuser = True
    bob.save()
    job, _ = run(handle, requested_by=alice)
    for key in ("review", "review#2"):
        decide(job.checkpoints.get(key=key).pk, actor=bob, verdict="approve", version=1)
        run_jobs()

    assert again(job).result == [1, 2]
    assert job.checkpoints.count() == 2


def test_it_raises_a_rejection_with_its_reason(alice, bob):
    caught = []

    def handle(job):
        try:
            approving()(job)
        except Rejected as rejection:
            caught.append(str(rejection))
            job.tx("tell", lambda: None)
            raise

    job, _ = run(handle, requested_by=alice)
    decide(job.checkpoints.get().pk, actor=bob, verdict="reject", version=1, comment="The fee is missing.")
    run_jobs()

    job = again(job)
    assert caught == ["The fee is missing."]
    assert (job.status, job.reason, job.error) == ("failed", "rejected", "Rejected: The fee is missing.")
    assert job.attempt == 1


def test_a_handler_may_go_on_after_a_rejection(alice, bob):
    def handle(job):
        try:
            approving()(job)
        except Rejected:
            return "without it"

    job, _ = run(handle, requested_by=alice)
    decide(job.checkpoints.get().pk, actor=bob, verdict="reject", version=1, comment="No.")
    run_jobs()

    assert (again(job).status, again(job).result) == ("completed", "without it")


@pytest.mark.parametrize(
    ("on_expiry", "status", "reason"), [("fail", "failed", "expired"), ("cancel", "cancelled", "expired")]
)
def test_it_ends_as_the_handler_said_when_nobody_decides(on_expiry, status, reason, reviewers):
    job, _ = run(approving(on_expiry=on_expiry))

    with clock.moved(WEEK):
        expiry.run()

    job = again(job)
    assert (job.status, job.reason) == (status, reason)
    assert job.checkpoints.get().status == "expired"


def test_it_goes_on_without_a_decision_where_the_handler_said_so(reviewers):
    def handle(job):
        try:
            approving(on_expiry="resume")(job)
        except ApprovalExpired:
            return "went on"

    job, _ = run(handle)
    with clock.moved(WEEK):
        expiry.run()
        run_jobs()

    assert again(job).result == "went on"


def test_it_fails_where_the_handler_does_not_say_what_to_do_without_a_decision(reviewers):
    job, _ = run(approving(on_expiry="resume"))
    with clock.moved(WEEK):
        expiry.run()
        run_jobs()

    assert (again(job).status, again(job).reason) == ("failed", "expired")


def test_it_stores_titles_that_no_database_holds_as_they_are(reviewers):
    job, outcome = run(approving(title="\0" + "x" * 300, summary="\ud800", payload={"a": "\0"}))

    checkpoint = Checkpoint.objects.get(job=job)
    assert outcome == "suspended"
    assert checkpoint.title == "\ufffd" + "x" * 199
    assert (checkpoint.summary, checkpoint.payload) == ("\ufffd", {"a": "\ufffd"})


@pytest.mark.parametrize(("point", "pending"), [("suspend.before_commit", 0), ("suspend.after_commit", 1)])
def test_it_is_asked_for_exactly_when_the_job_waits(point, pending, reviewers):
    def hook(reached):
        if reached == point:
            raise Crash

    job = job_of(approving())
    faults.watch(hook)
    with pytest.raises(Crash):
        run_job(job)

    assert Checkpoint.objects.pending().filter(job=job).count() == pending
    assert (again(job).status == "waiting") == bool(pending)
    assert OutboxMessage.objects.count() == pending


# --- what a worker's row asks of reviews ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "request_", "quorum", "hours"),
    [
        ({}, {"quorum": 1, "due": "24h"}, 1, 24),
        ({"review_quorum": 2}, {"quorum": 1}, 2, 24),
        ({"review_quorum": 2}, {"quorum": 3}, 3, 24),
        ({"review_due_hours": 8}, {"due": "24h"}, 1, 8),
        ({"review_due_hours": 36}, {}, 1, 36),
    ],
)
def test_it_asks_as_many_people_and_as_soon_as_its_worker_says(reviewers, row, request_, quorum, hours):
    Worker.objects.update_or_create(name="test", defaults=row)

    job, _ = run(approving(**request_))

    checkpoint = job.checkpoints.get()
    assert (checkpoint.quorum, checkpoint.due_at - checkpoint.created_at) == (quorum, timedelta(hours=hours))


def test_it_asks_one_person_what_happened_whatever_its_worker_says(operators):
    Worker.objects.update_or_create(name="test", defaults={"review_quorum": 2, "review_due_hours": 3})

    def broken():
        raise ConnectionResetError("The connection broke.")

    job, _ = run(lambda job: job.once("submit", broken))

    checkpoint = job.checkpoints.get()
    assert (checkpoint.quorum, checkpoint.due_at) == (1, checkpoint.created_at + timedelta(hours=3))
