#!/usr/bin/env python3
"""How fast the records of a hundred thousand participants are written and checked, in how much memory.

    .venv/bin/python benchmarks/compliance.py [--quick] [--rows 100000]

Every part runs in a process of its own, in turns, some rounds; the best of them counts, since others share the machine.
Export makes records of facts and writes them by the development schema of 488 columns; checks run every edit check over
a file of invented participants, mistakes planted in it, once by the engine and once by a straightforward program of
pandas, which must find the same; indicators reckons all of them from that file. The last line is JSON.
"""

import importlib.util
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

QUICK_ROWS = 5_000
# Indicators of 100,000 participants take 10 seconds at most.
LEAST_ROWS = {"export": 20_000.0, "checks": 20_000.0, "indicators": 10_000.0}
MOST_MEBIBYTES = 300.0
# The file that each part reads or writes.
PARTS = {"export": "written.csv", "checks": "participants.csv", "indicators": "participants.csv"}
PANDAS = "with_pandas"


def run(module: str, file: Path, rows: int) -> dict[str, Any]:
    """Return the figures of one part, taken by a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.support.compliance.{module}", str(file), str(rows)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(ended.stdout) if ended.stdout else {}


def best(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the round in which one core did the most."""
    return max(rounds, key=lambda figures: figures["rows/s of one core"])


def main() -> int:
    """Measure every part and hold it to what was promised."""
    chosen = options(__doc__, rows=100_000, rounds=3)
    rows, rounds = (QUICK_ROWS, 1) if chosen.quick else (chosen.rows, chosen.rounds)
    parts = PARTS | ({PANDAS: PARTS["checks"]} if importlib.util.find_spec("pandas") else {})
    if PANDAS not in parts:
        tell("pandas is not installed, so nothing is compared: pip install -r benchmarks/requirements.txt")
    with tempfile.TemporaryDirectory(prefix="provost-compliance-") as name:
        folder = Path(name)
        tell(f"{rows:,} participants are invented")
        run("make", folder / PARTS["checks"], rows)
        taken: dict[str, list[dict[str, Any]]] = {part: [] for part in parts}
        for number in range(rounds):
            for part, file in parts.items():
                taken[part].append(run(part, folder / file, rows))
                tell(f"round {number + 1}: {part} {taken[part][-1]}")
    figures = {part: best(rounds_of) for part, rounds_of in taken.items()}
    return finish("compliance", quick=chosen.quick, figures=figures, targets=targets(figures))


def targets(figures: dict[str, dict[str, Any]]) -> list[Target]:
    """Return what was promised: rows a second, memory, and that both ways find the same."""
    found = []
    for part in PARTS:
        speed = figures[part]["rows/s of one core"]
        found.append(Target(f"{part}: rows/s of one core", speed, LEAST_ROWS[part], at_least=True))
        found.append(Target(f"{part}: MiB at its peak", figures[part]["MiB at its peak"], MOST_MEBIBYTES))
    if PANDAS in figures:
        one, other = (figures[part]["found"] for part in ("checks", PANDAS))
        differ = sum(one.get(rule, 0) != other.get(rule, 0) for rule in one.keys() | other.keys())
        found.append(Target("rules of which pandas found otherwise", differ, 0))
    return found


if __name__ == "__main__":
    sys.exit(main())
