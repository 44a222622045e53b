"""The people of billing, and a database that several connections write to at once."""

import pytest

from tests.autopilot.engine.fixtures import database_file as database_file
from tests.autopilot.engine.fixtures import shared_database as shared_database
from tests.programs.billing.samples import finance_person
from tests.programs.samples import holder


@pytest.fixture
def school(db):
    """A holder."""
    return holder()


@pytest.fixture
def finance(db):
    """A person of Finance."""
    return finance_person("finance")


@pytest.fixture
def second(db):
    """Another person of Finance."""
    return finance_person("second")
