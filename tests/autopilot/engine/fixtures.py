"""People, a tenant, and a registry that forgets what a test registered."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, User

from autopilot.engine import faults, registry
from autopilot.identifiers import uuid7
from tests.autopilot.engine import concurrency
from tests.autopilot.engine.people import group_of, person


@pytest.fixture(autouse=True)
def own_registry() -> Iterator[None]:
    """Forget what a test registers."""
    with registry.registered_for_test():
        yield


@pytest.fixture(autouse=True)
def no_faults() -> Iterator[None]:
    """Let nothing watch the fault points after a test."""
    yield
    faults.watch(None)


@pytest.fixture
def tenant() -> UUID:
    """An organization."""
    return uuid7()


@pytest.fixture
def reviewers(db) -> Group:
    """Those who decide about packets."""
    return group_of("Reviewer", "decide_checkpoint")


@pytest.fixture
def operators(db) -> Group:
    """Those who find out what happened, and who control jobs."""
    return group_of("Operator", "decide_checkpoint", "control_job", "control_worker")


@pytest.fixture
def alice(reviewers) -> User:
    """The person who asks for jobs."""
    return person("alice", reviewers)


@pytest.fixture
def bob(reviewers) -> User:
    """A person who decides."""
    return person("bob", reviewers)


@pytest.fixture
def carol(reviewers) -> User:
    """Another person who decides."""
    return person("carol", reviewers)


@pytest.fixture
def olga(operators) -> User:
    """A person who operates the workers."""
    return person("olga", operators)


@pytest.fixture
def stranger(db) -> User:
    """A member of staff without any permission here."""
    return person("stranger")


@pytest.fixture(scope="session")
def database_file(django_db_setup, django_db_blocker, tmp_path_factory) -> Path:
    """The file of an empty database on SQLite, copied before any test has begun a transaction."""
    file: Path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    with django_db_blocker.unblock():
        concurrency.write_empty_database(file)
    return file


@pytest.fixture
def shared_database(database_file, db, tmp_path) -> Iterator[None]:
    """A database that several connections write to at once, and that is empty again afterwards."""
    with concurrency.shared_database(database_file, tmp_path / "shared.sqlite3"):
        yield
