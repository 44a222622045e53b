"""Supervise django-q2's cluster: start it, watch it, end all of it and start again when it died or wedged."""

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from django.conf import settings

from autopilot.cluster import process
from autopilot.cluster.watchdog import Watchdog

logger = logging.getLogger(__name__)

GLANCE_SECONDS = 0.1
LONGEST_PAUSE = 10.0
STEADY_SECONDS = 60.0
MOST_PATIENCE = 3


class Supervisor:
    """Runs one cluster as a child in a session of its own."""

    def __init__(self) -> None:
        self.name = process.name()
        self._lifeline, self._our_end = os.pipe()
        self._restarts: list[str] = []
        self._failures = 0

    def run(self) -> None:
        """Keep the cluster running until SIGTERM or SIGINT, then let it drain and end it within 30 seconds."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: process.ask_to_stop())
        while not process.is_stopping():
            self._run_once()
        logger.info("cluster %s stopped", self.name)

    def _run_once(self) -> None:
        """Run the cluster until it must be started again or is to stop."""
        child = self._start()
        patience = min(self._failures, MOST_PATIENCE) * settings.AUTOPILOT_WATCHDOG.total_seconds()
        watchdog = Watchdog(self.name, self._restarts, patience)
        watchdog.start()
        started = time.monotonic()
        try:
            problem = _watch(child, watchdog)
            if not problem:
                self._let_drain(child)
        finally:
            watchdog.close()
            end_group(child)
        if problem:
            logger.error("cluster %s is started again: %s", self.name, problem)
            self._restarts.append(problem)
            self._pause(watchdog.was_complete and time.monotonic() - started > STEADY_SECONDS)

    def _start(self) -> subprocess.Popen[bytes]:
        ours = {process.CLUSTER_VARIABLE: self.name, process.LIFELINE_VARIABLE: str(self._lifeline)}
        child = subprocess.Popen(
            [sys.executable, "-m", "django", "qcluster"],
            cwd=settings.BASE_DIR,
            env=os.environ | ours,
            pass_fds=[self._lifeline],
            start_new_session=True,
        )
        logger.info("cluster %s started as process %s", self.name, child.pid)
        return child

    def _let_drain(self, child: subprocess.Popen[bytes]) -> None:
        """Let go of the lifeline, at which the cluster stops, and wait for it."""
        os.close(self._our_end)
        try:
            child.wait(max(0.0, process.END_AFTER - process.stopping_for()))
        except subprocess.TimeoutExpired:
            logger.error("cluster %s did not drain in time", self.name)

    def _pause(self, was_steady: bool) -> None:
        """Wait a little longer each time the cluster ends soon after its start."""
        self._failures = 0 if was_steady else self._failures + 1
        end = time.monotonic() + min(LONGEST_PAUSE, 0.5 * 2 ** min(self._failures, 6) - 0.5)
        while time.monotonic() < end and not process.is_stopping():
            time.sleep(GLANCE_SECONDS)


def end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of a child and of the processes in its group."""
    with suppress(ProcessLookupError):  # they may all have ended by themselves
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _watch(child: subprocess.Popen[bytes], watchdog: Watchdog) -> str:
    """Return why the cluster must be started again, or nothing when it is to stop."""
    while not process.is_stopping():
        if (status := child.poll()) is not None:
            return f"its main process ended with status {status}"
        if watchdog.problem:
            return watchdog.problem
        time.sleep(GLANCE_SECONDS)
    return ""
