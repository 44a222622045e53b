"""Workers over the API: for staff who may control them, one or all."""

import pytest

from autopilot.models import AuditEntry, Job, Schedule, Worker

pytestmark = pytest.mark.django_db
WHY = {"reason": "The portal is down"}


@pytest.fixture(autouse=True)
def only_two(db):
    """Two workers."""
    Worker.objects.all().delete()
    Worker.objects.bulk_create([Worker(name="sample"), Worker(name="document")])


@pytest.fixture
def daily() -> Schedule:
    """A schedule of one of them."""
    return Schedule.objects.create(
        name="daily", worker_id="sample", kind="sample.simple", payload={"subject": "x"}, cron="0 6 * * *"
    )


def test_it_lists_and_reads(operator):
    assert [row["name"] for row in operator.get("workers").json()["results"]] == ["document", "sample"]
    assert operator.get("workers/sample").json()["enabled"] is True
    assert operator.get("workers/nobody").status_code == 404


def test_it_pauses_and_resumes(operator, lindqvist):
    paused = operator.post("workers/sample/pause", WHY | {"mode": "stop"})

    assert (paused.status_code, paused.json()["pause"]) == (200, "stop")
    assert operator.post("workers/sample/pause", WHY | {"mode": "stop"}).status_code == 409
    assert operator.post("workers/sample/resume", WHY).json()["enabled"] is True
    assert operator.post("workers/sample/resume", WHY).status_code == 409
    assert set(AuditEntry.objects.values_list("name", "actor", "ip")) >= {
        ("autopilot.worker.paused", lindqvist.pk, "127.0.0.1")
    }


@pytest.mark.parametrize("body", [{}, {"reason": " "}, WHY | {"mode": "hard"}, WHY | {"enabled": False}])
def test_it_refuses_a_pause_that_it_does_not_understand(operator, body):
    assert operator.post("workers/sample/pause", body).status_code == 400
    assert Worker.objects.get(pk="sample").enabled


def test_it_pauses_resumes_and_runs_all(operator, daily):
    operator.post("workers/sample/pause", WHY)

    paused = operator.post("workers/pause", WHY).json()["results"]
    resumed = operator.post("workers/resume", WHY).json()["results"]
    ran = operator.post("workers/run", WHY).json()["results"]

    assert [(row["worker"], row["done"]) for row in paused] == [("document", True), ("sample", False)]
    assert "already paused" in paused[1]["detail"]
    assert [row["done"] for row in resumed] == [True, True]
    assert [(row["worker"], row["done"], len(row["jobs"])) for row in ran] == [
        ("document", False, 0),
        ("sample", True, 1),
    ]


def test_it_runs_the_schedules_of_a_worker_now(operator, daily, lindqvist):
    jobs = operator.post("workers/sample/run", WHY).json()["jobs"]
    again = operator.post("workers/sample/run", WHY)

    job = Job.objects.get()
    assert (jobs, again.status_code) == ([str(job.pk)], 409)
    assert (job.kind, job.requested_by) == ("sample.simple", lindqvist)


def test_it_says_that_there_is_nothing_to_run(operator, daily):
    none = operator.post("workers/document/run", WHY)
    Schedule.objects.update(payload={"wrong": 1})
    broken = operator.post("workers/sample/run", WHY)

    assert (none.status_code, "no schedule to run" in none.json()["detail"]) == (409, True)
    assert (broken.status_code, "cannot run" in broken.json()["detail"]) == (409, True)
    assert not Job.objects.exists()


def test_it_is_for_staff_with_the_permission(called, lindqvist, rivera, owner, provider):
    viewer = called(rivera, "workers:read")
    reader = called(lindqvist, "workers:read")

    assert viewer.get("workers").status_code == 200
    assert reader.post("workers/sample/pause", WHY).status_code == 403
    for caller in (owner, provider, viewer):
        for path in ("workers/sample/pause", "workers/pause", "workers/sample/run"):
            assert caller.post(path, WHY).status_code == 403
    for caller in (owner, provider):
        assert caller.get("workers").status_code == 403
    assert Worker.objects.filter(enabled=True).count() == 2


def test_it_asks_the_database_as_often_for_many_as_for_one(operator, django_assert_max_num_queries):
    Worker.objects.bulk_create([Worker(name=f"w{number}") for number in range(60)])

    with django_assert_max_num_queries(6):
        assert len(operator.get("workers?page_size=100").json()["results"]) == 62
