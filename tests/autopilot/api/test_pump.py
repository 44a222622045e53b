"""The pump's door: shut while it has no secret, and a bounded share of the work for each call."""

from datetime import timedelta

import pytest

from autopilot import engine
from autopilot.api import pump
from autopilot.engine import JobContext, handler
from autopilot.exceptions import Invalid, Retryable
from autopilot.identifiers import uuid7
from autopilot.models import ClusterHeartbeat, Job
from tests.autopilot.api.conftest import Caller

pytestmark = pytest.mark.django_db
SECRET = "a secret of the pump"


@pytest.fixture
def timer(settings) -> Caller:
    """The host's timer, which knows the secret."""
    settings.API_PUMP_SECRET = SECRET
    return Caller(SECRET)


def queue(count: int, kind: str = "sample.simple", **payload) -> None:
    for _ in range(count):
        engine.enqueue(kind, tenant_id=uuid7(), **(payload or {"subject": "x"}))


@pytest.mark.parametrize("shown", ["", "undefined", "None", "wrong", SECRET + "x", SECRET[:-1], "é", "prv_x"])
def test_it_refuses_who_does_not_know_the_secret(timer, shown):
    queue(1)

    assert Caller(shown).post("pump").status_code == 401
    assert Job.objects.get().status == "pending"


@pytest.mark.parametrize("shown", ["", "undefined", "None", SECRET])
def test_it_refuses_everybody_while_it_has_no_secret(settings, shown):
    settings.API_PUMP_SECRET = ""

    assert Caller(shown).post("pump").status_code == 401
    assert Caller().client.post("/api/v1/pump", headers={"Authorization": "Bearer "}).status_code == 401


def test_it_takes_no_token_for_the_secret(timer, operator):
    assert operator.post("pump").status_code == 401
    assert timer.get("jobs").status_code == 401
    assert timer.get("pump").status_code == 405


def test_it_performs_ten_jobs_at_most(timer):
    queue(12)

    first, second, third = (timer.post("pump").json() for _ in range(3))

    assert (first["performed"], first["completed"], first["more"]) == (10, 10, True)
    assert (second["performed"], second["more"]) == (2, False)
    assert (third["performed"], third["more"]) == (0, False)


def test_it_performs_one_job_at_a_time_in_a_process(timer):
    queue(1)

    with pump._in_use:
        busy = timer.post("pump").json()

    assert (busy["performed"], busy["more"]) == (0, True)
    assert timer.post("pump").json()["performed"] == 1


def test_it_begins_nothing_when_its_time_is_over(timer, monkeypatch):
    queue(2)
    monkeypatch.setattr(pump, "LONGEST", timedelta(0))

    assert timer.post("pump").json()["performed"] == 0


def test_it_counts_failures_as_failures(timer):
    @handler("test.fail")
    def fail(job: JobContext, final: bool) -> None:
        raise Invalid("never") if final else Retryable("later")

    @handler("test.ask")
    def ask(job: JobContext, title: str) -> None:
        job.approval("review", title=title, payload={})

    queue(1)
    queue(1, "test.fail", final=True)
    queue(1, "test.fail", final=False)
    queue(1, "test.ask", title="Well?")

    told = timer.post("pump").json()

    assert told == {
        "performed": 4, "completed": 1, "waiting": 1, "failed": 1, "cancelled": 0, "put_back": 1, "more": False,
    }  # fmt: skip


def test_it_shows_that_somebody_performs_jobs_here(timer):
    queue(1)

    timer.post("pump")
    timer.post("pump")

    assert ClusterHeartbeat.objects.get().claims == 1
