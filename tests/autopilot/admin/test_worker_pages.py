"""The pages of workers, schedules and clusters: what they show, what can be done there, and who may."""

from datetime import timedelta

import pytest
from django.urls import reverse

from autopilot import clock, workers
from autopilot.models import AuditEntry, ClusterHeartbeat, ClusterRestart, Event, Job, Schedule, Worker
from autopilot.testing import run_jobs
from tests.autopilot.admin import rows
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.people import member
from tests.autopilot.admin.test_deeds import choose
from tests.autopilot.admin.test_review_page import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_schedules")]
WORKERS, SCHEDULES, CLUSTERS = listed("worker"), listed("schedule"), listed("clusterheartbeat")
LIMITS = {
    "description": "x",
    "concurrency": "",
    "max_attempts": "",
    "retry_base_seconds": "10",
    "retry_cap_seconds": "60",
    "review_quorum": "",
    "review_due_hours": "",
    "alert_failed": "",
    "alert_depth": "",
    "alert_run_seconds": "",
}


@pytest.fixture
def sample() -> Worker:
    """The worker of the samples."""
    return Worker.objects.get_or_create(name="sample")[0]


def failed(count, fingerprint="f" * 16):
    """Make failed jobs of one cause, with the event of their end."""
    for _ in range(count):
        job = rows.failed_job()
        Job.objects.filter(pk=job.pk).update(error_fingerprint=fingerprint)
        Event.objects.create(
            job=job, seq=9, from_status="running", to_status="failed", why="x", epoch=1, at=clock.now()
        )


def test_the_list_shows_how_each_worker_does(as_person, lindqvist, sample):
    rows.job()
    run_jobs()
    rows.job()
    failed(2)

    shown = as_person(lindqvist).get(WORKERS)

    row = next(each for each in shown.context["cl"].result_list if each.name == "sample")
    assert (row.figures.due, row.figures.running, row.figures.failed) == (1, 0, 2)
    assert row.figures.succeeded_at is not None
    assert row.figures.oldest_due is not None
    assert "status__exact=failed&amp;worker=sample" in shown.text


def test_the_list_says_who_paused_a_worker_why_and_when(as_person, lindqvist, sample):
    workers.pause(sample, by=lindqvist, reason="New disk.")

    assert "lindqvist: New disk. (paused, " in as_person(lindqvist).get(WORKERS).text


def test_the_page_groups_failures_by_their_cause(as_person, lindqvist, sample):
    failed(3, "a" * 16)
    failed(1, "b" * 16)

    shown = as_person(lindqvist).get(page(sample))

    groups = [(group.count, group.fingerprint) for group, _ in shown.context["failures"]]
    assert groups == [(3, "a" * 16), (1, "b" * 16)]
    assert f"fingerprint={'a' * 16}" in shown.text
    assert "OSError: unreachable" in shown.text


def test_the_page_asks_as_often_for_many_failures_and_schedules(client, stone, sample, django_assert_max_num_queries):
    client.force_login(stone)
    failed(12)
    for number in range(12):
        rows.schedule(f"schedule {number}")

    with django_assert_max_num_queries(16):
        assert client.get(page(sample)).status_code == 200


def test_it_runs_the_schedules_of_a_worker_once_for_two_presses(as_person, lindqvist, sample):
    schedule = rows.schedule()
    client = as_person(lindqvist)

    foreseen = choose(client, "run_workers", sample, address=WORKERS)
    choose(client, "run_workers", sample, address=WORKERS, reason="The list came late.")
    again = choose(client, "run_workers", sample, address=WORKERS, reason="The list came late.")

    assert "1 of its schedules is enqueued." in words(foreseen)
    assert "Its last run is not finished yet." in client.get(again.url).text
    assert Job.objects.get().payload == {"subject": "monthly"}
    entry = AuditEntry.objects.get(name="autopilot.schedule.run")
    assert (entry.actor, entry.subject_id, entry.ip) == (lindqvist, str(schedule.pk), "127.0.0.1")


def test_it_says_that_a_worker_has_nothing_to_run(as_person, lindqvist, sample):
    foreseen = choose(as_person(lindqvist), "run_workers", sample, address=WORKERS)

    assert "It has no schedule to run." in words(foreseen)
    assert "Nothing can be done." in foreseen.text


def test_it_asks_why_a_worker_is_resumed(as_person, lindqvist, sample):
    workers.pause(sample, by=lindqvist, reason="New disk.")
    client = as_person(lindqvist)

    refused = choose(client, "resume_workers", sample, address=WORKERS, reason=" ")
    choose(client, "resume_workers", sample, address=WORKERS, reason="The disk is in.")

    assert refused.status_code == 422
    assert AuditEntry.objects.get(name="autopilot.worker.resumed").data == {"reason": "The disk is in."}


def test_it_sets_reviews_and_alerts_of_a_worker(as_person, lindqvist, sample):
    chosen = {"review_quorum": "2", "review_due_hours": "48", "alert_failed": "1", "alert_depth": "9"}

    as_person(lindqvist).post(page(sample), LIMITS | chosen | {"alert_run_seconds": "30"})

    sample.refresh_from_db()
    assert (sample.review_quorum, sample.review_due_hours) == (2, 48)
    assert (sample.alert_failed, sample.alert_depth, sample.alert_run_seconds) == (1, 9, 30)
    fields = AuditEntry.objects.get(name="autopilot.worker.changed").data["fields"]
    assert {"review_quorum", "alert_depth"} <= set(fields)


