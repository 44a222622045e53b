"""How every history ends: no more faults, attentive people, an answer to every question, and time."""

from autopilot import clock, sweep
from autopilot.models import Job
from tests.autopilot.histories import promises
from tests.autopilot.histories.operators import Operators
from tests.autopilot.histories.stage import Stage

MOST_ROUNDS = 60


def bring_about(stage: Stage) -> None:
    """Fail unless every job ends once nothing goes wrong any more."""
    _end_trouble(stage)
    for _ in range(MOST_ROUNDS):
        for duty in sweep.DUTIES.values():
            duty()
        stage.office.attend()
        while stage.cluster.work():
            stage.office.attend()
        if not Job.objects.live().exists():
            return
        clock.move(promises.until_next_moment())
    raise AssertionError(f"These never ended: {list(Job.objects.live().values('status', 'wait_reason', 'attempt'))}")


def _end_trouble(stage: Stage) -> None:
    stage.cluster.expect()
    stage.cluster.catch_up()
    stage.world.trouble.clear()
    stage.world.answered.update(Job.objects.values_list("pk", flat=True))
    Operators(stage).let_everything_go()
