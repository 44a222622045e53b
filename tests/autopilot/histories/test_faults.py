"""Wherever one process dies or freezes, or two: the job ends right, and nothing happens twice."""

import pytest

from autopilot.engine import faults
from tests.autopilot.histories.cluster import CRASH, TAKEOVER, Fault
from tests.autopilot.histories.enumeration import BEFORE_THE_CALL, comes, pairs, play, single
from tests.autopilot.histories.profile import ALL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_schedules")]

# Of the histories of two faults, in their fixed order, every so manieth is played; a prime, to meet every mode.
STRIDE = 1 if ALL else 37
# The same of those of one fault among jobs that were claimed together.
STRIDE_TOGETHER = 1 if ALL else 3
TOGETHER = 2


@pytest.mark.parametrize("point", faults.POINTS)
def test_it_comes_by_every_point(people, point):
    came = comes(people, Fault(point, 1, CRASH))

    assert came


def test_it_completes_without_a_fault(people):
    limit_reached = play(people)

    assert not limit_reached


@pytest.mark.parametrize("fault", single(), ids=str)
def test_it_survives_one_fault(people, fault):
    limit_reached = play(people, fault)

    assert not limit_reached or fault.point in BEFORE_THE_CALL


@pytest.mark.parametrize("fault", single()[::STRIDE_TOGETHER], ids=str)
def test_it_survives_one_fault_among_jobs_claimed_together(people, fault):
    limit_reached = play(people, fault, jobs=TOGETHER)

    assert not limit_reached or fault.point in BEFORE_THE_CALL


@pytest.mark.timeout(0 if ALL else 900)
@pytest.mark.parametrize("point", faults.POINTS)
def test_it_survives_two_faults(people, point, request):
    chosen = [pair for pair in list(pairs())[::STRIDE] if pair[0].point == point]

    limits_reached = [pair for pair in chosen if play(people, *pair)]

    request.node.user_properties += [("histories", len(chosen)), ("limits reached", len(limits_reached))]
    assert all(BEFORE_THE_CALL & {fault.point for fault in pair} for pair in limits_reached)


@pytest.mark.parametrize("point", sorted(BEFORE_THE_CALL))
def test_it_knows_the_one_limit_when_it_sees_it(people, point):
    limit_reached = play(people, Fault(point, 1, TAKEOVER))

    assert limit_reached
