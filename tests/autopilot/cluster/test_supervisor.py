"""The supervisor ends a whole group, and starts a cluster again with growing patience; the rest needs real harm."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from autopilot.cluster import process, supervisor
from autopilot.cluster.supervisor import Supervisor, end_group
from autopilot.cluster.watchdog import Watchdog

FAMILY = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); print(1, flush=True); time.sleep({})"


def family(seconds: float = 60) -> subprocess.Popen[bytes]:
    """Start a process with a child, in a session of their own."""
    parent = subprocess.Popen(
        [sys.executable, "-c", FAMILY.format(seconds)], stdout=subprocess.PIPE, start_new_session=True
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    return parent


def members(group: int) -> list[psutil.Process]:
    found = []
    for member in psutil.process_iter():
        try:
            if os.getpgid(member.pid) == group and member.status() != psutil.STATUS_ZOMBIE:
                found.append(member)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue  # it ended while we looked
    return found


def test_it_ends_a_child_with_all_its_children():
    child = family()
    assert len(members(child.pid)) == 2

    end_group(child)

    assert child.returncode == -signal.SIGKILL
    psutil.wait_procs(members(child.pid), timeout=5)
    assert members(child.pid) == []
    child.communicate()


def test_it_ends_the_children_of_a_child_that_has_ended():
    child = family(seconds=0)
    assert child.wait(10) == 0

    end_group(child)

    psutil.wait_procs(members(child.pid), timeout=5)
    assert members(child.pid) == []
    child.communicate()


def test_it_accepts_that_all_have_ended():
    child = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    child.wait(10)

    end_group(child)

    assert child.returncode == 0


@pytest.mark.parametrize("status", [0, 1])
def test_it_sees_that_the_main_process_has_ended_whatever_its_status(status):
    child = subprocess.Popen([sys.executable, "-c", f"raise SystemExit({status})"])

    problem = supervisor._watch(child, Watchdog("host:1", []))

    assert problem == f"its main process ended with status {status}"


def test_it_heeds_its_watchdog():
    watchdog = Watchdog("host:1", [])
    watchdog.problem = "2 of 2 workers gave no sign of life for 30 seconds"
    child = family()

    problem = supervisor._watch(child, watchdog)

    assert problem == watchdog.problem
    end_group(child)
    child.communicate()


def test_it_finds_no_problem_in_being_asked_to_stop():
    child = family()
    process.ask_to_stop()

    assert supervisor._watch(child, Watchdog("host:1", [])) == ""

    end_group(child)
    child.communicate()


def test_it_waits_longer_each_time_a_cluster_does_not_last(monkeypatch):
    pauses: list[float] = []
    moments = iter(range(10**9))
    monkeypatch.setattr(supervisor, "GLANCE_SECONDS", 0)
    monkeypatch.setattr(time, "monotonic", lambda: next(moments) / 10)
    monkeypatch.setattr(time, "sleep", lambda seconds: pauses.append(seconds))
    watched = Supervisor()

    lengths = []
    for was_steady in (False, False, False, False, False, False, True, False):
        pauses.clear()
        watched._pause(was_steady)
        lengths.append(len(pauses) / 10)

    assert lengths == pytest.approx([0.5, 1.5, 3.5, 7.5, 10, 10, 0, 0.5], abs=0.3)


def test_it_pauses_no_longer_when_asked_to_stop():
    watched = Supervisor()
    watched._failures = 6
    process.ask_to_stop()
    began = time.monotonic()

    watched._pause(was_steady=False)

    assert time.monotonic() - began < 1
