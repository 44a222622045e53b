"""What the tests of the ground floor share."""

import pytest

from autopilot.models import Schedule


@pytest.fixture
def no_schedules(db: None) -> None:
    """No schedule: those that the floors above lay are not what is tested here."""
    Schedule.objects.all().delete()
