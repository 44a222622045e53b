"""Every page that a link leads to, those of other libraries included: found by walking, looked at in a browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from autopilot.engine import registry
from tests.acceptance.crawl import pages
from tests.acceptance.sight import faults, out_of_reach, overflow, refusals
from tests.autopilot.admin import packets, rows
from tests.autopilot.admin.people import ensure_groups, member

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

WINDOWS: list[dict[str, Any]] = [
    {"width": 1440, "color_scheme": "light"},
    {"width": 390, "color_scheme": "dark"},
    {"width": 390, "color_scheme": "light", "javascript": False},
]


@pytest.fixture
def somebody() -> Iterator[User]:
    """Somebody who may see everything, in a house where everything has happened once."""
    ensure_groups()
    with registry.registered_for_test():
        packets.register()
        rows.one_of_each()
        rows.failed_job()
        member("rivera", "Reviewer")
        yield member("stone", is_superuser=True)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: "-".join(map(str, window.values())))
def test_it_shows_every_page_of_the_office_without_a_fault(page_at, sign_in, somebody, window):
    client = Client()
    client.force_login(somebody)
    kinds = pages(client, "/admin/", "/", within=("/",))
    page = page_at(**window)
    refused = refusals(page)
    sign_in(page, somebody)

    found = {}
    for address, kind in kinds.items():
        if "?" in address:
            continue  # the same page with another choice; that it answers was seen on the walk
        if "text/html" not in (answer := page.goto(address)).headers.get("content-type", ""):
            continue
        wrong = [f"status {answer.status}"] if not answer.ok else []
        wrong += [f"{wider} pixels wider than the window"] if (wider := overflow(page)) else []
        wrong += refused
        wrong += out_of_reach(page)
        wrong += faults(page) if window.get("javascript", True) else []
        refused.clear()  # what axe itself is refused while it looks
        if wrong:
            found[kind] = wrong

    assert found == {}
    assert len(kinds) > 40
