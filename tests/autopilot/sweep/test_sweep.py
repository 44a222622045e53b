"""The duties one after the other: a broken one stops no other, and a lost database stops them all."""

import logging
from functools import partial

import pytest
from django.db import DataError, InterfaceError, OperationalError

from autopilot import sweep

pytestmark = pytest.mark.django_db


def noting(ran: list[str]) -> int:
    ran.append("second")
    return 0


def broken(error):
    def duty() -> int:
        raise error

    return duty


def test_it_runs_every_duty_and_tells_how_much_each_did():
    assert sweep.run() == dict.fromkeys(sweep.DUTIES, 0)


@pytest.mark.parametrize("error", [ValueError("Odd."), DataError("Too long."), KeyError("x")])
def test_it_goes_on_after_a_broken_duty(error, caplog):
    with caplog.at_level(logging.ERROR):
        done = sweep.run({"first": broken(error), "second": lambda: 3})

    assert done == {"second": 3}
    assert "the duty first failed" in caplog.text


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_it_ends_when_the_database_is_away(error):
    ran: list[str] = []

    with pytest.raises(error):
        sweep.run({"first": broken(error("Gone.")), "second": partial(noting, ran)})

    assert ran == []


def test_its_urgent_duties_are_duties_too():
    assert sweep.URGENT.items() <= sweep.DUTIES.items()
