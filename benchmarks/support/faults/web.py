"""The web as its service unit runs it, and somebody who asks it for a page five times a second."""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
from django.contrib.auth.models import User
from django.test import Client

from autopilot import clock
from benchmarks.support.servers import free_port
from config.env import ROOT
from tests.faults.databases import SETTINGS

CONFIGURATION = "docs/deploy/gunicorn.conf.py"
PAGE = "/admin/autopilot/portal/"
EVERY = 0.2  # seconds
LONGEST = 30.0  # seconds until the asker gives up


class Web:
    """gunicorn with the project's configuration, on a port of its own and the database of an office."""

    def __init__(self, url: str, folder: Path) -> None:
        self.port = free_port()
        self._log = folder / "web.log"
        self._environment = os.environ | SETTINGS | {"DATABASE_URL": url}
        self._main: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, as a service unit would."""
        bind = ["--bind", f"127.0.0.1:{self.port}"]
        with self._log.open("ab") as log:
            self._main = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", CONFIGURATION, *bind],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def restart_if_gone(self) -> bool:
        """Start it again if its main process has ended; returns whether it had."""
        gone = self._main is None or self._main.poll() is not None
        if gone:
            self.start()
        return gone

    def family(self) -> dict[str, list[psutil.Process]]:
        """Return its processes by what they do."""
        assert self._main is not None
        try:
            main = psutil.Process(self._main.pid)
            return {"web main": [main], "web worker": main.children()}
        except psutil.NoSuchProcess:
            return {"web main": [], "web worker": []}

    def end(self) -> None:
        """Kill whatever is left; a worker whose main process was killed ends by itself, and is not waited for."""
        for process in psutil.process_iter():
            if self._is_ours(process):
                process.kill()
        if self._main is not None:
            self._main.wait()

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return f"127.0.0.1:{self.port}" in process.cmdline()
        except psutil.Error:
            return False  # it has ended, or is another user's


@dataclass(frozen=True)
class Answer:
    """What one request got: when it was sent, how long it took in seconds, its status; 0 if nothing answered."""

    at: datetime
    seconds: float
    status: int


class Prober:
    """Asks for a page that needs the database, as somebody who is signed in."""

    def __init__(self, port: int) -> None:
        self.answers: list[Answer] = []
        self._port = port
        self._cookie = _sign_in()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()
        self._thread.join(LONGEST)

    def between(self, start: datetime, end: datetime) -> list[Answer]:
        """Return the answers to what was sent in a span of time."""
        return [answer for answer in list(self.answers) if start <= answer.at < end]

    def healed(self, since: datetime) -> float:
        """Return the seconds from a moment to the first page that was whole again; infinite if there was none."""
        whole = [answer for answer in list(self.answers) if answer.at >= since and answer.status == 200]
        return (whole[0].at - since).total_seconds() + whole[0].seconds if whole else float("inf")

    def statuses(self) -> Counter[int]:
        """Return how often each status came."""
        return Counter(answer.status for answer in list(self.answers))

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            at, start = clock.now(), time.monotonic()
            status = self._ask()
            self.answers.append(Answer(at, time.monotonic() - start, status))

    def _ask(self) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=LONGEST)
        try:
            connection.request("GET", PAGE, headers={"Cookie": self._cookie})
            response = connection.getresponse()
            response.read()
            return response.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


def _sign_in() -> str:
    client = Client()
    client.force_login(User.objects.create_superuser("prober"))
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
