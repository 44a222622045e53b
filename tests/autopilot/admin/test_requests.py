"""Where a request came from: the right-most address that no proxy of ours wrote."""

import pytest
from django.test import RequestFactory

from autopilot.requests import client_address, origin_of

pytestmark = pytest.mark.once


def request(forwarded="", remote="10.0.0.9", agent="Browser"):
    """Return a request as the web server hands it over."""
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return RequestFactory().get("/", headers=headers | {"User-Agent": agent}, REMOTE_ADDR=remote)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "10.0.0.9"),
        (0, "203.0.113.7", "10.0.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (3, "203.0.113.7", "203.0.113.7"),
        (1, "", "10.0.0.9"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "<script>", None),
        (1, "203.0.113.7:1234", None),
    ],
)
def test_it_believes_only_our_own_proxies(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXY_COUNT = proxies

    assert client_address(request(forwarded)) == address


def test_it_keeps_what_a_decision_came_from():
    origin = origin_of(request(agent="Mozilla/5.0"))

    assert (origin.channel, origin.ip, origin.user_agent) == ("admin", "10.0.0.9", "Mozilla/5.0")


def test_it_stands_without_an_address():
    assert client_address(request(remote="")) is None
