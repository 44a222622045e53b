"""What Sentry is told of an error, with a real client: everything that helps, and nothing of people."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from config import errors
from config.env import ROOT
from tests.config.leaks import PATHS, leaked

pytestmark = pytest.mark.django_db
DSN = "http://key@127.0.0.1:9/1"
LONGEST_DELAY = 2.0


class Memory(Transport):
    """Keeps what would be sent, as it would be sent."""

    sent: list[bytes]

    def __init__(self, options=None) -> None:
        super().__init__(options)
        self.sent = []

    def capture_envelope(self, envelope: Envelope) -> None:
        """Keep one."""
        self.sent.append(envelope.serialize())

    @property
    def text(self) -> str:
        """All that would be sent, with escapes undone."""
        return "\n".join(json.dumps(each, ensure_ascii=False) for each in self.lines)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line of every envelope."""
        return [json.loads(line) for envelope in self.sent for line in envelope.decode().splitlines() if line]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The errors alone."""
        return [each for each in self.lines if each.get("exception") or each.get("logentry")]


@pytest.fixture
def told(settings, leaking) -> Iterator[Memory]:
    """What Sentry is told of, timings included."""
    settings.SENTRY_DSN, settings.SENTRY_TRACES_PERCENT = DSN, 100
    errors.start(transport=Memory)
    client = sentry_sdk.get_client()
    assert isinstance(client.transport, Memory)
    assert not client.should_send_default_pii()
    with sentry_sdk.isolation_scope():
        yield client.transport
    forget(client)


def forget(client) -> None:
    """Let no later test speak to Sentry."""
    client.close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)
    sentry_sdk.get_isolation_scope().clear()


@pytest.mark.parametrize("go_wrong", PATHS.values(), ids=PATHS)
def test_it_tells_of_every_error_and_nothing_of_people(go_wrong, told):
    go_wrong()

    assert told.events
    assert leaked(told.text) == []


def test_it_tells_where_it_happened_and_of_what_type(told):
    PATHS["ask_with_a_form"]()

    (event,) = told.events
    (exception,) = event["exception"]["values"]
    assert (exception["type"], event["request"]) == ("Leak", {"method": "POST", "url": "http://testserver/fails/"})
    assert exception["stacktrace"]["frames"][-1]["function"] == "fail"
    assert set(exception["stacktrace"]["frames"][-1]) <= set(errors.KEPT_OF_FRAMES)
    assert set(event["tags"]) == {"request_id"}
    assert not {"user", "extra", "modules", "server_name"} & set(event)
    assert [each["category"] for each in event["breadcrumbs"]["values"]].count("tests.leaks") == 2


def test_it_names_the_job_and_its_kind(told):
    PATHS["run_a_handler"]()

    (event,) = told.events
    assert (event["tags"]["kind"], len(event["tags"]["job_id"])) == ("test.leaking", 36)


def test_it_tells_how_long_requests_took_without_their_questions(told):
    PATHS["ask_for_a_template"]()

    (transaction,) = (each for each in told.lines if each.get("type") == "transaction" and "spans" in each)
    assert transaction["transaction"] == "/renders/"
    assert leaked(json.dumps(transaction)) == []


def test_it_tells_nobody_without_an_address(settings):
    settings.SENTRY_DSN = ""

    errors.start(transport=Memory)

    assert not sentry_sdk.get_client().is_active()


def test_it_refuses_an_address_that_is_none(settings):
    settings.SENTRY_DSN = "sentry.example.org"

    with pytest.raises(ImproperlyConfigured, match="Write https://KEY@HOST/NUMBER"):
        errors.start()


@pytest.fixture
def hanging() -> Iterator[str]:
    """The DSN of a server that takes the connection, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield f"http://key@127.0.0.1:{door.getsockname()[1]}/1"


def seconds_of(deed: Callable[[], object]) -> float:
    """Return how long something takes."""
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


@pytest.mark.parametrize("name", ["ask_with_a_form", "run_a_handler", "log_objects"])
def test_an_outage_delays_no_request_no_job_and_no_log(name, settings, leaking, hanging):
    settings.SENTRY_DSN = hanging
    errors.start()
    client = sentry_sdk.get_client()

    took = seconds_of(PATHS[name])
    farewell = seconds_of(lambda: forget(client))

    assert (took < LONGEST_DELAY, farewell < LONGEST_DELAY) == (True, True)


@pytest.mark.alone
def test_an_outage_delays_no_process_that_ends(hanging):
    script = (
        "import logging, time, django; django.setup()\n"
        "for number in range(150): logging.getLogger('tests').error('number %s', number)\n"
        "time.sleep(0.2); print(time.time())\n"
    )
    environment = os.environ | {"SENTRY_DSN": hanging, "DJANGO_SETTINGS_MODULE": "tests.settings"}

    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, check=True)

    assert time.time() - float(ended.stdout) < LONGEST_DELAY
