"""The figures for machines: the names, the format, and who may read them."""

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from autopilot import clock
from autopilot.cluster.pump import Pump
from autopilot.engine import decide
from autopilot.exceptions import FourEyes
from autopilot.models import Checkpoint, EventTally, Job
from autopilot.sweep import tallies
from autopilot.testing import run_jobs
from tests.autopilot.admin.rows import submitted_by_hand
from tests.autopilot.dashboard.states import MINUTE, SECOND, due, ended, heartbeat, message, running
from tests.autopilot.engine.runs import job_of
from tests.autopilot.sweep.asking import asked

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-monitoring"
NAMES = {
    "autopilot_jobs": "gauge",
    "autopilot_job_transitions": "counter",
    "autopilot_job_wait_seconds": "histogram",
    "autopilot_job_run_seconds": "histogram",
    "autopilot_queue_oldest_seconds": "gauge",
    "autopilot_fenced_writes": "counter",
    "autopilot_checkpoints": "gauge",
    "autopilot_checkpoint_decision_seconds": "histogram",
    "autopilot_four_eyes_denied": "counter",
    "autopilot_submissions": "gauge",
    "autopilot_outbox_lag_seconds": "gauge",
    "autopilot_cluster_heartbeat_age_seconds": "gauge",
    "agent_jobs_total": "gauge",
    "agent_checkpoints_pending": "gauge",
    "agent_checkpoints_total": "gauge",
    "agent_worker_active_jobs": "gauge",
    "agent_jobs_duration_seconds": "histogram",
}


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture
def scrape(client):
    """Give a function that returns the metric families by name."""

    def read():
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200, answer.text
        return {family.name: family for family in text_string_to_metric_families(answer.text)}

    return read


def values(family, name=""):
    """Return the samples of a family by their labels' values, in the order of the labels' names."""
    wanted = [each for each in family.samples if each.name == (name or family.name)]
    return {tuple(value for _, value in sorted(each.labels.items())): each.value for each in wanted}


def test_it_tells_everything_under_its_name_and_type(scrape):
    found = scrape()

    assert {name: family.type for name, family in found.items()} == NAMES
    assert all(family.documentation for family in found.values())


def test_it_answers_in_the_text_format(client):
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert "autopilot_fenced_writes_total 0.0\n" in answer.text


@pytest.mark.parametrize(
    "header",
    ["", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "Bearer " + TOKEN[:-1], "Bearer ÿ"],
    ids=repr,
)
def test_it_refuses_who_does_not_know_the_token(client, header):
    answer = client.get("/metrics", headers={"Authorization": header})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')
    assert "autopilot_" not in answer.text


@pytest.mark.parametrize("header", ["", "Bearer ", f"Bearer {TOKEN}"])
def test_it_is_not_there_without_a_token_in_the_settings(client, settings, header):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


def test_it_takes_no_writes(client):
    assert client.post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405


def test_it_counts_jobs_by_worker_and_status(scrape):
    due(2)
    running(5)
    ended(3)
    with clock.moved(61 * SECOND):
        tallies.run()
    ended(1)

    found = scrape()

    jobs = {("pending", "test"): 2, ("running", "test"): 1, ("completed", "test"): 4}
    assert values(found["autopilot_jobs"]) == jobs
    assert values(found["agent_jobs_total"]) == {("pending",): 2, ("running",): 1, ("completed",): 4}
    assert values(found["agent_worker_active_jobs"]) == {(): 1}
    assert (
        values(found["autopilot_job_transitions"], "autopilot_job_transitions_total")["running", "completed", "done"]
        == 4
    )


def test_it_takes_a_requeued_job_back_from_the_ended_ones(scrape):
    ended(2, "invalid", "failed")
    requeued = Job.objects.first()
    requeued.events.create(
        seq=3, from_status="failed", to_status="pending", why="requeue", epoch=1, hash="x", at=clock.now()
    )
    Job.objects.filter(pk=requeued.pk).update(status="pending", finished_at=None, purge_after=None, reason="")

    assert values(scrape()["autopilot_jobs"]) == {("failed", "test"): 1, ("pending", "test"): 1}


