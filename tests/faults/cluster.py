"""`manage.py autopilot` as a process of its own, with all its children in view."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from autopilot.models.clusters import ClusterHeartbeat
from autopilot.models.jobs import Job, JobStatus
from config.env import ROOT

KINDS = ("worker", "monitor", "pusher", "sentinel", "main", "supervisor")
SETTLING = 60.0
Found = TypeVar("Found")


class Cluster:
    """One supervised cluster; `folder` keeps its log and marks its processes, `workers` is how many it has."""

    def __init__(self, folder: Path, environment: dict[str, str], workers: int = 2) -> None:
        self.folder, self.workers = folder, workers
        self.log = folder / "cluster.log"
        mark = {"AUTOPILOT_RUN_DIRECTORY": str(folder / "run"), "AUTOPILOT_WORKERS": str(workers)}
        self._environment = os.environ | environment | mark
        self._supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the supervisor, as a service unit would."""
        with self.log.open("ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "manage.py", "autopilot"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def restart_if_gone(self) -> bool:
        """Start the supervisor again if it has ended, as a service unit would; returns whether it had."""
        gone = self._supervisor is None or self._supervisor.poll() is not None
        if gone:
            self.start()
        return gone

    def send(self, number: int) -> None:
        """Send the supervisor a signal."""
        assert self._supervisor is not None
        self._supervisor.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Return the supervisor's exit status; raises TimeoutExpired."""
        assert self._supervisor is not None
        return self._supervisor.wait(seconds)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the cluster in good order, and return the supervisor's exit status."""
        self.send(number)
        return self.wait(40)

    def end(self) -> None:
        """Kill whatever is left."""
        for process in self.processes():
            process.kill()
        if self._supervisor is not None:
            self._supervisor.wait()

    def processes(self) -> list[psutil.Process]:
        """Return every living process of the cluster, whoever its parent is by now."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def cpu_seconds(self) -> float:
        """Return the processor time that its living processes have used."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def family(self) -> dict[str, list[psutil.Process]]:
        """Return the processes of the running cluster by what they do; those that just start or end may be missing."""
        assert self._supervisor is not None
        found: dict[str, list[psutil.Process]] = {kind: [] for kind in KINDS}
        try:
            supervisor = psutil.Process(self._supervisor.pid)
            found["supervisor"] = [supervisor]
            found["main"] = _of_the_cluster(supervisor.children())
            found["sentinel"] = [child for main in found["main"] for child in _of_the_cluster(main.children())]
            pumps = _pumps()
            for child in [child for sentinel in found["sentinel"] for child in sentinel.children()]:
                found[_kind(child, pumps)].append(child)
        except psutil.NoSuchProcess:
            pass  # somebody ended while we looked
        return found

    def settled(self) -> dict[str, list[psutil.Process]]:
        """Wait until every process of the cluster is there, and return them by what they do."""
        expected = dict.fromkeys(KINDS, 1) | {"worker": self.workers}

        def complete() -> dict[str, list[psutil.Process]] | None:
            family = self.family()
            return family if {kind: len(members) for kind, members in family.items()} == expected else None

        return eventually(complete, SETTLING, "the cluster is complete")

    def busy(self) -> list[psutil.Process]:
        """Return the workers that run a job at this moment."""
        owners = _pids(Job.objects.filter(status=JobStatus.RUNNING).values_list("lease_owner", flat=True))
        return [worker for worker in self.family()["worker"] if worker.pid in owners]

    def idle(self) -> list[psutil.Process]:
        """Return the workers that wait for work at this moment."""
        busy = self.busy()
        return [worker for worker in self.family()["worker"] if worker not in busy]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            mark = process.environ().get("AUTOPILOT_RUN_DIRECTORY")
            return mark == self._environment["AUTOPILOT_RUN_DIRECTORY"] and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False  # it has ended, or is another user's


class Together:
    """Several clusters that serve one office, as hosts of their own would."""

    def __init__(self, *clusters: Cluster) -> None:
        self._clusters = clusters

    def restart_if_gone(self) -> bool:
        """Start each again that has ended; returns whether one had."""
        gone = [cluster.restart_if_gone() for cluster in self._clusters]
        return any(gone)

    def family(self) -> dict[str, list[psutil.Process]]:
        """Return the processes of all by what they do."""
        families = [cluster.family() for cluster in self._clusters]
        return {kind: [member for family in families for member in family[kind]] for kind in KINDS}

    def busy(self) -> list[psutil.Process]:
        """Return the workers of all that run a job at this moment."""
        return [worker for cluster in self._clusters for worker in cluster.busy()]

    def idle(self) -> list[psutil.Process]:
        """Return the workers of all that wait for work at this moment."""
        return [worker for cluster in self._clusters for worker in cluster.idle()]


def eventually(look: Callable[[], Found | None], seconds: float, what: str) -> Found:
    """Return the first true value that a look returns; raises AssertionError if none comes in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"After {seconds:.0f} seconds it is not so that {what}.")


def _of_the_cluster(children: list[psutil.Process]) -> list[psutil.Process]:
    """Leave out the little helpers that a start calls, as `ldconfig`."""
    return [child for child in children if "qcluster" in child.cmdline()]


def _kind(child: psutil.Process, pumps: set[int]) -> str:
    if child.pid in pumps:
        return "worker"
    # A monitor does one thing; the others also listen to their supervisor.
    return "monitor" if child.num_threads() == 1 else "pusher"


def _pumps() -> set[int]:
    return _pids(ClusterHeartbeat.objects.filter(role="pump").values_list("process", flat=True))


def _pids(names: object) -> set[int]:
    assert hasattr(names, "__iter__")
    return {int(name.rpartition(":")[2]) for name in names}
