"""Signing in as people do it: with an app, with a key, without JavaScript, and in good time before a session ends."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.sight import faults, overflow, refusals
from tests.config.signin.signing import PASSWORD, code, person, recovery_codes, with_app

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

LOOKS: list[tuple[int, Any]] = [(1440, "light"), (390, "dark")]
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def look():
    """Give a function that looks at a page wide and light, narrow and dark, and keeps what is wrong with it."""
    wrong: dict[str, list[str]] = {}

    def look_at(page: Page) -> None:
        found = []
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += faults(page) + ([f"{overflow(page)} pixels too wide"] if overflow(page) else [])
        if found:
            wrong[page.url] = found

    yield look_at
    assert wrong == {}


def enter(page, name="rivera", word=PASSWORD):
    """Fill the form that signs in."""
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(word)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page):
    """Sign out by the page that asks."""
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def test_staff_set_up_a_key_and_sign_in_with_it(page_at, settings, look):
    settings.STAFF_MFA_REQUIRED = True
    person()
    page = page_at()
    refused = refusals(page)
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    browser.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})

    page.goto("/admin/")
    look(page)
    enter(page, word="wrong")
    look(page)
    enter(page)
    expect(page.get_by_text("Set up a second factor to go on")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Add a key").click()
    look(page)
    page.get_by_label("Name").fill("Blue key")
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_role("heading", level=1, name="Recovery codes")).to_be_visible()
    look(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page).to_have_url(re.compile("/admin/$"))
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_role("row", name="Blue key")).to_be_visible()
    look(page)
    for name in ("Rename Blue key", "Remove Blue key"):
        page.goto("/accounts/2fa/webauthn/")
        page.get_by_role("link", name=name).click()
        look(page)
    sign_out(page)
    page.goto("/admin/")
    enter(page)
    look(page)
    page.get_by_role("button", name="Use a security key").click()

    expect(page).to_have_url(re.compile("/admin/$"))
    assert refused == []


def test_staff_set_up_an_app_and_look_after_their_account(page_at, settings, look):
    settings.STAFF_MFA_REQUIRED = True
    person()
    page = page_at()

    page.goto("/accounts/login/")
    enter(page)
    page.get_by_role("link", name="Set up an app").click()
    look(page)
    secret = page.locator(".factor-secret").inner_text()
    page.get_by_label("code").fill(code(secret))
    page.get_by_role("button", name="Set it up").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    for own in ("2fa/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/", "2fa/totp/deactivate/", "sessions/",
                "password/change/", "logout/", "reauthenticate/?next=/admin/", "2fa/reauthenticate/?next=/admin/"):  # fmt: skip
        page.goto(f"/accounts/{own}")
        look(page)
    sign_out(page)
    for public in ("password/reset/", "password/reset/done/", "password/reset/key/1-abc/", "inactive/"):
        page.goto(f"/accounts/{public}")
        look(page)

    assert page.locator("h1").count() == 1


def test_it_works_without_javascript(page_at, settings):
    settings.STAFF_MFA_REQUIRED = True
    user = with_app(person())
    page = page_at(width=390, javascript=False)

    page.goto("/admin/")
    enter(page)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Incorrect code")
    page.get_by_label("Code").fill(recovery_codes(user)[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    page.goto("/accounts/sessions/")

    expect(page.get_by_text("This one")).to_be_visible()


def test_it_tells_in_time_that_a_session_ends(page_at, settings):
    person()
    page = page_at()
    page.goto("/admin/")
    enter(page)
    page.clock.install()
    page.goto("/accounts/password/change/")
    notice = page.get_by_role("alertdialog", name="Are you still there?")

    expect(notice).to_be_hidden()
    page.clock.fast_forward("28:30")
    expect(notice).to_contain_text("2 minutes")
    assert faults(page) == []
    notice.get_by_role("button", name="Stay signed in").click()
    expect(notice).to_be_hidden()
    page.clock.fast_forward("31:00")

    expect(page.get_by_role("alertdialog", name="You are signed out")).to_be_visible()


def test_the_page_of_who_is_locked_is_fit_to_be_read(page_at, settings, look):
    settings.AXES_FAILURE_LIMIT = 1
    person()
    page = page_at()
    page.goto("/accounts/login/")

    enter(page, word="wrong")

    expect(page.get_by_role("heading", level=1)).to_have_text("Please wait a little")
    look(page)
