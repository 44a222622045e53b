"""The people who look at the figures, and a registry that forgets what a test registered."""

import pytest
from django.contrib.auth.models import User

from tests.autopilot.admin.people import ensure_groups, member
from tests.autopilot.engine.fixtures import alice as alice
from tests.autopilot.engine.fixtures import bob as bob
from tests.autopilot.engine.fixtures import carol as carol
from tests.autopilot.engine.fixtures import no_faults as no_faults
from tests.autopilot.engine.fixtures import olga as olga
from tests.autopilot.engine.fixtures import operators as operators
from tests.autopilot.engine.fixtures import own_registry as own_registry
from tests.autopilot.engine.fixtures import reviewers as reviewers
from tests.autopilot.engine.fixtures import stranger as stranger


@pytest.fixture
def operator(db) -> User:
    """A person who runs the house."""
    ensure_groups()
    return member("lindqvist", "Operator")


@pytest.fixture
def auditor(db) -> User:
    """A person who may read everything and change nothing."""
    ensure_groups()
    return member("voss", "Auditor")


@pytest.fixture
def newcomer(db) -> User:
    """A member of staff in no group."""
    return member("newcomer")
