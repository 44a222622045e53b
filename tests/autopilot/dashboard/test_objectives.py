"""What the house promises, and how far it keeps it."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.engine import cancel, decide, enqueue, handler
from autopilot.exceptions import Invalid
from autopilot.identifiers import uuid7
from autopilot.models import DurationTally, Job
from autopilot.reports import objectives
from autopilot.reports.objectives import Objective, State
from autopilot.sweep import tallies
from autopilot.testing import run_jobs
from config.objectives import OBJECTIVES
from tests.autopilot.dashboard.states import DAY, HOUR, MINUTE, SECOND, ended
from tests.autopilot.engine.runs import KIND, job_of
from tests.autopilot.sweep.asking import ask, asked

pytestmark = pytest.mark.django_db
HANDLED = Objective("handled", "x", ("test.ask",), 0.5, DurationTally.Measure.HANDLING, 5 * MINUTE)
THROUGH = Objective("through", "x", (KIND,), 0.95, DurationTally.Measure.TOTAL, 24 * HOUR)
COMPLETED = Objective("completed", "x", (KIND,), 1.0)
ALL = Objective("all", "x", (), 0.95)


def standing(objective, later=61 * SECOND):
    """Return how an objective stands once everything is counted."""
    with clock.moved(later):
        tallies.run()
        [found] = objectives.standings(objectives.ended_since(objectives.window_start()), [objective])
    return found.state, found.kept, found.of


def test_it_keeps_what_it_promises_while_a_person_is_asked_in_time(bob):
    checkpoint = asked()
    assert standing(HANDLED) == (State.KEPT, 1, 1)

    with clock.moved(3 * DAY):
        decide(checkpoint.pk, actor=bob, verdict="approve", version=1)
        run_jobs()

        assert standing(HANDLED) == (State.KEPT, 1, 1)


def test_it_misses_it_with_a_job_that_asked_too_late():
    handler("test.ask")(ask)
    enqueue("test.ask", tenant_id=uuid7(), options={})
    with clock.moved(6 * MINUTE):
        run_jobs()

        assert standing(HANDLED) == (State.MISSED, 0, 1)


def test_it_misses_it_with_a_job_that_still_has_not_asked():
    handler("test.ask")(ask)
    enqueue("test.ask", tenant_id=uuid7(), options={})

    assert standing(HANDLED, 4 * MINUTE) == (State.QUIET, 0, 0)
    assert standing(HANDLED, 6 * MINUTE) == (State.MISSED, 0, 1)


def test_it_misses_it_with_a_job_that_failed_before_it_could_ask():
    @handler("test.ask")
    def refuse(job):
        raise Invalid("It can never work.")

    enqueue("test.ask", tenant_id=uuid7())
    run_jobs()

    assert standing(HANDLED) == (State.MISSED, 0, 1)


def test_it_counts_nothing_a_person_cancelled(olga):
    handler("test.ask")(ask)
    job = enqueue("test.ask", tenant_id=uuid7(), options={})
    cancel(job.pk, actor=olga, reason="Not wanted.")

    assert standing(HANDLED, 10 * MINUTE) == (State.QUIET, 0, 0)


def test_it_measures_from_enqueued_to_completed():
    fast, slow = job_of(lambda job: None), job_of(lambda job: None)
    Job.objects.filter(pk=slow.pk).update(created_at=clock.now() - 25 * HOUR)
    run_jobs()

    assert standing(THROUGH) == (State.MISSED, 1, 2)
    assert Job.objects.get(pk=fast.pk).status == "completed"


def test_it_counts_successes_without_what_people_rejected():
    job_of(lambda job: None)
    ended(19)
    ended(1, "attempts_exhausted", "failed")
    ended(5, "rejected", "failed")

    assert standing(ALL)[:2] == (State.KEPT, 19)

    ended(2, "crash_loop", "failed")

    assert standing(ALL) == (State.MISSED, 19, 22)


def test_it_counts_the_kinds_that_are_meant():
    job_of(lambda job: None)
    ended(3, "attempts_exhausted", "failed")
    run_jobs()

    assert standing(COMPLETED) == (State.KEPT, 1, 1)


def test_it_forgets_what_is_older_than_its_window():
    job_of(lambda job: None)
    run_jobs()

    assert standing(COMPLETED, 8 * DAY) == (State.QUIET, 0, 0)


def test_it_says_where_there_is_no_such_work():
    assert standing(Objective("none", "x", ("nobody.does_this",), 0.9)) == (State.NO_WORK, 0, 0)


def test_it_promises_what_the_house_promises():
    assert [each.name for each in objectives.declared()] == [each.name for each in OBJECTIVES]
    assert [each.target for each in OBJECTIVES] == [0.95, 0.95, 1.0, 0.95]


@pytest.mark.parametrize(
    "change", [{"target": 0.0}, {"target": 1.5}, {"measure": "total", "within": timedelta(minutes=7)}], ids=repr
)
def test_it_refuses_a_promise_that_cannot_be_measured(change):
    wrong = {"name": "wrong", "promise": "x", "kinds": (), "target": 0.9} | change

    with pytest.raises(ValueError, match=r"wrong must be|target of wrong"):
        objectives.declare(Objective(**wrong))
    assert "wrong" not in [each.name for each in objectives.declared()]
