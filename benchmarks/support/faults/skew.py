"""Three hosts serve one office: the clock of one is an hour ahead, that of another an hour behind."""

import glob
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Max, Min

from autopilot import clock
from autopilot.models.jobs import Attempt, Event
from benchmarks.support.faults import books
from benchmarks.support.faults.phase import PATIENCE, Findings, Ground
from benchmarks.support.faults.scene import set_scene

SLEEP = Path(__file__).parent / "sleep"
LIBRARY = "/usr/lib/*/faketime/libfaketime.so.1"
SLACK = 30.0  # seconds
FAULTS = {
    "kill a busy worker": 8,
    "kill an idle worker": 2,
    "kill a worker whose request is at the portal": 4,
    "freeze a busy worker": 3,
    "kill the supervisor": 2,
}
QUICK = {"kill a busy worker": 1, "freeze a busy worker": 1}


def disagree(ground: Ground) -> Findings:
    """Do harm while the hosts disagree about the time; whatever happens goes by the database's clock alone."""
    library = glob.glob(LIBRARY)
    if not library:
        return Findings(left_out="libfaketime is not installed (Debian has it in the package faketime)")
    clocks = [_clock(library[0], "+1h"), _clock(library[0], "-1h"), {}]
    began = clock.now()
    with set_scene(ground, "skewed", *clocks, workers=1) as scene:
        findings = Findings()
        ground.tell("three hosts, whose clocks are an hour ahead, an hour behind and right")
        storm = scene.storm(20 if ground.quick else 150, QUICK if ground.quick else FAULTS)
        storm.rage()
        books.settle(scene, storm, findings, PATIENCE)
        findings.expect("seconds by which a recorded time is wrong", _worst(began, clock.now()), SLACK)
    return findings


def _clock(library: str, by: str) -> dict[str, str]:
    # Python waits by the monotonic clock, which no wrong date moves on a real host either.
    monotonic = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    return {"LD_PRELOAD": library, "FAKETIME": by, "PYTHONPATH": str(SLEEP)} | monotonic


def _worst(began: datetime, over: datetime) -> float:
    """Return by how many seconds an event or an attempt lies outside the time in which all of them happened."""
    spans = [
        Event.objects.aggregate(first=Min("at"), last=Max("at")),
        Attempt.objects.aggregate(first=Min("started_at"), last=Max("started_at")),
    ]
    wrong = [max(began - span["first"], span["last"] - over, timedelta(0)) for span in spans]
    return max(wrong).total_seconds()
