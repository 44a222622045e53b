"""However the outside fails, before its effect or after it, and whoever dies or freezes besides: the job ends right."""

from itertools import product

import pytest

from tests.autopilot.histories.enumeration import BEFORE_THE_CALL, play, single
from tests.autopilot.histories.profile import ALL
from tests.autopilot.histories.world import PLACES, TROUBLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_schedules")]

# Every so manieth fault is played with each trouble; a prime, to meet every mode.
STRIDE = 1 if ALL else 17


@pytest.mark.timeout(0 if ALL else 900)
@pytest.mark.parametrize(("place", "trouble"), list(product(PLACES, TROUBLES)))
def test_it_survives_trouble_outside_and_one_fault(people, place, trouble):
    chosen = single()[::STRIDE]

    limits_reached = [fault for fault in chosen if play(people, fault, trouble=(place, trouble))]

    assert all(fault.point in BEFORE_THE_CALL for fault in limits_reached)


@pytest.mark.parametrize(("place", "trouble"), list(product(PLACES, TROUBLES)))
def test_it_survives_trouble_outside(people, place, trouble):
    limit_reached = play(people, trouble=(place, trouble))

    assert not limit_reached
