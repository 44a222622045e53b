"""The keys of the review page: told on a page of their own, and switched off there."""

import pytest
from django.urls import reverse

from tests.autopilot.admin.addresses import page
from tests.autopilot.admin.people import member

pytestmark = pytest.mark.django_db
SHORTCUTS = reverse("admin:checkpoint_shortcuts")


def test_it_tells_every_key(as_person, okafor):
    shown = as_person(okafor).get(SHORTCUTS).text

    assert all(f"<kbd>{key}</kbd>" in shown for key in "jkarce?")
    assert "Switch them off" in shown


def test_it_switches_them_off_and_on_for_the_browser(as_person, waiting, okafor):
    client = as_person(okafor)
    assert "provost/review.js" in client.get(page(waiting)).text

    off = client.post(SHORTCUTS, {"switch": "off"})
    without = client.get(page(waiting)).text
    client.post(SHORTCUTS, {"switch": "on"})

    assert off.url == SHORTCUTS
    assert off.cookies["review_shortcuts"]["httponly"]
    assert "provost/review.js" not in without
    assert "Keyboard shortcuts (off)" in without
    assert "provost/review.js" in client.get(page(waiting)).text


def test_it_is_for_who_may_view_checkpoints(client, groups):
    client.force_login(member("nobody"))

    assert client.get(SHORTCUTS).status_code == 403
