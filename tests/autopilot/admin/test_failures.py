"""Failures by cause: how they are counted, and how one is tried before the rest."""

import pytest
from django.urls import reverse

from autopilot import engine
from autopilot.models import AuditEntry, Job
from autopilot.reports import failures
from autopilot.scrubbing import MASK
from autopilot.testing import run_jobs
from tests.autopilot.admin import rows
from tests.autopilot.admin.test_bulk import confirm, every, one, statuses
from tests.autopilot.admin.test_job_list import JOBS, _many, failed  # noqa: F401
from tests.autopilot.admin.test_review_page import words
from tests.autopilot.engine.test_plans import READS_ALL, plans_of

pytestmark = pytest.mark.django_db
FAILURES = reverse("admin:job_failures")


class Weather:
    """Whether the portal can be reached."""

    fine = False


@pytest.fixture
def weather() -> Weather:
    """A portal that is away, and a kind of jobs that needs it."""
    portal = Weather()

    @engine.handler("trial.deliver", max_attempts=1)
    def deliver(job, number: int):
        if not portal.fine:
            raise OSError(f"portal refused packet {number}")

    return portal


def deliver(count):
    """Run jobs that need the portal."""
    for number in range(count):
        engine.enqueue("trial.deliver", tenant_id=rows.TENANT, number=number)
    run_jobs()


def test_it_groups_failures_by_kind_and_cause(as_person, okafor, weather):
    deliver(3)
    rows.failed_job()
    rows.failed_job(reason="crash_loop", error="")
    rows.failed_job(reason="rejected")

    found = failures.failure_groups()
    said = words(as_person(okafor).get(FAILURES))

    assert [(group.kind, group.reason, group.count) for group in found.groups] == [
        ("trial.deliver", "attempts_exhausted", 3),
        ("sample.simple", "crash_loop", 1),
        ("sample.simple", "attempts_exhausted", 1),
    ]
    assert found.complete
    assert "trial.deliver 3 failed" in said
    assert "OSError: portal refused packet 2" in said
    assert "No error was left behind; the reason is “crash_loop”." in said


def test_each_group_leads_to_exactly_its_jobs(as_person, okafor, weather):
    deliver(2)
    rows.failed_job(reason="crash_loop", error="")
    rows.failed_job()
    client = as_person(okafor)

    for group in failures.failure_groups().groups:
        listed = client.get(JOBS, group.filters).context_data["cl"].result_list
        assert (len(listed), listed[0].pk) == (group.count, group.sample.pk)


def test_it_tries_one_sees_how_it_fares_and_tries_the_rest(as_person, lindqvist, weather):
    deliver(3)
    client = as_person(lindqvist)
    newest = failures.failure_groups().groups[0].sample
    filters = f"status__exact=failed&kind=trial.deliver&fingerprint={newest.error_fingerprint}"
    weather.fine = True

    foreseen = words(client.get(one(newest, "canary")))
    tried = confirm(client, one(newest, "canary"))
    under_way = words(client.get(tried.url))
    run_jobs()
    worked = words(client.get(FAILURES))
    confirm(client, every("retry", filters))
    run_jobs()

    assert "It is back in the queue." in foreseen
    assert tried.url == FAILURES
    assert "Pending It is under way." in under_way
    assert "Completed It worked: the rest may be worth a try. " in worked
    assert "Retry the rest (2)" in worked
    assert statuses() == {"completed": 3}
    assert "Nothing has failed" in client.get(FAILURES).text
    assert "Retried first, lately" in client.get(FAILURES).text


def test_it_says_that_a_canary_failed_again(as_person, lindqvist, weather):
    deliver(2)
    client = as_person(lindqvist)

    confirm(client, one(failures.failure_groups().groups[0].sample, "canary"))
    run_jobs()

    assert "Failed It failed again: mend the cause first." in words(client.get(FAILURES))
    assert failures.failure_groups().groups[0].count == 2


def test_it_audits_a_canary_with_its_group(as_person, lindqvist, weather):
    deliver(1)
    sample = failures.failure_groups().groups[0].sample

    confirm(as_person(lindqvist), one(sample, "canary"))

    entry = AuditEntry.objects.get(name="autopilot.worker.canary_sent")
    assert (entry.actor, entry.subject_id, entry.ip) == (lindqvist, "trial", "127.0.0.1")
    assert entry.data["fingerprint"] == sample.error_fingerprint
    assert AuditEntry.objects.filter(name="autopilot.job.requeued", subject_id=str(sample.pk)).exists()


def test_it_shows_auditors_everything_and_lets_them_do_nothing(as_person, okafor, weather):
    deliver(1)
    client = as_person(okafor)

    assert "Retry one" not in client.get(FAILURES).text
    assert confirm(client, one(failures.failure_groups().groups[0].sample, "canary")).status_code == 403
    assert statuses() == {"failed": 1}


def test_it_masks_what_an_error_repeats(as_person, okafor):
    @engine.handler("trial.secret", max_attempts=1)
    def secret(job, ssn: str, note: str):
        raise ValueError(f"cannot match {ssn} or 123-45-6789: {note}")

    engine.enqueue("trial.secret", tenant_id=rows.TENANT, ssn="987 65 4321", note="hello")
    run_jobs()

    said = words(as_person(okafor).get(FAILURES))

    assert f"cannot match {MASK} or {MASK}: hello" in said


def test_it_counts_the_newest_alone_and_says_so(as_person, okafor, monkeypatch):
    monkeypatch.setattr(failures, "MOST_COUNTED", 2)
    for _ in range(3):
        failed()

    assert failures.failure_groups().groups[0].count == 2
    assert "Counted are the newest 2 failed jobs" in words(as_person(okafor).get(FAILURES))


def test_it_asks_as_often_for_many_groups_as_for_one(client, stone, django_assert_max_num_queries):
    for number in range(30):
        failed(error_fingerprint=f"{number:016x}")
    client.force_login(stone)
    client.get(FAILURES)

    with django_assert_max_num_queries(9):
        assert client.get(FAILURES).text.count("1 failed") == 30


@pytest.mark.usefixtures("_many")
def test_it_never_reads_all_jobs():
    plans = plans_of(failures.failure_groups)

    assert [plan for plan in plans if any(read in plan for read in READS_ALL)] == []
    assert Job.objects.filter(status="failed").count() == 30
