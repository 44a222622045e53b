"""Whatever happens, in any order: the promises are kept, and everything ends."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.autopilot.histories.machine import Histories
from tests.autopilot.histories.profile import ALL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_schedules")]

# The suite plays the same histories every time, so that what fails is a change and not a new draw.
FEW = settings(
    max_examples=120 if connection.vendor == "sqlite" else 60, stateful_step_count=30, derandomize=True, database=None
)
MANY = settings(max_examples=2000, stateful_step_count=50, database=None)


@pytest.mark.timeout(0 if ALL else 900)
def test_it_keeps_its_promises_in_any_history(people):
    class AnyHistory(Histories):
        """Histories among these people."""

    AnyHistory.people = people
    chosen = settings(MANY if ALL else FEW, deadline=None, suppress_health_check=list(HealthCheck))

    run_state_machine_as_test(AnyHistory, settings=chosen)

    assert AnyHistory.ended >= chosen.max_examples
