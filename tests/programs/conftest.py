"""The people of these tests, and what stands ready for them."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.cache import cache

from tests.portal import office as office
from tests.portal import portal as portal


@pytest.fixture(autouse=True)
def _no_counts_from_before():
    """Begin every test with an empty cache, in which the form's brake counts."""
    cache.clear()


@pytest.fixture
def applicant(db):
    """A person with an account who applies."""
    return User.objects.create_user("applicant", "applicant@harbortrades.example")


@pytest.fixture
def reviewers(db):
    """The group that decides about packets."""
    group, _ = Group.objects.get_or_create(name="Reviewer")
    group.permissions.add(*permissions("decide_checkpoint", "view_checkpoint", "view_application"))
    return group


@pytest.fixture
def operators(db):
    """The group that finds out what happened."""
    group, _ = Group.objects.get_or_create(name="Operator")
    return group


@pytest.fixture
def reviewer(reviewers):
    """A person who decides."""
    return staff_member("reviewer", reviewers)


@pytest.fixture
def second_reviewer(reviewers):
    """Another person who decides."""
    return staff_member("second", reviewers)


@pytest.fixture
def stranger(db):
    """A member of staff without any permission here."""
    return staff_member("stranger")


def staff_member(name, *groups):
    """Return a new member of staff."""
    user = User.objects.create_user(name, f"{name}@provost.example", is_staff=True)
    user.groups.set(groups)
    return user


def permissions(*codenames):
    """Return permissions by their names."""
    return Permission.objects.filter(codename__in=codenames)


@pytest.fixture
def clerk(db):
    """A person who records what portals answer."""
    user = staff_member("clerk")
    user.user_permissions.set(permissions("record_submission"))
    return user
