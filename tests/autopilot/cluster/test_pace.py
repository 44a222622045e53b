"""What a process has seen of a kind tells how many of its jobs it claims at once."""

import pytest

from autopilot.cluster.pace import MOST, Pace
from autopilot.engine import handler
from autopilot.engine.statements import ALONE

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def kinds():
    for kind in ("test.quick", "test.slow"):
        handler(kind)(lambda job: None)
    handler("test.alone", alone=True)(lambda job: None)


def seen(*runs: tuple[str, float], times: int = 20) -> Pace:
    """Return a pace that has seen some runs so many times."""
    pace = Pace()
    for _ in range(times):
        for kind, seconds in runs:
            pace.note(kind, seconds)
    return pace


def test_it_claims_alone_before_it_has_seen_anything():
    assert Pace().together() == ALONE


@pytest.mark.parametrize(("seconds", "most"), [(0.0, MOST), (0.0005, MOST), (0.004, 5), (0.009, 2)])
def test_it_claims_as_many_as_fit_into_the_time_of_a_group(seconds, most):
    assert seen(("test.quick", seconds)).together() == (most, {"test.quick"})


def test_it_claims_no_kind_along_that_takes_longer():
    together = seen(("test.slow", 0.3), ("test.quick", 0.0001)).together()

    assert together == (MOST, {"test.quick"})


def test_it_takes_one_long_run_for_a_warning():
    pace = seen(("test.quick", 0.0001))

    pace.note("test.quick", 0.5)

    assert pace.together() == (1, frozenset())


def test_it_trusts_a_kind_only_by_and_by():
    assert seen(("test.quick", 0.0001), times=1).together() == (1, frozenset())


@pytest.mark.parametrize("kind", ["test.alone", "test.unknown"])
def test_it_claims_along_only_what_may_be(kind):
    assert seen((kind, 0.0001)).together().kinds == frozenset()
