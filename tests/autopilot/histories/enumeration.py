"""Every history in which processes die or freeze once or twice, at any named point."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations, product

from django.contrib.auth.models import User

from autopilot import clock, sweep
from autopilot.engine import faults
from autopilot.models import Job, WaitReason
from tests.autopilot.histories import promises
from tests.autopilot.histories.cluster import CRASH, INSIDE, MODES, STALL, Fault
from tests.autopilot.histories.rows import read
from tests.autopilot.histories.stage import Stage, staged

# Where the one honest limit begins: the last fence is passed, the call has yet to be made.
BEFORE_THE_CALL = frozenset({"once.after_intent", "once.before_call"})
OCCURRENCES = (1, 2)
MOST_ROUNDS = 40
QUORUM = 2
A_LITTLE = timedelta(seconds=11)


def single() -> list[Fault]:
    """Return every fault; inside a transaction, where nobody else can act, a stall is a stall."""
    return [
        Fault(point, occurrence, mode)
        for point, occurrence, mode in product(faults.POINTS, OCCURRENCES, MODES)
        if point not in INSIDE or mode in (CRASH, STALL)
    ]


def pairs() -> Iterator[tuple[Fault, Fault]]:
    """Yield every two faults that do not meet in one moment."""
    return ((one, other) for one, other in combinations(single(), 2) if one[:2] != other[:2])


def play(people: list[User], *coming: Fault, trouble: tuple[str, str] | None = None, jobs: int = 1) -> bool:
    """Play one history to its end and fail unless that is right; returns whether the one honest limit was reached.

    `coming` are the faults of processes; `trouble` is a place outside and how it fails, once. Of several `jobs` a
    process claims together what is due.
    """
    with staged(people) as stage:
        stage.world.trouble += [trouble] if trouble else []
        for _ in range(jobs):
            stage.enqueue(quorum=QUORUM)
        stage.cluster.expect(*coming)
        _until_ended(stage)
        return _ended_right(stage, jobs)


def _until_ended(stage: Stage) -> None:
    for _ in range(MOST_ROUNDS):
        sweep.leases.run()
        sweep.timers.run()
        stage.cluster.work()
        stage.cluster.catch_up()
        stage.office.attend()
        live = Job.objects.live()
        if not live.exists():
            return
        for key in live.filter(wait_reason=WaitReason.ANSWER).values_list("pk", flat=True):
            stage.world.answer(key)
        clock.move(A_LITTLE)


def _ended_right(stage: Stage, jobs: int) -> bool:
    promises.keep(stage.world)
    everything = read()
    assert len(everything) == len(stage.world.register) == jobs
    for rows in everything:
        assert rows.job.status == "completed", f"{rows.job.status}: {rows.job.reason} {rows.job.error}"
        assert sorted(entry.name for entry in rows.entries) == ["histories.packet.booked", "histories.packet.closed"]
        assert len([vote for vote in rows.decisions if vote.verdict == "approve"]) == QUORUM
    return len(stage.world.portal) > jobs


def comes(people: list[User], fault: Fault) -> bool:
    """Return whether an ordinary history comes by a fault at all."""
    with staged(people) as stage:
        stage.enqueue(quorum=QUORUM)
        stage.cluster.expect(fault)
        _until_ended(stage)
        return not stage.cluster.faults
