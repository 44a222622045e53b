"""Time has one door, `autopilot.clock`: tests move it, and two readers never disagree."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import broken, lines, name_of

pytestmark = pytest.mark.once

DOOR = [
    "autopilot/clock.py",
    "autopilot/identifiers.py",  # ids sort by the machine's time, which no test moves
]
READS_A_CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "timezone.now",
    "timezone.localdate",
    "time.time",
    "time.time_ns",
}
STAMPS_BY_ITSELF = {"auto_now", "auto_now_add"}


def clock_reads(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that read a clock, import what reads one, or let a field stamp itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ".".join(name_of(node).split(".")[-2:]) in READS_A_CLOCK:
            yield node.lineno
        elif isinstance(node, ast.ImportFrom):
            imported = {f"{(node.module or '').split('.')[-1]}.{alias.name}" for alias in node.names}
            if imported & (READS_A_CLOCK | {"functions.Now"}):
                yield node.lineno
        elif isinstance(node, ast.keyword) and node.arg in STAMPS_BY_ITSELF:
            yield node.value.lineno


def test_it_is_read_through_its_door_alone():
    places = broken(clock_reads, allowed=DOOR)

    assert not places, places


@pytest.mark.parametrize(
    "planted",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "models.DateTimeField(default=timezone.now)",
        "django.utils.timezone.now()",
        "from django.utils.timezone import now",
        "date.today()",
        "time.time()",
        "from time import time",
        "from django.db.models.functions import Now",
        "models.DateTimeField(auto_now_add=True)",
    ],
)
def test_it_finds_a_planted_reader(planted):
    assert lines(clock_reads, planted) == [1]


@pytest.mark.parametrize("harmless", ["clock.now()", "clock.today()", "time.monotonic()", "job.now()"])
def test_it_passes_the_door_and_stopwatches(harmless):
    assert lines(clock_reads, harmless) == []
