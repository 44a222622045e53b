"""Nothing of one holder reaches another through the portal: every page, file and export is asked for across the line.

Each route takes ids by name. A route that takes an id which no row here has fails until it gets one, so that a page that
is added is covered, or noticed.
"""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from students.weeks import week_ending
from tests.house.answers import FORMS, said
from tests.house.canaries import LAST_SESSION, filled
from tests.house.routes import Route, routes

pytestmark = [pytest.mark.once, pytest.mark.django_db]
METHODS = ("GET", "POST")
# What a route takes that names no row.
PLAIN = {"step": "1", "number": "1", "form": "csv", "topic": "x", "slug": "x", "format": "csv",
         "week": week_ending(LAST_SESSION).isoformat()}  # fmt: skip
PORTAL = [route for route in routes() if route.name.startswith("portal:") and "holder_id" in route.parameters]


@pytest.fixture(autouse=True)
def _no_counts_from_before():
    cache.clear()


def path_of(route: Route, rows: dict[str, Any], **instead: Any) -> str:
    """Return a route with the ids of these rows; one of an id that no row has is refused by name."""
    missing = set(route.parameters) - rows.keys() - PLAIN.keys()
    assert not missing, f"{route.name} takes {missing}: give this test a row for it, so that it is covered."
    ids = {name: str(row.pk) for name, row in (rows | instead).items()}
    return route.filled(PLAIN | ids)


def asked(client: Client, path: str) -> list[tuple[str, int, str]]:
    """Ask for a path by each method, and undo it; returns method, status and everything that was said."""
    found = []
    for method in METHODS:
        with transaction.atomic():
            answer = client.generic(method, path)
            found.append((method, answer.status_code, said(answer)))
            transaction.set_rollback(True)
    return found


def owner_of(rows: dict[str, Any]) -> Client:
    """Return the browser of a holder's owner."""
    client = Client(raise_request_exception=False)
    client.force_login(rows["owner"])
    return client


def test_it_shows_no_page_of_another_holder():
    own, other = filled("canary-own"), filled("canary-other")
    client, open_, heard = owner_of(own), [], []

    for route in PORTAL:
        for method, status, text in asked(client, path_of(route, other)):
            if status not in (404, 405):
                open_.append(f"{method} {route.name}: {status}")
            if "canary-other" in text.replace(path_of(route, other), ""):
                heard.append(f"{method} {route.name}")

    assert (open_, heard) == ([], [])
    assert len(PORTAL) > 40


def test_it_shows_no_row_of_another_holder_under_its_own_address():
    own, other = filled("canary-own"), filled("canary-other")
    client, open_, heard = owner_of(own), [], []

    for route in PORTAL:
        for method, status, text in asked(client, path_of(route, other, holder_id=own["holder_id"])):
            rows_of_the_other = set(route.parameters) - {"holder_id"} - PLAIN.keys()
            if rows_of_the_other and status not in (404, 405):
                open_.append(f"{method} {route.name}: {status}")
            if "canary-other" in text:
                heard.append(f"{method} {route.name}")

    assert (open_, heard) == ([], [])


def test_it_tells_holders_what_is_their_own():
    own = filled("canary-own")
    client = owner_of(own)

    found = [(route.name, status, text) for route in PORTAL for _, status, text in asked(client, path_of(route, own))]
    told = {name for name, _, text in found if "canary-own" in text}
    broken = [name for name, status, _ in found if status >= 500]

    assert {
        "portal:dashboard", "portal:programs", "portal:sites", "portal:students", "portal:mous", "portal:session",
        "portal:attendance", "portal:attendance_session", "portal:weekly_reports", "portal:weekly_report",
        "portal:enrollment", "portal:roster_import", "portal:roster_export", "portal:cohort", "portal:payout",
    } <= told  # fmt: skip
    assert broken == []


@pytest.mark.parametrize("form", FORMS)
def test_its_files_hold_its_own_rows_and_no_others(form):
    own, other = filled("canary-own"), filled("canary-other")
    client, holding = owner_of(own), set()

    for route in PORTAL:
        path = path_of(route, own).replace(".csv", f".{form}")
        if "form" in route.parameters:
            answer = client.get(path)
            asked_for = client.get(path, {"cohort": str(other["cohort_id"].pk), "q": "other"})
            text = said(answer) + said(asked_for)
            assert "canary-other" not in text, route.name
            holding |= {route.name} if answer.status_code == 200 and "canary-own" in text else set()

    assert holding == {"portal:roster_export"}


def test_it_notices_a_route_without_a_row():
    with pytest.raises(AssertionError, match="give this test a row"):
        path_of(Route("portal:new", "portal/<uuid:holder_id>/news/<uuid:news_id>/", ("holder_id", "news_id")), {})
