#!/usr/bin/env python3
"""How long a roster of ten thousand students takes to be read and imported, and how much memory, on both databases.

    .venv/bin/python benchmarks/rosters.py [--quick] [--rows 10000]

In a process of its own for each database, a holder uploads a file, confirms what it is shown, and the job imports it in
one transaction: first a fifth of the rows, then all of them, then all of them once more, when everybody is known. The
memory is that of the process that reads, compares and imports, at its peak; the file itself is opened in another one,
which is limited to 280 MiB. It tells every second how far the job is. PostgreSQL commits durably. The last line is JSON.
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
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "PROVOST_ENVIRONMENT": "test",
    "SECRET_KEY": "key-of-a-benchmark",
}
QUICK_ROWS = 2_000
MOST_SECONDS_READ, MOST_SECONDS, MOST_MEBIBYTES = 10.0, 60.0, 64.0


def measured(name: str, url: str, folder: Path, rows: int) -> dict[str, Any]:
    """Return the figures of one database, taken by a process of its own."""
    tell(f"{name}: {rows:,} rows")
    files = {
        "ARCHIVE_ROOT": str(folder / "archive"),
        "AUTOPILOT_RUN_DIRECTORY": str(folder / f"run-{name}"),
        "AUTOPILOT_JOB_FILES": str(folder / "jobs"),
    }
    environment = os.environ | SETTINGS | files | {"DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    # Another process makes the tables: the memory that it takes would hide what an import takes.
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=environment, check=True)
    command = [sys.executable, "-m", "benchmarks.support.enrolling.measure", str(rows)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    tell(json.dumps(figures, indent=2))
    return figures


def main() -> int:
    """Measure both databases and hold them to what was promised."""
    chosen = options(__doc__, rows=10_000)
    rows = QUICK_ROWS if chosen.quick else chosen.rows
    with tempfile.TemporaryDirectory(prefix="provost-rosters-") as name, postgres() as server:
        folder = Path(name)
        server.create("rosters")
        figures = {
            "PostgreSQL": measured("PostgreSQL", server.url("rosters"), folder, rows),
            "SQLite": measured("SQLite", f"sqlite:///{folder / 'rosters.sqlite3'}", folder, rows),
        }
    return finish("rosters", quick=chosen.quick, figures=figures, targets=targets(figures))


def targets(figures: dict[str, dict[str, Any]]) -> list[Target]:
    """Return what was promised of each database."""
    found = []
    for name, by_rows in figures.items():
        rows, figure = list(by_rows.items())[-1]
        for form, phase in (("CSV", "import, read"), ("XLSX", "XLSX, read")):
            taken = figure[f"{phase}: seconds"]
            found.append(Target(f"{name}: s to read {rows} of {form}", taken, MOST_SECONDS_READ))
        found.append(Target(f"{name}: s to import {rows}", figure["import: seconds"], MOST_SECONDS))
        for phase in ("import, read", "import"):
            more = figure[f"{phase}: MiB at its peak"] - figure[f"{phase}: MiB before"]
            found.append(Target(f"{name}: MiB more while at “{phase}”", more, MOST_MEBIBYTES))
    return found


if __name__ == "__main__":
    sys.exit(main())
