"""Callers of the API: an owner, a tenant, staff; each with a client that shows their token."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from autopilot.engine import registry
from autopilot.identifiers import uuid7
from autopilot.models.tokens import Scope
from autopilot.tokens import create_token
from tests.autopilot.admin.people import ensure_groups, member

BASE = "/api/v1/"
EVERYTHING = [scope.value for scope in Scope]
OF_A_TENANT = [scope for scope in EVERYTHING if not scope.startswith(("workers:", "checkpoints:decide"))]


class Caller:
    """A client of the API with one token."""

    def __init__(self, secret: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str, **headers: str) -> Any:
        """Read something."""
        return self.client.get(BASE + path, headers=self.headers | _dashed(headers))

    def post(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        """Send JSON; text and bytes as they are."""
        sent = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        keyed = {} if key is None else {"Idempotency-Key": key}
        return self.client.post(
            BASE + path, sent, content_type="application/json", headers=self.headers | keyed | _dashed(headers)
        )

    def create(self, path: str, body: Any) -> Any:
        """Send JSON under a new key."""
        return self.post(path, body, key=str(uuid7()))


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture(autouse=True)
def _own_registry() -> Iterator[None]:
    with registry.registered_for_test():
        yield


@pytest.fixture(autouse=True)
def _fresh_counts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def groups(db) -> None:
    """The groups that the migrations make."""
    ensure_groups()


@pytest.fixture
def lindqvist(groups) -> User:
    """An operator."""
    return member("lindqvist", "Operator")


@pytest.fixture
def rivera(groups) -> User:
    """A reviewer."""
    return member("rivera", "Reviewer")


@pytest.fixture
def ann(groups) -> User:
    """A person who is no staff."""
    return member("ann", is_staff=False)


@pytest.fixture
def tenant() -> UUID:
    """An organization."""
    return uuid7()


@pytest.fixture
def called() -> Callable[..., Caller]:
    """Give a function that returns the caller of a person's new token."""

    def with_token(person: User, *scopes: str, tenant: UUID | None = None) -> Caller:
        usual = OF_A_TENANT if tenant or not person.is_staff else EVERYTHING
        _, secret = create_token(name="test", user=person, scopes=scopes or usual, by=None, tenant_id=tenant)
        return Caller(secret)

    return with_token


@pytest.fixture
def operator(called: Callable[..., Caller], lindqvist: User) -> Caller:
    """Staff who may do everything that the API offers."""
    return called(lindqvist)


@pytest.fixture
def owner(called: Callable[..., Caller], ann: User) -> Caller:
    """Somebody who is no staff, without a tenant."""
    return called(ann)


@pytest.fixture
def provider(called: Callable[..., Caller], ann: User, tenant: UUID) -> Caller:
    """The integration of a tenant."""
    return called(ann, tenant=tenant)
