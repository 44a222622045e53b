"""The API's own pages in a real browser: its description, and where tokens are given out."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from tests.acceptance.sight import faults, overflow, refusals

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_it_describes_the_api_under_the_strict_policy(page_at, scheme, width):
    page = page_at(color_scheme=scheme, width=width)
    refused = refusals(page)

    page.goto("/api/v1/docs")
    page.get_by_role("button", name="Ask for a job").click()

    expect(page.get_by_text("Put a job in the queue.")).to_be_visible()
    assert (faults(page), refused, overflow(page)) == ([], [], 0)


def test_it_points_to_the_description_where_there_is_no_script(page_at):
    page = page_at(javascript=False)

    page.goto("/api/v1/docs")

    assert page.get_by_role("link", name="the description itself").get_attribute("href") == "/api/v1/schema"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_it_gives_out_a_token_and_takes_it_back(page_at, sign_in, scheme, width):
    page = page_at(color_scheme=scheme, width=width, javascript=width == 1440)
    sign_in(page, User.objects.create_superuser("stone", "stone@example.org", "a long secret"))
    refused = refusals(page)

    page.goto("/admin/autopilot/apitoken/add/")
    asked = faults(page) if width == 1440 else []
    page.get_by_label("Name").fill("School portal")
    page.get_by_label("Read jobs").check()
    page.get_by_role("button", name="Create the token").click()
    expect(page.get_by_text("Copy this token now")).to_be_visible()
    shown = faults(page) if width == 1440 else []
    page.get_by_role("button", name="Revoke…").click()
    page.get_by_label("Reason").fill("It was a rehearsal")
    page.get_by_role("button", name="Revoke 1 API token").click()

    expect(page.get_by_text("Revoked: 1 API token.")).to_be_visible()
    assert (asked, shown, refused, overflow(page)) == ([], [], [], 0)
