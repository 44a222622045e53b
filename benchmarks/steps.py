"""Measure what jobs of several steps cost beside jobs that do nothing, on PostgreSQL and on SQLite.

    .venv/bin/python benchmarks/steps.py [--quick]

One process puts jobs in the queue, runs them, decides about them and runs them to their end, in turns with jobs that do
nothing; all of that counts, from the enqueue to the end, and the handlers themselves do nothing. Then a cluster of two
workers runs a hundred such jobs at once, while four threads decide. PostgreSQL commits durably. The last line is JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

# Not this folder: it has names that Python's own modules have.
ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from benchmarks.support.report import Target, finish, options, tell
from benchmarks.support.servers import postgres

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "benchmarks.support.work.settings",
    "PROVOST_ENVIRONMENT": "test",
    "SECRET_KEY": "key-of-a-benchmark",
}
MOST_TIMES = 6.0
MOST_MILLISECONDS = 100.0


def measured(name: str, url: str, folder: Path, *numbers: int) -> dict[str, Any]:
    """Return the figures of one database, taken by a process of its own."""
    tell(f"{name}: {numbers[0]} jobs of each kind, {numbers[1]} times in turns; then {numbers[2]} journeys at once")
    files = {"AUTOPILOT_RUN_DIRECTORY": str(folder / f"run-{name}"), "AUTOPILOT_JOB_FILES": str(folder)}
    command = [sys.executable, "-m", "benchmarks.support.work.measure", *map(str, numbers)]
    environment = os.environ | SETTINGS | files | {"DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    tell(json.dumps(figures, indent=2))
    return figures


def main() -> int:
    """Measure both databases and hold them to what was promised."""
    chosen = options(__doc__, jobs=200, rounds=5, journeys=100)
    numbers = (30, 2, 20) if chosen.quick else (chosen.jobs, chosen.rounds, chosen.journeys)
    with tempfile.TemporaryDirectory(prefix="provost-steps-") as name, postgres() as server:
        folder = Path(name)
        server.create("steps")
        figures = {
            "PostgreSQL": measured("PostgreSQL", server.url("steps"), folder, *numbers),
            "SQLite": measured("SQLite", f"sqlite:///{folder / 'steps.sqlite3'}", folder, *numbers),
        }
    return finish("steps", quick=chosen.quick, figures=figures, targets=targets(figures))


def targets(figures: dict[str, dict[str, Any]]) -> list[Target]:
    """Return what was promised of each database."""
    found = []
    for name, figure in figures.items():
        found.append(Target(f"{name}: a job of four steps and a checkpoint, in no-ops", figure["ratio"], MOST_TIMES))
        over = figure["milliseconds per step over a plain call"]
        found.append(Target(f"{name}: ms of a step over a plain call", over, MOST_MILLISECONDS))
        wrong = figure["journeys at once"]["not as decided"]
        found.append(Target(f"{name}: journeys that did not end as decided", wrong, 0))
    return found


if __name__ == "__main__":
    sys.exit(main())
