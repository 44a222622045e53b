"""A real browser, and people who sit in front of it."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PageAt = Callable[..., Page]
SignIn = Callable[[Page, User], None]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give the Chromium of this machine, started once; skip, saying what to install, where there is none."""
    program = next((found for found in map(shutil.which, PROGRAMS) if found), None)
    if program is None:
        pytest.skip("No Chromium was found. On Debian: apt-get install chromium")
    # As root Chromium refuses to start inside its own sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, and Django would take a plain query for an asynchronous one.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def page_at(browser: Browser, live_server: Any) -> Iterator[PageAt]:
    """Give a function that opens a window on the running site.

    Its arguments: `width` in CSS pixels (1440 or 390 as a rule), `color_scheme` "light" or "dark", `javascript` on or
    off. `page.goto("/apply/")` starts at the live server. Each call has cookies of its own.
    """
    windows = []

    def open_page(width: int = 1440, color_scheme: Any = "light", javascript: bool = True) -> Page:
        window = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=color_scheme,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        windows.append(window)
        return window.new_page()

    yield open_page
    for window in windows:
        window.close()


@pytest.fixture
def sign_in(live_server: Any) -> SignIn:
    """Give a function that signs a person in on a page, without passing through the form."""

    def enter(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    return enter
