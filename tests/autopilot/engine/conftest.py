"""People, a tenant, and a registry that forgets what a test registered."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, Permission, User

from autopilot.engine import registry
from autopilot.identifiers import uuid7


@pytest.fixture(autouse=True)
def own_registry() -> Iterator[None]:
    with registry.registered_for_test():
        yield


@pytest.fixture
def tenant() -> UUID:
    return uuid7()


@pytest.fixture
def reviewers(db) -> Group:
    group, _ = Group.objects.get_or_create(name="Reviewer")
    group.permissions.add(Permission.objects.get(codename="decide_checkpoint"))
    return group


def person(name: str, group: Group | None = None) -> User:
    user = User.objects.create_user(name, email=f"{name}@example.org", password="long enough for tests", is_staff=True)
    if group is not None:
        user.groups.add(group)
    return user


@pytest.fixture
def alice(reviewers) -> User:
    return person("alice", reviewers)


@pytest.fixture
def bob(reviewers) -> User:
    return person("bob", reviewers)


@pytest.fixture
def carol(reviewers) -> User:
    return person("carol", reviewers)


@pytest.fixture
def stranger(db) -> User:
    return person("stranger")
