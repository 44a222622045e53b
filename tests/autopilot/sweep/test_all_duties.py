"""All duties are done in turn; a broken one stops no other, and only a database that is away stops them."""

import logging
from pathlib import Path

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError

from autopilot import sweep
from autopilot.models import Job
from autopilot.sweep import leases, timers
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.standing import standing

pytestmark = pytest.mark.django_db


def failing_with(error: BaseException) -> sweep.Duty:
    """Return a duty that raises."""

    def fail() -> int:
        raise error

    return fail


def test_it_knows_every_duty_that_has_a_file():
    files = {path.stem for path in Path(sweep.__file__).parent.glob("*.py")}

    assert set(sweep.DUTIES) == files - {"__init__"}
    assert {"leases": leases.run, "timers": timers.run} == sweep.URGENT


def test_it_has_a_test_file_for_every_duty():
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}

    assert set(sweep.DUTIES) <= tests


def test_it_does_nothing_where_there_is_nothing_to_do():
    done = sweep.run()

    assert done == dict.fromkeys(sweep.DUTIES, 0)


def test_it_says_how_much_each_duty_did():
    assert sweep.run({"one": lambda: 1, "two": lambda: 2}) == {"one": 1, "two": 2}


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), IntegrityError("x"), DataError("x")], ids=repr)
def test_it_goes_on_when_a_duty_fails(error):
    done = sweep.run({"one": lambda: 1, "broken": failing_with(error), "two": lambda: 2})

    assert done == {"one": 1, "two": 2}


def test_it_logs_which_duty_failed_and_where_but_no_value_of_a_row(caplog):
    error = IntegrityError("Failing row contains (Jane Doe, 123-45-6789).")

    with caplog.at_level(logging.ERROR, logger="autopilot"):
        sweep.run({"broken": failing_with(error)})

    assert "the duty broken failed: IntegrityError" in caplog.text
    assert "in fail" in caplog.text
    assert "Jane" not in caplog.text


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_it_stops_when_the_database_is_away(error):
    with pytest.raises(error):
        sweep.run({"broken": failing_with(error("gone")), "two": lambda: 2})


def test_it_is_no_exception_that_a_process_is_told_to_end():
    with pytest.raises(KeyboardInterrupt):
        sweep.run({"broken": failing_with(KeyboardInterrupt())})


def test_it_may_be_run_by_everybody_at_once(shared_database):
    for _ in range(4):
        standing("waiting")

    results = at_once(*[sweep.run] * 3)

    assert sum(done["timers"] for done in results) == 4
    assert set(Job.objects.values_list("status", flat=True)) == {"pending"}
