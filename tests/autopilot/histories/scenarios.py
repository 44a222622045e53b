"""Small histories, each of which ends wrong if the engine forgets one of its rules; together they take a second."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User

from autopilot import clock, sweep
from autopilot.engine import cancel, faults, statements
from autopilot.models import Checkpoint, Job, JobStatus
from autopilot.sweep import leases
from autopilot.testing import claim as claimed
from tests.autopilot.histories import promises
from tests.autopilot.histories.cluster import CLAIM, CRASH, PAST_THE_LEASE, TOGETHER, Fault, in_transaction
from tests.autopilot.histories.enumeration import play
from tests.autopilot.histories.stage import Stage, staged

Scenario = Callable[[list[User]], None]


def a_frozen_run_settles_nothing(people: list[User]) -> None:
    """A run that lost its job just before the end leaves the end to its successor."""
    with staged(people) as stage:
        _bring_to_the_last_run(stage)
        stage.cluster.expect(Fault("settle.before", 1, CLAIM))

        assert stage.cluster.work() == "fenced"
        assert Job.objects.get().status == JobStatus.RUNNING

        stage.cluster.catch_up()
        assert promises.keep(stage.world)[0].job.status == JobStatus.COMPLETED


def a_frozen_run_writes_nothing(people: list[User]) -> None:
    """A run that lost its job stops at its next fence, before it does more harm."""
    with staged(people) as stage:
        _bring_to_approval(stage)
        stage.office.attend()
        stage.cluster.expect(Fault("call.after_call", 1, CLAIM))

        assert stage.cluster.work() == "fenced"
        assert not stage.world.portal, "it submitted what another run was to submit"
        promises.keep(stage.world)


def a_run_whose_lease_ended_writes_nothing(people: list[User]) -> None:
    """A run that overslept stops even if nobody has noticed yet."""
    with staged(people) as stage:
        job = stage.enqueue()
        running = claimed(job)
        clock.move(PAST_THE_LEASE)

        assert stage.cluster.run(running) == "fenced"
        assert not job.checkpoints.exists()


def a_lost_job_takes_nobody_along_twice(people: list[User]) -> None:
    """A job whose process died with it is claimed alone from then on."""
    with staged(people) as stage:
        jobs = [stage.enqueue() for _ in range(2)]
        stage.cluster.expect(Fault("tx.after_commit", 1, CRASH))
        stage.cluster.work()
        clock.move(PAST_THE_LEASE)
        leases.run()
        stage.enqueue()

        claims = [statements.claim_together("second", settings.AUTOPILOT_LEASE, TOGETHER) for _ in range(3)]

        assert [len(claim) for claim in claims] == [1, 1, 1]
        assert {claim[0].pk for claim in claims[:2]} == {job.pk for job in jobs}


def a_handler_never_catches_its_own_waiting(people: list[User]) -> None:
    """A handler that catches every Exception still waits."""
    with staged(people) as stage:
        stage.enqueue()

        assert stage.cluster.work() == "suspended"


def a_crash_after_the_call_asks_before_it_calls_again(people: list[User]) -> None:
    """What may have happened is not done again unseen."""
    play(people, Fault("once.after_call", 1, CRASH))


def a_crash_in_a_decision_takes_it_back(people: list[User]) -> None:
    """A decision without its wake-up is none."""
    play(people, Fault("decide.before_wake", 1, CRASH))


def a_crash_in_a_local_step_takes_it_back(people: list[User]) -> None:
    """An effect without its memo is none."""
    play(people, Fault("tx.before_commit", 1, CRASH))


def nobody_decides_alone(people: list[User]) -> None:
    """Who asked and who edited last are refused; another person is not."""
    alice, bob, carol = people
    with staged(people) as stage:
        checkpoint = _bring_to_approval(stage)
        assert not stage.office.decide(checkpoint, alice), "who asked decided"
        assert stage.office.amend(checkpoint, bob, 2)
        checkpoint.refresh_from_db()

        assert not stage.office.decide(checkpoint, bob), "who edited decided"
        assert stage.office.decide(checkpoint, carol)
        promises.keep(stage.world)


def the_first_decision_counts(people: list[User]) -> None:
    """What was approved is not rejected afterwards."""
    _, bob, carol = people
    with staged(people) as stage:
        checkpoint = _bring_to_approval(stage)
        assert stage.office.decide(checkpoint, bob)

        assert not stage.office.decide(checkpoint, carol, approve=False), "decided twice"
        promises.keep(stage.world)


def an_amendment_voids_votes(people: list[User]) -> None:
    """A vote for what stood there before is no vote for what stands there now."""
    alice, bob, carol = people
    with staged(people) as stage:
        checkpoint = _bring_to_approval(stage, quorum=2)
        assert stage.office.decide(checkpoint, bob)
        assert stage.office.amend(checkpoint, alice, 2)
        checkpoint.refresh_from_db()
        assert stage.office.decide(checkpoint, carol)

        checkpoint.refresh_from_db()
        assert checkpoint.is_pending, "approved by one of two"


def what_nobody_decides_ends(people: list[User]) -> None:
    """A job does not wait for a decision that nobody can take any more."""
    with staged(people) as stage:
        _bring_to_approval(stage)
        clock.move(timedelta(hours=5))

        sweep.expiry.run()

        assert promises.keep(stage.world)[0].job.reason == "expired"


def the_reaper_leaves_the_living_alone(people: list[User]) -> None:
    """A look at an old row ends no run: neither one that lives, nor its successor."""
    with staged(people) as stage:
        running = claimed(stage.enqueue())
        assert not leases.reap(running), "it took a job from a living run"
        clock.move(PAST_THE_LEASE)
        leases.run()
        stage.cluster.expect()
        successor = claimed(running)

        assert not leases.reap(running), "it took the job from the successor"
        successor.refresh_from_db()
        assert successor.status == JobStatus.RUNNING


def the_reaper_leaves_a_late_successor_alone(people: list[User]) -> None:
    """An old look at a lease that has ended ends no later run, however that one stands."""
    with staged(people) as stage:
        running = claimed(stage.enqueue())
        clock.move(PAST_THE_LEASE)
        leases.run()
        successor = claimed(running)
        clock.move(PAST_THE_LEASE)

        assert not leases.reap(running), "it judged the successor by what its predecessor had used up"
        assert leases.reap(successor)


def a_decision_at_the_moment_of_waiting_is_seen(people: list[User]) -> None:
    """People who decide at once, wherever nobody holds the job, are not overlooked."""
    with staged(people) as stage:
        job = stage.enqueue()
        faults.watch(lambda point: None if in_transaction() else _decide_at_once(stage))

        stage.cluster.work()

        promises.keep(stage.world)
        job.refresh_from_db()
        assert job.status == JobStatus.PENDING


def an_answer_while_it_asks_is_seen(people: list[User]) -> None:
    """An answer that comes just after the question was answered with no is not slept over."""
    with staged(people) as stage:
        job = stage.enqueue()
        stage.cluster.work()
        stage.office.attend()
        stage.world.answering.add(job.pk)

        assert stage.cluster.work() == "completed"


def a_running_job_is_not_claimed(people: list[User]) -> None:
    """One job, one claim."""
    with staged(people) as stage:
        claimed(stage.enqueue())

        assert stage.cluster.work() == "", "it ran a job that was running"
        promises.keep(stage.world)


def a_cancelled_job_asks_nobody(people: list[User]) -> None:
    """With its job, a question ends."""
    with staged(people) as stage:
        checkpoint = _bring_to_approval(stage)

        cancel(checkpoint.job_id, actor=None, reason="No longer wanted.")

        promises.keep(stage.world)


def _bring_to_approval(stage: Stage, *, quorum: int = 1) -> Checkpoint:
    job = stage.enqueue(quorum=quorum)
    stage.cluster.work()
    return job.checkpoints.get(key="review")


def _bring_to_the_last_run(stage: Stage) -> None:
    checkpoint = _bring_to_approval(stage)
    stage.office.attend()
    stage.cluster.work()
    stage.world.answer(checkpoint.job_id)


def _decide_at_once(stage: Stage) -> None:
    stage.office.attend()


SCENARIOS: tuple[Scenario, ...] = (
    a_frozen_run_settles_nothing,
    a_frozen_run_writes_nothing,
    a_run_whose_lease_ended_writes_nothing,
    a_lost_job_takes_nobody_along_twice,
    a_handler_never_catches_its_own_waiting,
    a_crash_after_the_call_asks_before_it_calls_again,
    a_crash_in_a_decision_takes_it_back,
    a_crash_in_a_local_step_takes_it_back,
    nobody_decides_alone,
    the_first_decision_counts,
    an_amendment_voids_votes,
    what_nobody_decides_ends,
    the_reaper_leaves_the_living_alone,
    the_reaper_leaves_a_late_successor_alone,
    a_decision_at_the_moment_of_waiting_is_seen,
    an_answer_while_it_asks_is_seen,
    a_running_job_is_not_claimed,
    a_cancelled_job_asks_nobody,
)
