"""A process knows its name, whether it should stop, and whether its supervisor still holds the other end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from autopilot.cluster import process
from config.env import ROOT

CHILD = """
import os
import time
from autopilot.cluster import process

def say(word):
    os.write(1, f"{{word}}\\n".encode())

process.END_UNSUPERVISED_AFTER = {end_after}
process.follow_supervisor(lambda: say("gone"))
say("stopping" if process.is_stopping() else "following")
while not process.is_stopping():
    time.sleep(0.01)
say("stopped")
time.sleep(60)
"""


@pytest.fixture
def lifeline() -> Iterator[tuple[int, int]]:
    """A pipe: the end that a cluster inherits, and the end that its supervisor holds."""
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):  # the test may have closed it
            os.close(end)


@contextmanager
def following(lifeline: int, end_after: float = 60) -> Iterator[subprocess.Popen[str]]:
    """Run a process that follows the supervisor at the other end, and says what it sees."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD.format(end_after=end_after)],
        cwd=ROOT,
        env=os.environ | {process.LIFELINE_VARIABLE: str(lifeline)},
        pass_fds=[lifeline],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        yield child
        child.kill()


def said(child: subprocess.Popen[str], lines: int) -> set[str]:
    assert child.stdout is not None
    return {child.stdout.readline().strip() for _ in range(lines)}


def test_it_is_named_by_host_and_process():
    assert process.name() == f"{socket.gethostname()}:{os.getpid()}"


def test_it_belongs_to_the_cluster_that_started_it(monkeypatch):
    assert process.cluster() == process.name()

    monkeypatch.setenv(process.CLUSTER_VARIABLE, "elsewhere:7")

    assert process.cluster() == "elsewhere:7"


def test_it_stops_when_asked_and_has_no_new_grace_when_asked_again(stopped_for):
    assert (process.is_stopping(), process.stopping_for(), process.is_overdue()) == (False, 0.0, False)

    stopped_for(process.GIVE_BACK_AFTER + 1)
    process.ask_to_stop()

    assert process.is_stopping()
    assert process.is_overdue()


def test_it_leaves_a_running_job_its_grace():
    process.ask_to_stop()

    assert process.is_stopping()
    assert not process.is_overdue()


def test_its_times_follow_upon_each_other_within_the_promise():
    assert process.GIVE_BACK_AFTER < process.ABANDON_AFTER < process.END_AFTER < process.END_UNSUPERVISED_AFTER < 30


def test_it_follows_nobody_without_a_supervisor(monkeypatch):
    monkeypatch.setattr(process, "_follower", 0)

    process.follow_supervisor()

    assert not process.is_supervised()
    assert not process.is_stopping()
    assert process._follower == 0


def test_it_stops_when_its_supervisor_lets_go(lifeline):
    inherited, held = lifeline
    with following(inherited) as child:
        assert said(child, 1) == {"following"}

        os.close(held)

        assert said(child, 2) == {"gone", "stopped"}


def test_it_claims_nothing_when_its_supervisor_is_already_gone(lifeline):
    inherited, held = lifeline
    os.close(held)

    with following(inherited) as child:
        assert said(child, 3) == {"gone", "stopping", "stopped"}


def test_it_ends_its_whole_group_when_it_has_not_gone_in_time(lifeline):
    inherited, held = lifeline
    with following(inherited, end_after=0.5) as child:
        assert said(child, 1) == {"following"}
        began = time.monotonic()

        os.close(held)

        assert child.wait(20) == -signal.SIGKILL
        assert time.monotonic() - began >= 0.5
