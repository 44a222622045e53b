"""What these tests share with all tests of the engine."""

import pytest

from autopilot.models import Schedule
from tests.autopilot.engine.fixtures import alice as alice
from tests.autopilot.engine.fixtures import bob as bob
from tests.autopilot.engine.fixtures import carol as carol
from tests.autopilot.engine.fixtures import database_file as database_file
from tests.autopilot.engine.fixtures import no_faults as no_faults
from tests.autopilot.engine.fixtures import olga as olga
from tests.autopilot.engine.fixtures import operators as operators
from tests.autopilot.engine.fixtures import own_registry as own_registry
from tests.autopilot.engine.fixtures import reviewers as reviewers
from tests.autopilot.engine.fixtures import shared_database as shared_database
from tests.autopilot.engine.fixtures import stranger as stranger
from tests.autopilot.engine.fixtures import tenant as tenant


@pytest.fixture(autouse=True)
def _no_schedules(request, db):
    """No schedule but the test's own: those that migrations lay would be due as well."""
    if "shared_database" in request.fixturenames:
        request.getfixturevalue("shared_database")
    Schedule.objects.all().delete()
