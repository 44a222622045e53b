"""What the tests of webhooks share: people, a topic that is told, receivers on this machine, and their endpoints."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage

from autopilot import webhooks
from autopilot.engine import emit, message
from autopilot.identifiers import uuid7
from autopilot.models import OutboxMessage, WebhookEndpoint
from tests.autopilot.engine.fixtures import database_file as database_file
from tests.autopilot.engine.fixtures import no_faults as no_faults
from tests.autopilot.engine.fixtures import own_registry as own_registry
from tests.autopilot.engine.fixtures import shared_database as shared_database
from tests.autopilot.engine.fixtures import stranger as stranger
from tests.autopilot.engine.fixtures import tenant as tenant
from tests.autopilot.engine.people import group_of, person

ALLOWED = ("add_webhookendpoint", "change_webhookendpoint", "resend_outboxmessage")
HOST = "127.0.0.1:9999"


def mail(thing_id: str) -> EmailMessage:
    """Return a mail about a thing."""
    return EmailMessage("A thing", "It happened.", to=["jane.doe@example.org"])


@pytest.fixture(autouse=True)
def topics(own_registry: None) -> None:
    """Two topics that webhooks are told of, and one between members of staff."""
    message("test.made", webhook=True)(mail)
    message("test.sold", webhook=True)(mail)
    message("test.whispered")(mail)


@pytest.fixture
def ada(db: None) -> User:
    """A person who may manage webhooks."""
    return person("ada", group_of("Administrator", *ALLOWED))


@pytest.fixture
def told(tenant: UUID) -> Callable[..., OutboxMessage]:
    """Return a function that leaves a message of the tenant."""

    def tell(topic: str = "test.made", **fields: Any) -> OutboxMessage:
        return emit(topic, **{"tenant_id": tenant, "thing_id": uuid7()} | fields)

    return tell


@pytest.fixture
def endpoint_at(tenant: UUID, settings: Any, db: None) -> Callable[..., WebhookEndpoint]:
    """Return a function that makes an endpoint of the tenant at a port of this machine."""

    def make(port: int = 9999, **fields: Any) -> WebhookEndpoint:
        settings.OUTBOUND_PRIVATE_HOSTS = [*settings.OUTBOUND_PRIVATE_HOSTS, f"127.0.0.1:{port}"]
        keeper = User.objects.filter(username="keeper").first() or person("keeper", group_of("Keepers", *ALLOWED))
        given: dict[str, Any] = {
            "tenant_id": tenant,
            "url": f"http://127.0.0.1:{port}/hook",
            "topics": [],
            "reason": "They asked.",
        }
        endpoint, _ = webhooks.create(**given | fields, by=keeper)
        return endpoint

    return make
