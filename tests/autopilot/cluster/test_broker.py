"""The broker hands out resident pumps and nothing else, and trusts no table of django-q2."""

import os
import signal
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django_q.brokers import get_broker
from django_q.signing import SignedPackage

from autopilot.cluster import broker, process, pump
from config.env import ROOT


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setattr(broker, "PACE_SECONDS", 0)


def test_it_is_the_broker_of_the_project():
    assert isinstance(get_broker(), broker.ResidentBroker)


def test_it_hands_out_a_pump_for_its_cluster(monkeypatch):
    monkeypatch.setenv(process.CLUSTER_VARIABLE, "host:1")

    messages = get_broker().dequeue()

    task = SignedPackage.loads(messages[0][1])
    assert len(messages) == 1
    assert messages[0][0] is None
    assert (task["func"], task["args"], task["kwargs"]) == ("autopilot.cluster.pump.run", ("host:1",), {})
    assert (task["save"], task["timeout"]) == (False, -1)


def test_it_names_a_function_that_exists():
    assert f"{pump.run.__module__}.{pump.run.__name__}" == broker.PUMP


def test_it_hands_out_nothing_while_the_cluster_stops():
    process.ask_to_stop()

    assert get_broker().dequeue() is None


@pytest.mark.parametrize("function", ["os.system", "autopilot.cluster.pump.report", "", "autopilot.cluster.pump.run "])
def test_it_makes_no_message_for_any_other_function(function):
    with pytest.raises(ValueError, match="is not among the functions"):
        broker.message(function, "host:1")


def test_it_refuses_work_of_others():
    with pytest.raises(TypeError, match="Enqueue a job"):
        get_broker().enqueue("anything")


def test_it_says_that_its_own_queue_is_empty():
    assert (get_broker().queue_size(), get_broker().lock_size()) == (0, 0)


def test_it_runs_only_under_a_supervisor(monkeypatch):
    with pytest.raises(ImproperlyConfigured, match=r"manage\.py autopilot"):
        get_broker().ping()

    followed: list[str] = []
    monkeypatch.setenv(process.LIFELINE_VARIABLE, "3")
    monkeypatch.setattr(process, "follow_supervisor", lambda: followed.append("sentinel"))

    assert get_broker().ping()
    assert followed == ["sentinel"]


@pytest.mark.once
def test_it_stops_the_leader_of_its_group_and_accepts_that_it_is_dead():
    code = "from autopilot.cluster.broker import stop_cluster; stop_cluster(); import time; time.sleep(60)"
    led = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ, start_new_session=True)
    assert led.wait(30) == -signal.SIGTERM

    dead_leader = "import os\nif os.fork(): os._exit(0)\nimport time; time.sleep(0.5)\n"
    orphan = subprocess.run(
        [
            sys.executable,
            "-c",
            dead_leader + "from autopilot.cluster.broker import stop_cluster; stop_cluster(); print('alive')",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    assert orphan.stdout == "alive\n"
