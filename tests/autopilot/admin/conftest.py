"""The people of the office, a packet to review, and a registry that forgets what a test registered."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from autopilot.engine import registry
from autopilot.models import Checkpoint
from tests.autopilot.admin import packets
from tests.autopilot.admin.people import ensure_groups, member


@pytest.fixture(autouse=True)
def _own_registry() -> Iterator[None]:
    with registry.registered_for_test():
        packets.register()
        yield


@pytest.fixture
def groups(db) -> None:
    """The groups that the migrations make."""
    ensure_groups()


@pytest.fixture
def rivera(groups) -> User:
    """A reviewer."""
    return member("rivera", "Reviewer")


@pytest.fixture
def okafor(groups) -> User:
    """Another reviewer."""
    return member("okafor", "Reviewer")


@pytest.fixture
def lindqvist(groups) -> User:
    """An operator."""
    return member("lindqvist", "Operator")


@pytest.fixture
def stone(groups) -> User:
    """An administrator who may do everything."""
    return member("stone", is_superuser=True)


@pytest.fixture
def waiting(groups) -> Checkpoint:
    """A packet that waits for a reviewer."""
    return packets.waiting()


@pytest.fixture
def as_person(client):
    """Give a function that returns a client with a person signed in."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in
