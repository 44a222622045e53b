"""What the tests of the cluster share: a process that nobody has asked to stop, and handlers of their own."""

import os
import signal
import time
from collections.abc import Iterator
from uuid import UUID

import pytest

from autopilot.cluster import process
from autopilot.engine import registry
from autopilot.identifiers import uuid7


@pytest.fixture(autouse=True)
def own_registry() -> Iterator[None]:
    with registry.registered_for_test():
        yield


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep what this process was asked, and what it does at a signal, from the next test.

    It also counts as following already: who really follows a pipe takes its whole group along at the end, and here that
    is the group of the tests. Those that follow are processes with a group of their own.
    """
    monkeypatch.setattr(process, "_asked_at", None)
    monkeypatch.setattr(process, "_follower", os.getpid())
    monkeypatch.delenv(process.CLUSTER_VARIABLE, raising=False)
    monkeypatch.delenv(process.LIFELINE_VARIABLE, raising=False)
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def stopped_for(monkeypatch: pytest.MonkeyPatch):
    """Give a function that makes it some seconds ago that this process was asked to stop."""

    def ask(seconds: float) -> None:
        monkeypatch.setattr(process, "_asked_at", time.monotonic() - seconds)

    return ask


@pytest.fixture
def tenant() -> UUID:
    return uuid7()
