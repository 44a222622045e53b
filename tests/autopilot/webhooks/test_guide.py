"""The guide for receivers: its example verifies what Provost really sends, and refuses everything else."""

import re
from datetime import timedelta
from typing import Any

import pytest

from autopilot import clock, signatures, webhooks
from autopilot.engine import registry
from config.env import ROOT
from tests.autopilot.outside.servers import serving
from tests.autopilot.webhooks.test_delivery import answering, parts

pytestmark = [pytest.mark.django_db, pytest.mark.once]
GUIDE = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
SECRET = signatures.new_secret()
ID = "0190b1f2-7c4e-7d2a-9f60-2f4f6f1f3a11"


@pytest.fixture(scope="module")
def is_from_provost():
    """The function that the guide tells receivers to write."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names["is_from_provost"]


def signed(body=b"{}", at=timedelta(0), secrets=(SECRET,)):
    """Return the headers of a signed body."""
    return signatures.sign(secrets, ID, body, at=clock.now() + at)


def test_it_verifies_what_really_arrives(is_from_provost, endpoint_at, told, ada):
    with serving(answering(204)) as (port, requests):
        endpoint = endpoint_at(port)
        old = endpoint.secret
        new = webhooks.rotate(endpoint, by=ada, reason="x")
        told()
        webhooks.announce()
        webhooks.deliver_due()

    headers, body = parts(requests[0])
    assert is_from_provost(old, headers, body)
    assert is_from_provost(new, headers, body)
    assert not is_from_provost(SECRET, headers, body)
    assert not is_from_provost(new, headers, body + b" ")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_it_refuses_what_is_out_of_date(minutes, is_from_provost):
    assert is_from_provost(SECRET, signed(), b"{}")
    assert not is_from_provost(SECRET, signed(at=timedelta(minutes=minutes)), b"{}")


def test_it_names_every_topic():
    told = [topic for topic in registry.webhook_topics() if not topic.startswith("test.")]

    assert re.findall(r"^\| `([a-z_.]+)` \|", GUIDE, re.MULTILINE) == [*sorted(told, key=GUIDE.index), webhooks.TEST]