def test_its_histograms_add_up(scrape):
    job_of(lambda job: None)
    with clock.moved(45 * SECOND):
        run_jobs()
        with clock.moved(61 * SECOND):
            tallies.run()

    found = scrape()
    waits, total = found["autopilot_job_wait_seconds"], found["agent_jobs_duration_seconds"]

    assert values(waits, "autopilot_job_wait_seconds_bucket")["60.0", "test"] == 1
    assert values(waits, "autopilot_job_wait_seconds_bucket")["30.0", "test"] == 0
    assert values(waits, "autopilot_job_wait_seconds_count") == {("test",): 1}
    assert 44 < values(waits, "autopilot_job_wait_seconds_sum")["test",] < 60
    assert values(total, "agent_jobs_duration_seconds_bucket") == {
        ("1.0",): 0, ("5.0",): 0, ("10.0",): 0, ("30.0",): 0, ("60.0",): 1, ("300.0",): 1, ("600.0",): 1, ("+Inf",): 1,
    }  # fmt: skip


def test_it_tells_ages(scrape):
    due(1, ago=10 * MINUTE)
    message(created_at=clock.now() - 5 * MINUTE)
    heartbeat(2 * MINUTE)

    found = scrape()

    assert 599 < values(found["autopilot_queue_oldest_seconds"])[()] < 660
    assert 299 < values(found["autopilot_outbox_lag_seconds"])[()] < 360
    assert 119 < values(found["autopilot_cluster_heartbeat_age_seconds"])[()] < 180


def test_it_knows_no_age_of_a_cluster_that_never_was(scrape):
    assert values(scrape()["autopilot_cluster_heartbeat_age_seconds"]) == {}


def test_it_counts_checkpoints_and_submissions(scrape, bob):
    decide(asked().pk, actor=bob, verdict="approve", version=1)
    run_jobs()
    asked()
    submitted_by_hand()

    found = scrape()

    assert values(found["autopilot_checkpoints"]) == {
        ("approval_required", "approved"): 1,
        ("approval_required", "pending"): 1,
    }
    assert values(found["agent_checkpoints_pending"]) == {(): 1}
    assert values(found["agent_checkpoints_total"]) == {("approved",): 1, ("pending",): 1}
    assert values(found["autopilot_submissions"]) == {("in", "awaiting_manual"): 1}


def test_it_counts_decisions_that_four_eyes_forbid(scrape, bob):
    checkpoint = asked()
    Checkpoint.objects.filter(pk=checkpoint.pk).update(requester=bob)

    for _ in range(2):
        with pytest.raises(FourEyes):
            decide(checkpoint.pk, actor=bob, verdict="approve", version=1)

    assert values(scrape()["autopilot_four_eyes_denied"], "autopilot_four_eyes_denied_total") == {(): 2}
    assert Checkpoint.objects.get().decisions.count() == 0


def test_it_counts_runs_that_lost_their_job(scrape):
    def robbed(job):
        Job.objects.update(epoch=9)
        job.tx("write", lambda: None)

    job_of(robbed)
    Pump().run_one()

    assert values(scrape()["autopilot_fenced_writes"], "autopilot_fenced_writes_total") == {(): 1}


def test_it_names_no_person(client, alice, bob):
    checkpoint = asked(reviewers="Reviewer")
    Checkpoint.objects.filter(pk=checkpoint.pk).update(requester_label="alice")
    decide(checkpoint.pk, actor=bob, verdict="approve", version=1)

    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text

    assert [name for name in ("alice", "bob", str(checkpoint.pk), str(checkpoint.job_id)) if name in text] == []


def test_it_reads_at_most_every_ten_seconds(scrape, settings):
    settings.CACHES = settings.CACHES | {"figures": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    caches["figures"].clear()
    first = scrape()
    due(1)

    assert values(scrape()["autopilot_jobs"]) == values(first["autopilot_jobs"]) == {}


def test_it_asks_as_often_for_much_as_for_little(scrape):
    with CaptureQueriesContext(connection) as little:
        scrape()
    due(10)
    ended(10)
    for _ in range(3):
        EventTally.objects.note(EventTally.FENCED)
    with CaptureQueriesContext(connection) as much:
        scrape()

    assert len(much) <= len(little) <= 16
