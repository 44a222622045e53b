"""Webhooks, outbox and audit in a real browser: an administrator adds an endpoint, sends again, and reads who did it."""

import pytest
from playwright.sync_api import Page, expect

from autopilot import clock, webhooks
from autopilot.engine import emit
from autopilot.identifiers import uuid7
from autopilot.models import OutboxMessage, WebhookDelivery, WebhookEndpoint
from autopilot.tenants import NETWORK
from tests.acceptance.sight import faults, overflow, refusals, stops
from tests.autopilot.admin.people import ensure_groups, member

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
URL = "https://127.0.0.1:9999/provost/events"
LISTS = ["webhookendpoint", "webhookdelivery", "outboxmessage", "auditentry"]


@pytest.fixture
def adams(settings, db):
    """An administrator, where some mails and events could not leave."""
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1:9999"]
    ensure_groups()
    adams = member("adams", "Administrator")
    webhooks.create(tenant_id=NETWORK, url=f"{URL}/2", topics=[], by=adams, reason="They asked for it.")
    for topic in ("programs.application.received", "programs.application.state_decided"):
        emit(topic, tenant_id=NETWORK, application_id=uuid7())
    webhooks.announce()
    WebhookDelivery.objects.update(status="failed", attempts=19, last_status=503, error="It answered 503.")
    OutboxMessage.objects.update(status="failed", attempts=1, error="DoesNotExist")
    return adams


def assert_well(page: Page) -> None:
    """Check that a page leaves axe nothing, and is no wider than its window."""
    assert (page.url, faults(page), overflow(page)) == (page.url, [], 0)


@pytest.mark.parametrize(
    ("width", "color_scheme", "javascript"), [(1440, "light", True), (390, "dark", True), (390, "light", False)]
)
def test_it_leads_through_webhooks_outbox_and_audit(page_at, sign_in, adams, width, color_scheme, javascript):
    page = page_at(width=width, color_scheme=color_scheme, javascript=javascript)
    refused = refusals(page)
    look = assert_well if javascript else lambda page: None
    sign_in(page, adams)

    page.goto("/admin/autopilot/webhookendpoint/add/")
    page.get_by_role("button", name="Add the endpoint").click()
    look(page)
    page.get_by_label("Address").fill(URL)
    page.get_by_label("programs.application.state_decided").check()
    page.get_by_label("Reason").fill("They asked for it.")
    page.get_by_role("button", name="Add the endpoint").click()
    expect(page.get_by_text("whsec_")).to_be_visible()
    look(page)
    page.get_by_role("link", name="I have kept it").click()
    expect(page.get_by_text("whsec_")).to_have_count(0)
    page.get_by_role("button", name="Send a test event").click()
    expect(page.get_by_text("A test event is on its way to: 1 webhook endpoint.")).to_be_visible()
    look(page)

    page.goto("/admin/autopilot/webhookendpoint/")
    page.get_by_role("link", name=f"{URL}/2").click()
    page.get_by_role("button", name="Send what failed again…").click()
    look(page)
    page.get_by_label("Reason").fill("They are back.")
    page.get_by_role("button", name="Send what failed again to 1 webhook endpoint").click()
    expect(page.get_by_text("Pending").first).to_be_visible()
    page.get_by_role("link", name="programs.application.received").click()
    look(page)

    page.goto("/admin/autopilot/outboxmessage/")
    page.get_by_role("link", name="programs.application.received").click()
    look(page)
    page.get_by_role("button", name="Show the mail").click()
    expect(page.get_by_text("The mail cannot be built now (DoesNotExist).")).to_be_visible()
    look(page)

    page.goto("/admin/autopilot/auditentry/")
    page.get_by_label("Deed begins with").fill("autopilot.webhook.replayed")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("1 deed", exact=True)).to_be_visible()
    look(page)
    page.get_by_role("link", name="autopilot.webhook.replayed").click()
    expect(page.get_by_text("They are back.")).to_be_visible()

    for model in LISTS:
        page.goto(f"/admin/autopilot/{model}/")
        look(page)
    assert refused == []
    assert WebhookEndpoint.objects.filter(url=URL, created_by=adams).exists()
    assert WebhookDelivery.objects.filter(status="pending", created_at__lte=clock.now()).count() == 3


def test_it_takes_the_keyboard_to_everything(page_at, sign_in, adams):
    page = page_at()
    sign_in(page, adams)

    page.goto(f"/admin/autopilot/webhookendpoint/{WebhookEndpoint.objects.get().pk}/change/")
    expected, reached = stops(page)

    assert {stop["number"] for stop in reached} == expected
    assert [stop["name"] for stop in reached if not (stop["outlined"] and stop["shown"])] == []
