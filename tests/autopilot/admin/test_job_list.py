"""The list of jobs: what a search means, what the filters leave, and that neither reads all jobs."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from autopilot import clock, engine
from autopilot.identifiers import uuid7
from autopilot.models import Job, JobStatus
from autopilot.reports import job_search
from tests.autopilot.admin import rows
from tests.autopilot.admin.addresses import listed
from tests.autopilot.admin.test_review_page import words
from tests.autopilot.engine.standing import needed
from tests.autopilot.engine.test_plans import READS_ALL, plans_of

pytestmark = pytest.mark.django_db
JOBS = listed("job")
FINGERPRINT = "0123456789abcdef"


def ids(client, **asked):
    """Return the ids of the jobs that the list shows."""
    answer = client.get(JOBS, asked)
    assert answer.status_code == 200
    return {job.pk for job in answer.context_data["cl"].result_list}


def failed(error="OSError: portal unreachable", **fields):
    """Return a failed job with a fingerprint."""
    job = rows.failed_job(error=error)
    Job.objects.filter(pk=job.pk).update(**{"error_fingerprint": FINGERPRINT} | fields)
    return Job.objects.get(pk=job.pk)


# --- Search -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "told"),
    [
        (lambda job: f" {job.pk} ", "The job with this id."),
        (lambda job: str(job.pk)[-8:].upper(), "Jobs whose id ends with"),
        (lambda job: f"…\u2060{str(job.pk)[-8:]}", "Jobs whose id ends with"),
        (lambda job: FINGERPRINT, "Failed jobs with the fingerprint"),
        (lambda job: "monthly:2026-11", "Jobs whose unique key is “monthly:2026-11”."),
        (lambda job: "sample.simple", "Jobs of the kind sample.simple."),
        (lambda job: "PORTAL unreach", "Jobs whose error or reason to hold contains “PORTAL unreach”"),
        (lambda job: "attempts exhausted", "Jobs whose error or reason to hold contains"),
    ],
)
def test_it_understands_what_is_searched_for(as_person, okafor, waiting, term, told):
    wanted = failed(unique_key="monthly:2026-11")

    answer = as_person(okafor).get(JOBS, {"q": term(wanted)})

    assert [job.pk for job in answer.context_data["cl"].result_list] == [wanted.pk]
    assert told in answer.text


def test_it_finds_a_held_job_by_its_reason(as_person, okafor, lindqvist):
    held, _ = rows.job(), rows.job()
    engine.hold(held.pk, actor=lindqvist, reason="Wait for the new list.")

    assert ids(as_person(okafor), q="new list") == {held.pk}


@pytest.mark.parametrize(
    "term", ["'; --", "%", "_", "\ufffd" * 500, "0" * 8, "f" * 16, "0190b1f2-0000-7000-8000-000000000000", "a.b", "…"]
)
def test_it_stands_whatever_is_searched_for(as_person, okafor, term):
    failed()

    assert ids(as_person(okafor), q=term) == set()


def test_it_searches_a_text_among_the_newest_alone_and_says_so(as_person, okafor, monkeypatch):
    monkeypatch.setattr(job_search, "MOST_SEARCHED", 2)
    _, second, newest = failed(), failed(), failed()

    answer = as_person(okafor).get(JOBS, {"q": "unreachable"})

    assert {job.pk for job in answer.context_data["cl"].result_list} == {second.pk, newest.pk}
    assert "among the newest 2 that have one" in answer.text


def test_it_searches_within_the_filters(as_person, okafor):
    inside, outside = failed(), failed(worker="other", kind="other.kind")

    assert ids(as_person(okafor), q="unreachable", worker="sample") == {inside.pk}
    assert ids(as_person(okafor), q=str(outside.pk), worker="sample") == set()


def test_it_counts_results_only_where_something_was_left_out(as_person, okafor):
    failed()
    client = as_person(okafor)

    assert "Show all" not in client.get(JOBS).text
    found = words(client.get(JOBS, {"q": "unreachable"}))
    assert "1 result" in found
    assert "Show all" in found


# --- Filters ----------------------------------------------------------------------------------------------------------


def test_it_filters_by_what_each_filter_says(as_person, okafor, lindqvist, waiting):
    held, lost, urgent = rows.job(), failed(error="", error_fingerprint="", reason="crash_loop"), rows.job(priority=9)
    engine.hold(held.pk, actor=lindqvist, reason="Wait.")
    broken = failed(unique_key="k", parent=waiting.job)
    client = as_person(okafor)

    assert ids(client, status__exact="failed") == {lost.pk, broken.pk}
    assert ids(client, kind=waiting.job.kind) == {waiting.job.pk}
    assert ids(client, worker="trial") == {waiting.job.pk}
    assert ids(client, waits="held") == {held.pk}
    assert ids(client, waits="checkpoint") == {waiting.job.pk}
    assert ids(client, priority="high") == {urgent.pk}
    assert ids(client, fingerprint=FINGERPRINT) == {broken.pk}
    assert ids(client, reason="crash_loop") == {lost.pk}
    assert ids(client, key="k") == {broken.pk}
    assert ids(client, parent=str(waiting.job.pk)) == {broken.pk}
    assert ids(client, tenant=str(waiting.job.tenant_id)) == {waiting.job.pk}
    assert len(ids(client, created="1h")) == 5


def test_it_counts_a_span_back_from_now(as_person, okafor):
    job = rows.job()
    Job.objects.filter(pk=job.pk).update(created_at=clock.now() - timedelta(hours=2))
    client = as_person(okafor)

    assert ids(client, created="1h") == set()
    assert ids(client, created="1d") == {job.pk}


@pytest.mark.parametrize("name", ["tenant", "parent", "kind", "fingerprint", "reason", "key", "waits", "status__exact"])
def test_it_finds_nothing_by_what_cannot_be(as_person, okafor, name):
    rows.job()

    assert ids(as_person(okafor), **{name: "no such\0thing" if name == "tenant" else "no such thing"}) == set()


def test_it_shows_a_filter_that_a_link_has_set(as_person, okafor):
    job = rows.job()
    client = as_person(okafor)

    assert "Organization" not in words(client.get(JOBS))
    assert f"Organization: {job.tenant_id}" in words(client.get(JOBS, {"tenant": str(job.tenant_id)}))


# --- Plans ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def _many() -> None:
    """Thousands of completed jobs, and a few of everything that is looked for."""
    Job.objects.bulk_create([_made(number, "completed") for number in range(5000)])
    Job.objects.bulk_create(
        [_made(number, "failed", error="OSError: x", error_fingerprint=FINGERPRINT) for number in range(30)]
    )
    Job.objects.bulk_create(
        [_made(number, "pending", priority=9, worker="rare", kind="rare.kind") for number in range(20)]
    )
    Job.objects.bulk_create([_made(number, "pending", held_at=clock.now(), hold_reason="Wait.") for number in range(5)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _made(number: int, status: str, **fields: Any) -> Job:
    now = clock.now() - timedelta(minutes=number)
    common = {
        "tenant_id": uuid7(), "kind": "often.kind", "worker": "often", "payload_digest": "0", "status": status,
        "scheduled_for": now, "rank": now, "created_at": now, "unique_key": f"k{number}" if number % 50 == 0 else "",
    }  # fmt: skip
    return Job(**common | needed(status) | fields)


def _searched(term: str) -> Callable[[], object]:
    return lambda: list(job_search.search_jobs(Job.objects.order_by("-created_at", "-id"), term)[0][:50])


@pytest.mark.usefixtures("_many")
def test_it_searches_by_index():
    """One test for all of them, because the many take their time."""
    known = Job.objects.filter(unique_key="k100", status=JobStatus.COMPLETED).get()
    searches = {
        "job_short_id": str(known.pk)[-8:],
        "job_failures" if connection.vendor == "postgresql" else "job_status_list": FINGERPRINT,
        "job_kind_list": "rare.kind",
        "job_key": "k100",
        "job_text": "OSError",
    }

    plans = {index: "\n".join(plans_of(_searched(term))) for index, term in searches.items()}

    assert [index for index, plan in plans.items() if index not in plan] == []
    assert [index for index, plan in plans.items() if any(read in plan for read in READS_ALL)] == []


@pytest.mark.usefixtures("_many")
def test_it_lists_by_index(as_person, okafor):
    client = as_person(okafor)
    asked: list[dict[str, str]] = [
        {"status__exact": "failed"}, {"worker": "rare"}, {"kind": "rare.kind"}, {"waits": "held"},
        {"tenant": str(uuid7())}, {"key": "k100"}, {"fingerprint": FINGERPRINT}, {"reason": "crash_loop"},
        {"parent": str(uuid7())}, {"created": "1h"},
    ]  # fmt: skip
    if connection.vendor == "postgresql":  # SQLite knows an average alone, by which every status is a frequent one
        asked.append({"priority": "high"})

    reading_all = {}
    for filters in asked:
        plans = plans_of(partial(ids, client, **filters))
        if found := [plan for plan in plans if any(read in plan for read in READS_ALL)]:
            reading_all[str(filters)] = found

    assert reading_all == {}
