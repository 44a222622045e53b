#!/usr/bin/env python3
"""What is left of the promises when everything around the engine breaks: lost and doubled work, and time to recover.

    .venv/bin/python benchmarks/faults.py [--quick] [--seed 1] [--only storm,disk]

It runs a whole installation on a durable PostgreSQL of its own (a supervised cluster, gunicorn, two sandbox portals, a
mail server) and breaks it, in phases:

    storm     1,500 jobs and at least 150 SIGKILLs over every kind of process, processes frozen for longer than their
              lease, answers lost, two crashes of the database; on a lease of 4 s, so that it takes minutes, not hours
    ordinary  every one of these faults on the settings of an installation that sets nothing (lease 30 s)
    poison    jobs that kill their process, among others
    outage    the database away for a minute
    hanging   portals and mail that refuse for one minute, and take everything and never answer for two
    skew      three hosts, one an hour ahead and one an hour behind (libfaketime)
    disk      the disk full under PostgreSQL and under SQLite (a file system in memory; only root may mount it)

`--quick` does a tenth of the storm and the others for seconds. The last line is JSON; the standard error tells what
is harmed when.
"""

import os
import signal
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

# Not this folder: it has names that Python's own modules have.
sys.path[0] = str(Path(__file__).resolve().parent.parent)
# The database of each phase comes later; only its kind must be known now.
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
    "PROVOST_ENVIRONMENT": "test",
    "DATABASE_URL": "postgres://127.0.0.1:1/none",
    "LOG_LEVEL": "WARNING",
}

from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.conf import settings

from benchmarks.support.faults import disk, hanging, outage, poison, skew, storm
from benchmarks.support.faults.phase import Findings, Ground
from benchmarks.support.faults.scene import DEFAULTS, NEVER_TIRED, Scene, set_scene
from benchmarks.support.report import finish, options, tell
from benchmarks.support.servers import DURABLE as ORDINARY
from tests.faults.databases import PostgresDatabases
from tests.faults.postgres import PostgresServer

Phase = Callable[[Ground], Findings]
# After a crash it would else open every file of its folder to have it written, which alone takes ten seconds.
DURABLE = f"{ORDINARY} -c recovery_init_sync_method=syncfs"
HURRIED = NEVER_TIRED | {"EMAIL_TIMEOUT": "1", "AUTOPILOT_LEASE_SECONDS": "3"}
LEFT_OUT_OF_QUICK = [
    "the ordinary settings (lease of 30 s): all runs on a lease of 3 s",
    "clock skew",
    "a full disk under PostgreSQL (SQLite only)",
    "an outage of a minute (2 s) and hanging for minutes (2 s)",
    "the wait for the retries of letters (they are made due at once)",
]


def staged(name: str, act: Callable[[Scene], Findings], settings: dict[str, str]) -> Phase:
    """Return a phase that takes place in an installation of its own."""

    def phase(ground: Ground) -> Findings:
        with set_scene(ground, name, settings) as scene:
            return act(scene)

    return phase


def all_at_once(ground: Ground) -> dict[str, Findings]:
    """Go through the phases of a quick run in one installation."""
    with ThreadPoolExecutor(1) as beside:
        with set_scene(ground, "quick", HURRIED, workers=3) as scene:
            # The disk has processes and databases of its own: it takes place meanwhile.
            full = beside.submit(timed, "disk", disk.fill, ground)
            found = {"outage": timed("outage", outage.outlast, scene), "hanging": timed("hanging", hanging.hang, scene)}
            jobs = poison.put_in(scene)
            found["storm"] = timed("storm", storm.rage, scene)
            found["poison"] = timed("poison", poison.judge, scene, *jobs)
        return found | {"disk": full.result()}


PHASES: dict[str, Phase] = {
    "storm": staged("storm", storm.rage, NEVER_TIRED),
    "ordinary": storm.rage_by_default,
    "poison": staged("poison", poison.swallow, DEFAULTS),
    "outage": staged("outage", outage.outlast, DEFAULTS),
    "hanging": staged("hanging", hanging.hang, DEFAULTS),
    "skew": skew.disagree,
    "disk": disk.fill,
}


def timed(name: str, act: Callable[..., Findings], *arguments: object) -> Findings:
    """Return what a phase finds, and how many seconds it took."""
    tell(f"--- {name}")
    start = time.monotonic()
    findings = act(*arguments)
    findings.figures["seconds"] = round(time.monotonic() - start, 1)
    if findings.left_out:
        tell(f"{name} is left out: {findings.left_out}")
    for target in findings.targets:
        tell(str(target))
    return findings


@contextmanager
def ground(chosen: Namespace) -> Iterator[Ground]:
    """Run the database server for the length of a block, in a folder that is taken away."""
    with tempfile.TemporaryDirectory(prefix="provost-faults-") as folder, PostgresServer(DURABLE) as server:
        settings.AUTOPILOT_JOB_FILES = Path(folder) / "jobs"
        yield Ground(PostgresDatabases(server), Path(folder), chosen.seed, chosen.quick, tell)


def run(chosen: Namespace) -> dict[str, Findings]:
    """Go through the phases that were asked for."""
    with ground(chosen) as place:
        if chosen.quick:
            return all_at_once(place)
        return {name: timed(name, PHASES[name], place) for name in chosen.only.split(",")}


def main() -> int:
    """Break everything, and tell what held."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    chosen, start = options(__doc__, seed=1, only=",".join(PHASES)), time.monotonic()
    found = run(chosen)
    left_out = {name: findings.left_out for name, findings in found.items() if findings.left_out}
    figures = {name: findings.figures for name, findings in found.items()} | {
        "seed": chosen.seed,
        "seconds": round(time.monotonic() - start),
        "left out": left_out | ({"of a quick run": LEFT_OUT_OF_QUICK} if chosen.quick else {}),
    }
    for target_of, findings in found.items():
        findings.targets[:] = [replace(target, name=f"{target_of}: {target.name}") for target in findings.targets]
    targets = [target for findings in found.values() for target in findings.targets]
    return finish("faults", quick=chosen.quick, figures=figures, targets=targets)


if __name__ == "__main__":
    sys.exit(main())
