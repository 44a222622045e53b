"""People for the histories, and silence: thousands of failures are meant to happen."""

import logging
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from tests.autopilot.histories.office import staff


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def people(db) -> list[User]:
    """Alice, bob and carol."""
    return staff()
