"""One installation as docs/deploy describes it, on loopback: gunicorn, two clusters, the sandbox portal, static files."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.support import servers
from benchmarks.support.load.environment import SETTINGS
from config.env import ROOT
from tests.faults.cluster import Cluster

# Half a minute of compression, and no user of ours opens them.
LEFT_OUT = [f"--ignore={name}" for name in ("drf_spectacular_sidecar", "rest_framework", "select2")]
CLUSTERS, WORKERS = 2, 1


class Installation:
    """Everything that runs; `url` is its database, `folder` holds its files and logs."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.web_port, self.portal_port = servers.free_port(), servers.free_port()
        files = {
            "STATIC_ROOT": "static",
            "ARCHIVE_ROOT": "archive",
            "AUTOPILOT_JOB_FILES": "jobs",
            "EMAIL_FILE_PATH": "mail",
        }
        self.environment = SETTINGS | {
            "DATABASE_URL": url,
            "BASE_URL": f"https://127.0.0.1:{self.web_port}",
            "OUTBOUND_PRIVATE_HOSTS": f"127.0.0.1:{self.portal_port}",
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "AUTOPILOT_RUN_DIRECTORY": str(folder / "run"),
            **{name: str(folder / place) for name, place in files.items()},
        }
        self.clusters = [self._cluster(f"cluster-{number}") for number in range(1, CLUSTERS + 1)]
        self.web: subprocess.Popen[bytes] | None = None

    @property
    def portal_url(self) -> str:
        """Where the sandbox portal answers."""
        return f"http://127.0.0.1:{self.portal_port}"

    def prepare(self) -> None:
        """Make the schema and the static files."""
        static = self._start("static", "manage.py", "collectstatic", "--no-input", "-v0", *LEFT_OUT)
        schema = self._start("schema", "manage.py", "migrate", "-v0")
        for name, process in {"static": static, "schema": schema}.items():
            if process.wait():
                raise RuntimeError(f"{name}: {self.log(name)}")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run all of it for the length of a block."""
        with ExitStack() as stack:
            for cluster in self.clusters:
                stack.callback(cluster.end)
                cluster.start()
            portal = self._start(
                "portal", "manage.py", "sandbox_portal", "--port", str(self.portal_port),
                "--database", str(self.folder / "portal.sqlite3"),
            )  # fmt: skip
            stack.callback(_end, portal)
            self.web = self._start(
                "web", "-m", "gunicorn", "config.wsgi", "--config", "docs/deploy/gunicorn.conf.py",
                "--bind", f"127.0.0.1:{self.web_port}",
            )  # fmt: skip
            stack.callback(_end, self.web)
            for port in (self.web_port, self.portal_port):
                servers.wait_for(port)
            self._until_ready()
            yield

    def restart(self) -> dict[str, float]:
        """Restart all that is ours, as docs/deploy says, and return how many seconds each part took."""
        return {"web": self._reload_web()} | {
            cluster.folder.name: self._restart_cluster(cluster) for cluster in self.clusters
        }

    def portal(self, method: str, path: str, **switches: Any) -> dict[str, Any]:
        """Ask the portal for its counts, or set its switches."""
        request = urllib.request.Request(
            self.portal_url + path, method=method, data=json.dumps(switches).encode() if switches else None
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            said: dict[str, Any] = json.load(answer)
        return said

    def log(self, name: str) -> str:
        """Return what a process has written."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def complaints(self) -> list[str]:
        """Return the ends of the last errors that the web server and the clusters have logged."""
        logs = [self.log("web"), *(cluster.log.read_text(errors="replace") for cluster in self.clusters)]
        lines = [line for log in logs for line in log.splitlines() if '"level": "ERROR"' in line or "Traceback" in line]
        return [line[-600:] for line in lines[-5:]]

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Return the living processes of the web server and the clusters."""
        assert self.web is not None
        return {
            "web": _family(self.web.pid),
            "clusters": [process for cluster in self.clusters for process in cluster.processes()],
        }

    def _cluster(self, name: str) -> Cluster:
        folder = self.folder / name
        folder.mkdir()
        return Cluster(folder, self.environment, WORKERS)

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=os.environ | self.environment, stdout=log, stderr=log
            )

    def _until_ready(self) -> None:
        request = urllib.request.Request(f"http://127.0.0.1:{self.web_port}/readyz")
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200

    def _reload_web(self) -> float:
        """Send what `systemctl reload provost-web` sends, and wait until every process is a new one."""
        assert self.web is not None
        start, before = time.monotonic(), set(_family(self.web.pid)[1:])
        self.web.send_signal(signal.SIGHUP)
        while before & set(_family(self.web.pid)[1:]) and time.monotonic() < start + 60:
            time.sleep(0.1)
        return time.monotonic() - start

    def _restart_cluster(self, cluster: Cluster) -> float:
        start = time.monotonic()
        cluster.stop()
        stopped = time.monotonic() - start
        cluster.start()
        cluster.settled()
        return stopped


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(60)
