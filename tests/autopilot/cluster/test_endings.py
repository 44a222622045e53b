"""An attempt whose handler cannot settle it is settled in its place."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.cluster import endings
from autopilot.engine import cancel, enqueue, handler
from autopilot.engine.executor import give_back
from autopilot.models.jobs import Job
from autopilot.testing import claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(tenant):
    @handler("test.work", max_attempts=2, timeout=timedelta(seconds=90))
    def work(job) -> None:
        """Do nothing."""

    return enqueue("test.work", tenant_id=tenant)


@pytest.mark.parametrize(
    ("end", "outcome", "error"),
    [
        (endings.overrun, "timed_out", "It took longer than 90 seconds."),
        (endings.cut_off, "retried", "The database went away, or refused, while it ran."),
    ],
)
def test_it_lets_the_job_try_again(job, end, outcome, error):
    claimed = claim(job)

    assert end(claimed)

    job.refresh_from_db()
    attempt = job.attempts.get()
    assert (job.status, job.attempt, job.crashes, job.error) == ("pending", 1, 0, error)
    assert job.scheduled_for > clock.now()
    assert (attempt.outcome, attempt.error) == (outcome, error)


@pytest.mark.parametrize(("end", "reason"), [(endings.overrun, "deadline"), (endings.cut_off, "attempts_exhausted")])
def test_it_fails_the_job_at_its_last_attempt(job, end, reason):
    assert end(claim(job))

    with clock.moved(endings.NEXT_ATTEMPT):
        assert end(claim(job))

    job.refresh_from_db()
    assert (job.status, job.attempt, job.reason) == ("failed", 2, reason)
    assert "took longer" in job.error or "went away" in job.error


@pytest.mark.parametrize("end", [endings.overrun, endings.cut_off])
@pytest.mark.parametrize("attempts", [1, 2])
def test_it_cancels_a_job_that_was_cancelled_meanwhile(job, end, attempts):
    Job.objects.filter(pk=job.pk).update(max_attempts=attempts)
    claimed = claim(job)
    cancel(job.pk, actor=None, reason="No longer wanted.")

    assert end(claimed)

    job.refresh_from_db()
    assert (job.status, job.attempts.get().outcome) == ("cancelled", "cancelled")


@pytest.mark.parametrize("end", [endings.overrun, endings.cut_off])
def test_it_touches_no_attempt_but_its_own(job, end):
    earlier = claim(job)
    give_back(earlier)
    later = claim(job)

    assert not end(earlier)

    job.refresh_from_db()
    assert (job.status, job.epoch) == ("running", later.epoch)
