"""The duty: new messages become deliveries, and due deliveries leave."""

from datetime import timedelta

import pytest

from autopilot import clock, webhooks
from autopilot.models import WebhookEndpoint
from autopilot.sweep import webhooks as duty
from tests.autopilot.engine.people import group_of, person
from tests.autopilot.outside.servers import serving
from tests.autopilot.webhooks.conftest import ALLOWED, endpoint_at, told, topics  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_it_tells_what_happened_and_forgets_old_secrets(endpoint_at, told):  # noqa: F811 (fixtures)
    with serving(lambda connection, request: connection.sendall(NO_CONTENT)) as (port, requests):
        endpoint = endpoint_at(port)
        webhooks.rotate(endpoint, by=person("ada", group_of("A", *ALLOWED)), reason="x")
        told()

        assert duty.run() == 2
        assert duty.run() == 0

    assert len(requests) == 1
    with clock.moved(timedelta(days=2)):
        duty.run()
    assert WebhookEndpoint.objects.get().previous_secret == ""
