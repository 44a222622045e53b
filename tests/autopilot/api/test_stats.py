"""Figures of the queue, and the kinds that can be asked for."""

from datetime import timedelta

import pytest

from autopilot import clock, engine
from autopilot.identifiers import uuid7
from autopilot.testing import run_jobs

pytestmark = pytest.mark.django_db


def queue(count: int, **options) -> None:
    for _ in range(count):
        engine.enqueue("sample.simple", tenant_id=uuid7(), subject="x", **options)


def test_it_counts_the_queue(operator, django_assert_max_num_queries):
    queue(2)
    run_jobs()
    queue(3)
    queue(1, scheduled_for=clock.now() + timedelta(hours=1))

    with clock.moved(timedelta(seconds=30)), django_assert_max_num_queries(8):
        told = operator.get("stats").json()

    assert told["active"] == {"pending": 4}
    assert told["ended_within_an_hour"] == {"completed": 2}
    assert (told["due"], told["due_by_worker"]) == (3, {"sample": 3})
    assert 29 < told["oldest_due_seconds"] < 40


def test_it_counts_nothing_where_nothing_is(operator):
    assert operator.get("stats").json() == {
        "active": {}, "ended_within_an_hour": {}, "due": 0, "due_by_worker": {}, "oldest_due_seconds": None,
    }  # fmt: skip


def test_it_tells_figures_of_the_network_to_staff_alone(owner, provider):
    assert owner.get("stats").status_code == 403
    assert provider.get("stats").status_code == 403


def test_it_tells_each_caller_the_kinds_they_may_ask_for(operator, provider, owner):
    def kinds(caller):
        return {row["kind"] for row in caller.get("kinds").json()["results"]}

    assert {"sample.simple", "document.archive_check", "application.process"} <= kinds(operator)
    assert kinds(provider) == {"sample.simple", "sample.files", "sample.transform"}
    assert kinds(owner) == set()


def test_it_tells_the_schema_of_a_kind(operator, provider):
    told = provider.get("kinds/sample.simple").json()

    assert told["payload_schema"]["required"] == ["subject"]
    assert told["description"].startswith("Tell people")
    assert operator.get("kinds/document.archive_check").status_code == 200
    assert provider.get("kinds/document.archive_check").status_code == 404
    assert provider.get("kinds/no.such").status_code == 404
