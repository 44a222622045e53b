"""Supervise django-q2's cluster: start it, watch it, end all of it and start again when it died or wedged."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, connection

from autopilot import clock
from autopilot.cluster import process, pump, watchdog
from autopilot.models.clusters import ClusterHeartbeat, ClusterRestart

logger = logging.getLogger(__name__)

STOP_SECONDS = 25.0
CHECK_SECONDS = 2.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


class Supervisor:
    """Runs one cluster as a child in a process group of its own."""

    def __init__(self) -> None:
        self.name = process.name()
        self.restarts = 0
        self._stopping = False
        self._child: subprocess.Popen[bytes] | None = None
        self._started = clock.now()

    def run(self) -> None:
        """Keep the cluster running until SIGTERM or SIGINT, then let it drain and end it within 30 seconds."""
        os.environ[process.CLUSTER_VARIABLE] = self.name
        process.stop_file(self.name).parent.mkdir(parents=True, exist_ok=True)
        process.stop_file(self.name).unlink(missing_ok=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        try:
            while not self._stopping:
                self._start()
                self._watch()
        finally:
            self._stop()

    def _start(self) -> None:
        command = [sys.executable, "-m", "django", "qcluster"]
        self._child = subprocess.Popen(  # noqa: S603 (our own interpreter and command)
            command, cwd=settings.BASE_DIR, start_new_session=True, preexec_fn=_die_with_parent
        )
        self._started = clock.now()
        logger.info("cluster %s started as process %s", self.name, self._child.pid)

    def _watch(self) -> None:
        """Return when the cluster had to be ended or is to stop."""
        while not self._stopping:
            time.sleep(CHECK_SECONDS)
            reason = self._problem()
            if reason and not self._stopping:
                self._end_group(signal.SIGKILL)
                self._record(reason)
                self._pause()
                return

    def _problem(self) -> str:
        if self._child is None or (code := self._child.poll()) is not None:
            return f"the cluster ended with status {code}"
        try:
            pump.report(self.name, ClusterHeartbeat.Role.SUPERVISOR, self.restarts)
            return watchdog.wedged(self._started)
        except DatabaseError as error:
            # A cluster without its database cannot be judged; its pumps wait for it as this does.
            logger.warning("the database is away: %s", type(error).__name__)
            connection.close()
            self._started = clock.now()
            return ""

    def _record(self, reason: str) -> None:
        self.restarts += 1
        logger.error("cluster %s restarted: %s", self.name, reason)
        try:
            ClusterRestart.objects.create(cluster=self.name, reason=reason[:200])
        except DatabaseError:
            logger.warning("the restart could not be recorded: the database is away")
            connection.close()

    def _pause(self) -> None:
        """Wait a little longer each time the cluster ends soon after its start."""
        if (clock.now() - self._started).total_seconds() > STEADY_SECONDS:
            self.restarts = 0
            return
        end = time.monotonic() + min(LONGEST_PAUSE, 0.5 * 2 ** min(self.restarts, 6) - 0.5)
        while time.monotonic() < end and not self._stopping:
            time.sleep(0.1)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True
        process.stop_file(self.name).touch()

    def _stop(self) -> None:
        """Signal the main process alone, which ends its own children; after the grace, whatever is left of the group."""
        process.stop_file(self.name).touch()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                logger.error("cluster %s did not drain in time", self.name)
        self._end_group(signal.SIGKILL)
        process.stop_file(self.name).unlink(missing_ok=True)
        logger.info("cluster %s stopped", self.name)

    def _end_group(self, number: int) -> None:
        if self._child is None:
            return
        try:
            os.killpg(self._child.pid, number)
        except ProcessLookupError:
            pass
        self._child.wait()


def _die_with_parent() -> None:
    """Have Linux end the cluster gently when its supervisor is killed; elsewhere its pumps notice by themselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
