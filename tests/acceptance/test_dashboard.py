"""The dashboard in a real browser: it goes on by itself, stops when nobody looks, and loses nobody's place."""

from datetime import timedelta
from typing import Literal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from autopilot import clock
from autopilot.models import ClusterHeartbeat, Job
from tests.acceptance.sight import faults, overflow, refusals, stops
from tests.autopilot.admin import packets, rows
from tests.autopilot.engine.fixtures import own_registry as own_registry

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

TEN_SECONDS = 10_500
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HIDE = "hidden => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });"
HIDE += " document.dispatchEvent(new Event('visibilitychange')); }"


@pytest.fixture(autouse=True)
def house(own_registry) -> None:
    """A house in which something has happened."""
    packets.register()
    rows.failed_job()
    rows.job(scheduled_for=clock.now() + timedelta(hours=2))
    ClusterHeartbeat.objects.create(process="here:1", cluster="here", role="pump", version="1")


@pytest.fixture
def person(db) -> User:
    """A person who may see everything."""
    return User.objects.create_superuser("dana.ortiz", "dana@example.org", "a long secret")


def six_more_fail() -> None:
    for _ in range(6):
        rows.failed_job()


def asked_of(page: Page) -> list[str]:
    """Return a list to which the page will add each of its requests for fresh figures."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/admin/dashboard/" in request.url else None)
    return asked


def test_it_refreshes_and_keeps_everybodys_place(page_at, sign_in, person):
    page = page_at()
    page.clock.install()
    refused = refusals(page)
    sign_in(page, person)
    page.goto("/admin/")
    status = page.get_by_role("status")
    expect(status).to_have_text("Everything is within its limits.")
    page.locator("#throughput-summary").click()
    page.locator("#card-failed").focus()

    six_more_fail()
    page.clock.fast_forward(TEN_SECONDS)

    expect(status).to_have_text("1 alert: failures.")
    expect(page.get_by_role("status")).to_have_count(1)
    expect(page.get_by_text("7 jobs failed within 1 hour.").first).to_be_visible()
    expect(page.locator("#throughput-table")).to_have_attribute("open", "")
    expect(page.locator("#card-failed")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(7)
    assert refused == []


def test_it_stops_when_it_is_paused_hidden_or_not_allowed(page_at, sign_in, person):
    page = page_at()
    page.clock.install()
    asked = asked_of(page)
    sign_in(page, person)
    page.goto("/admin/")

    page.get_by_role("button", name="Pause").click()
    six_more_fail()
    page.clock.fast_forward(TEN_SECONDS)
    expect(page.get_by_role("status")).to_have_text("Paused.")
    assert asked == []
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("status")).to_have_text("1 alert: failures.")
    assert len(asked) == 1

    page.evaluate(HIDE, True)
    page.clock.fast_forward(10 * TEN_SECONDS)
    assert len(asked) == 1
    page.evaluate(HIDE, False)
    page.wait_for_function("document.querySelector('#live-status').textContent !== ''")
    page.wait_for_timeout(200)
    assert len(asked) == 2

    User.objects.filter(pk=person.pk).update(is_superuser=False)
    page.clock.fast_forward(TEN_SECONDS)
    expect(page.get_by_role("status")).to_contain_text("The figures stand still")
    page.clock.fast_forward(10 * TEN_SECONDS)
    assert len(asked) == 3


def test_it_can_be_read_and_reached(page_at, sign_in, person):
    six_more_fail()
    page = page_at()
    sign_in(page, person)

    found = {}
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.goto("/admin/")
            page.locator("#throughput-summary").click()
            page.locator("#latency-summary").click()
            found[width, scheme] = (faults(page), overflow(page))
    page.goto("/admin/")
    expected, reached = stops(page)

    assert found == dict.fromkeys(found, ([], 0))
    assert {stop["number"] for stop in reached} == expected
    assert [stop["name"] for stop in reached if not (stop["outlined"] and stop["shown"])] == []


def test_it_works_without_javascript(page_at, sign_in, person):
    page = page_at(width=390, javascript=False)
    sign_in(page, person)
    page.goto("/admin/")
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()

    Job.objects.filter(status="failed").delete()
    six_more_fail()
    page.get_by_role("link", name="Refresh").click()

    expect(page.get_by_role("status")).to_have_text("1 alert: failures.")
    page.get_by_role("link", name="Show what is meant").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(6)
    assert Client().get("/admin/dashboard/").status_code == 302