@pytest.mark.parametrize(
    ("field", "entered"),
    [
        ("review_quorum", "0"),
        ("review_due_hours", "0"),
        ("review_due_hours", "-1"),
        ("max_attempts", "0"),
        ("concurrency", "99999"),
        ("alert_failed", "-1"),
        ("alert_depth", "many"),
        ("alert_run_seconds", "99999999999"),
        ("retry_cap_seconds", "9"),
        ("retry_base_seconds", ""),
    ],
)
def test_it_refuses_beside_its_field_what_no_worker_could_follow(as_person, lindqvist, sample, field, entered):
    answer = as_person(lindqvist).post(page(sample), LIMITS | {field: entered})

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert field.split("_", maxsplit=1)[0] in str(answer.context["adminform"].form.errors)
    assert not AuditEntry.objects.filter(name="autopilot.worker.changed").exists()


def test_an_auditor_looks_and_does_nothing(as_person, groups, sample):
    schedule = rows.schedule()
    client = as_person(member("quinn", "Auditor"))

    for address in (page(sample), page(schedule), CLUSTERS, WORKERS, SCHEDULES):
        shown = client.get(address)
        assert shown.status_code == 200
        assert "Run now…" not in shown.text
    choose(client, "run_workers", sample, address=WORKERS, reason="x")
    choose(client, "pause_schedules", schedule, address=SCHEDULES, reason="x")
    assert client.post(page(sample), LIMITS | {"concurrency": "1"}).status_code == 403
    assert not Job.objects.exists()
    assert Schedule.objects.get().enabled


def test_it_previews_a_schedule_and_saves_nothing(as_person, lindqvist):
    entered = {
        "name": "Say hello",
        "kind": "sample.simple",
        "payload": '{"subject": "monthly"}',
        "cron": "0 6 1 * *",
        "time_zone": "America/Los_Angeles",
        "_preview": "1",
    }

    shown = as_person(lindqvist).post(reverse("admin:autopilot_schedule_add"), entered)

    preview = shown.context["adminform"].form.preview
    assert len(preview) == 5
    assert all("6:00 a.m. P" in slot and "9:00 a.m. E" in slot for slot in preview)
    assert "Nothing is saved yet." in shown.text
    assert 'value="0 6 1 * *"' in shown.text
    assert not Schedule.objects.exists()


def test_it_previews_nothing_of_what_cannot_be_read(as_person, lindqvist):
    schedule = rows.schedule()

    shown = as_person(lindqvist).post(page(schedule), {"cron": "99 * * * *", "time_zone": "UTC", "_preview": "1"})

    assert "Bad minute" in shown.text
    assert "It would run" not in shown.text
    assert Schedule.objects.get().cron == "0 6 1 * *"


def test_it_shows_when_and_how_a_schedule_last_ran(as_person, lindqvist):
    schedule = rows.schedule()
    client = as_person(lindqvist)

    choose(client, "run_schedules", schedule, address=SCHEDULES, reason="Now.")
    run_jobs()

    job = Job.objects.get()
    for address in (SCHEDULES, page(schedule), page(schedule.worker)):
        assert page(job) in client.get(address).text
        assert "Completed</span>" in client.get(address).text


def test_it_pauses_and_enables_a_schedule_with_a_reason(as_person, lindqvist):
    schedule = rows.schedule()
    client = as_person(lindqvist)

    choose(client, "pause_schedules", schedule, address=SCHEDULES, reason="Holidays.")
    shown = words(client.get(page(schedule)))
    assert "None while it is paused" in shown
    assert "Paused lindqvist: Holidays. (" in shown
    choose(client, "enable_schedules", schedule, address=SCHEDULES, reason="They are over.")

    assert Schedule.objects.get().enabled
    names = AuditEntry.objects.filter(actor=lindqvist).order_by("id").values_list("name", flat=True)
    assert list(names) == ["autopilot.schedule.paused", "autopilot.schedule.enabled"]


def beat(process, cluster="one", seconds=0, **fields):
    """Make a process that reported so many seconds ago."""
    seen = clock.now() - timedelta(seconds=seconds)
    fields = {"role": "pump", "version": "1", "started_at": seen - timedelta(hours=2)} | fields
    return ClusterHeartbeat.objects.create(process=process, cluster=cluster, seen_at=seen, **fields)


def test_it_says_that_nothing_runs_jobs(as_person, lindqvist):
    beat("one:1", seconds=90)

    shown = as_person(lindqvist).get(CLUSTERS).text

    assert "Nothing runs jobs" in shown
    assert "manage.py autopilot" in shown


def test_it_marks_what_is_silent_and_versions_that_differ(as_person, lindqvist):
    beat("one:1", role="supervisor")
    beat("one:2", seconds=90)
    beat("two:1", "two", version="2", claims=7)
    ClusterRestart.objects.create(cluster="one", reason="its main process ended with status 1")

    shown = as_person(lindqvist).get(CLUSTERS)

    said = words(shown)
    assert "More than one version runs: 1, 2" in said
    assert "1 process of a living cluster is silent" in said
    assert "Its main process ended with status 1" in said
    assert "one Alive 1 restart" in said
    assert said.count("Silent") == 1


def test_its_cluster_page_asks_as_often_for_many(client, stone, django_assert_max_num_queries):
    client.force_login(stone)
    for number in range(60):
        beat(f"host:{number}", f"cluster {number % 7}")
        ClusterRestart.objects.create(cluster=f"cluster {number % 7}", reason="x")

    with django_assert_max_num_queries(6):
        assert client.get(CLUSTERS).status_code == 200
