"""The sandbox portal of a demonstration: the one that answers, else one of our own for as long as it is needed."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import IO, Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.core.management.base import CommandError

from autopilot import submissions
from autopilot.models import Portal
from autopilot.sandbox_portal.behavior import Behavior
from autopilot.submissions import NoSecret

START_SECONDS = 15.0
PAUSE_SECONDS = 0.1
DECIDES_AFTER_SECONDS = 2
# What a journey leaves as it finds it: the portal's row says whether it honors keys, and nobody may be listening.
KEPT = {"honors_idempotency", "callback"}


def require_usable(portal: Portal) -> None:
    """Raise CommandError, saying what to set, unless packets can be sent to this portal, and only to our sandbox."""
    place = urlsplit(portal.base_url).netloc
    if portal.delivery != Portal.Delivery.SANDBOX or not place.startswith("127.0.0.1:"):
        raise CommandError(f"The portal “{portal.slug}” is no sandbox on this machine; a demonstration uses no other.")
    if place not in settings.OUTBOUND_PRIVATE_HOSTS:
        raise CommandError(
            f"Provost may not call {place}. Set OUTBOUND_PRIVATE_HOSTS={place}; `python3 dev.py up` does."
        )
    try:
        submissions.secrets_of(portal)
    except NoSecret as problem:
        raise CommandError(f"{problem} `python3 dev.py up` writes one into .env.") from problem


@contextmanager
def running(portal: Portal) -> Iterator[bool]:
    """Have the portal answer for the length of a block; gives whether it was started for it.

    It decides quickly and does nothing odd within the block, and behaves again afterwards as it did before.
    """
    with _own_process(portal) as own, _well_behaved(portal):
        yield own


@contextmanager
def _own_process(portal: Portal) -> Iterator[bool]:
    if _answers(portal):
        yield False
        return
    port = urlsplit(portal.base_url).port or 80
    command = [sys.executable, "manage.py", "sandbox_portal", "--port", str(port), "--slug", portal.slug]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=said, stderr=said)  # noqa: S603
        try:
            _wait_until_it_answers(portal, process, said)
            yield True
        finally:
            process.terminate()
            process.wait()


def _wait_until_it_answers(portal: Portal, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while not _answers(portal):
        if process.poll() is not None or time.monotonic() > end:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise CommandError(f"The sandbox portal did not start at {portal.base_url}. {' '.join(last)}")
        time.sleep(PAUSE_SECONDS)


@contextmanager
def _well_behaved(portal: Portal) -> Iterator[None]:
    before = _behavior(portal, "GET")
    wanted = asdict(Behavior(decide_after=DECIDES_AFTER_SECONDS))
    _behavior(portal, "PUT", {name: value for name, value in wanted.items() if name not in KEPT})
    try:
        yield
    finally:
        _behavior(portal, "PUT", before)


def _behavior(portal: Portal, method: str, switches: Mapping[str, Any] | None = None) -> dict[str, Any]:
    address = f"{portal.base_url}/behavior"
    try:
        answer = urllib3.request(method, address, json=switches, timeout=5, retries=False)
        said: dict[str, Any] = answer.json()
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise CommandError(f"{portal.base_url} does not answer as a sandbox portal does.") from error
    if answer.status != 200:
        raise CommandError(f"The sandbox portal refused its switches: {said.get('detail', answer.status)}")
    return said


def _answers(portal: Portal) -> bool:
    try:
        answer = urllib3.request("GET", f"{portal.base_url}/counts", timeout=1, retries=False)
        return answer.status == 200 and "arrivals" in answer.json()
    except (urllib3.exceptions.HTTPError, ValueError):
        return False
