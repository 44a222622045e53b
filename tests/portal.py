"""A sandbox portal for tests: really running, on a port of its own, for the length of a block."""

import http.client
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from autopilot.models.portals import Portal
from autopilot.sandbox_portal import SandboxPortal

SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgc2FuZGJveCBwb3J0YWw="
SLUG = "sandbox"


@dataclass(frozen=True)
class RunningPortal:
    """What tests ask of a portal, over HTTP as anybody would."""

    url: str

    @property
    def host(self) -> str:
        """The entry that OUTBOUND_PRIVATE_HOSTS needs."""
        return urlsplit(self.url).netloc

    @property
    def settings(self) -> dict[str, Any]:
        """The settings with which Provost may call it, for `override_settings`."""
        return {"OUTBOUND_PRIVATE_HOSTS": [self.host], "PORTAL_SECRETS": {SLUG: SECRET}}

    @property
    def environment(self) -> dict[str, str]:
        """The same for the environment of a process."""
        return {"OUTBOUND_PRIVATE_HOSTS": self.host, "PORTAL_SECRETS": f"{SLUG}={SECRET}"}

    def row(self, **fields: Any) -> Portal:
        """Create the row that stands for it; it honors keys unless told otherwise."""
        chosen = {"honors_idempotency": True} | fields
        return Portal.objects.create(slug=SLUG, name="Sandbox portal", delivery="sandbox", base_url=self.url, **chosen)

    def counts(self) -> dict[str, Any]:
        """Return what it received: arrivals, submissions, duplicates, packets, keys."""
        return self.json("GET", "/counts")

    def set(self, **behavior: Any) -> None:
        """Set switches; the others stay. Raises ValueError for what the portal refuses."""
        answer = self.json("PUT", "/behavior", json.dumps(behavior).encode())
        if "detail" in answer:
            raise ValueError(answer["detail"])

    def json(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        """Ask it something and return the JSON it answers, whatever the status."""
        answer: dict[str, Any] = json.loads(self.ask(method, path, body)[1])
        return answer

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Ask it something and return status and body."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def running_portal(*, callback_url: str = "", database: Path | None = None, **behavior: Any) -> Iterator[RunningPortal]:
    """Run a sandbox portal; `behavior` are its switches, see `autopilot.sandbox_portal.behavior`."""
    with tempfile.TemporaryDirectory(prefix="provost-portal-") as folder:
        file = database or Path(folder) / "portal.sqlite3"
        with SandboxPortal(port=0, database=file, secrets=[SECRET], callback_url=callback_url) as portal:
            running = RunningPortal(portal.url)
            if behavior:
                running.set(**behavior)
            yield running


@pytest.fixture
def portal(settings: Any) -> Iterator[RunningPortal]:
    """A portal of a state that runs and may be called."""
    with running_portal() as running:
        for name, value in running.settings.items():
            setattr(settings, name, value)
        yield running


@pytest.fixture
def office(portal: RunningPortal, db: None) -> Portal:
    """The row of the running portal, which honors keys."""
    return portal.row()
