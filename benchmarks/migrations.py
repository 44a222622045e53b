#!/usr/bin/env python3
"""How long people who write have to wait while the database is brought up to date.

    .venv/bin/python benchmarks/migrations.py [--jobs 1000000] [--rate 100] [--quick]

It starts a PostgreSQL server of its own with durable commits, and lays an office of the version before into it: so many
jobs, and as many events, attempts, checkpoints, messages and deeds. The code of that version goes on writing, `--rate`
times a second, while `migrate` brings the database up to date; somebody who has read the large tables sits idle in a
transaction in front of it for a while. Then a column of every attempt is filled in batches. Beside it stands the plain
way: indexes in one transaction, an ALTER that waits for such a reader as long as it must, and one UPDATE for all rows.

A wait is from when a write was due until it was done or, as after 20 seconds behind a lock, had failed. The target is the longest wait on our way: a second at most. The
last line is JSON.
"""

import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Not this folder: it has names that Python's own modules have.
sys.path[0] = str(Path(__file__).resolve().parent.parent)
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.faults.settings"
os.environ["PROVOST_ENVIRONMENT"] = "test"
os.environ["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/nothing"
os.environ.setdefault("SECRET_KEY", "key-of-the-benchmarks")

from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import Q

from autopilot.operations import RunInBatches
from benchmarks.support.report import Target, finish, options, tell
from benchmarks.support.servers import postgres
from tests.faults.databases import connected_to
from tests.faults.upgrades import OLD, Writers, lay_old_tables, migrating, reader_in_front, wait_until_at

LONGEST_WAIT = 1_000.0  # milliseconds
IN_FRONT = 3.0  # seconds that the reader sits there
GROWING = ("autopilot_job", "autopilot_checkpoint", "autopilot_outboxmessage", "autopilot_auditentry")
LATER = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'autopilot_job' AND indexname = ANY(%s)"
JOB_INDEXES = ["job_kind_list", "job_tenant_list", "job_held", "job_key", "job_short_id", "job_text"]
Figures = dict[str, Any]


def under_writes(title: str, rate: int, jobs: int, work: Callable[[], Figures | None]) -> Figures:
    """Return how long work takes, and how long the writers beside it wait, in milliseconds."""
    with Writers(rate, jobs) as writers:
        time.sleep(1)
        start = time.perf_counter()
        more = work() or {}
        seconds = time.perf_counter() - start
        time.sleep(1)
    waits = statistics.quantiles(writers.waits, n=100)
    figures: Figures = {"seconds": round(seconds, 2), "writes": len(writers.waits), "failed": len(writers.problems)}
    for name, wait in {"p50": waits[49], "p99": waits[98], "worst": max(writers.waits)}.items():
        figures[f"{name}_ms"] = round(wait * 1000, 1)
    tell(f"{title:44}{seconds:8.1f} s   waits {figures['p50_ms']}, {figures['p99_ms']}, {figures['worst_ms']} ms")
    return figures | more


# --- Our way ----------------------------------------------------------------------------------------------------------


def upgrade(url: str) -> Figures:
    """Migrate with somebody in front for a while; returns the seconds of each migration."""
    with reader_in_front(url, *GROWING):
        process = migrating(url, "--verbosity=2")
        wait_until_at(url, "ALTER TABLE")
        time.sleep(IN_FRONT)
    told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(told)
    taken = re.findall(r"Applying (\S+)\.\.\. OK \(([\d.]+)s\)", told)
    return {"tries": told.count("trying again") + 1, "migrations": {name: float(seconds) for name, seconds in taken}}


def fill_in_batches() -> None:
    """Write into a column of every attempt of the version before, some thousand rows a transaction."""
    state = MigrationLoader(None).project_state([OLD])
    with connection.schema_editor(atomic=False) as editor:
        batches = RunInBatches("attempt", ~Q(process="two"), {"process": "two"})
        batches.database_forwards("autopilot", editor, state, state)


# --- The plain way ----------------------------------------------------------------------------------------------------


def drop_indexes() -> list[str]:
    """Drop the indexes of jobs that the upgrade made; returns the statements that make them."""
    with connection.cursor() as cursor:
        cursor.execute(LATER, [JOB_INDEXES])
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f"DROP INDEX CONCURRENTLY {name}")
    return [definition for _, definition in found]


def build_plainly(definitions: list[str]) -> None:
    """Build indexes in one transaction, as a migration of Django's own operations does."""
    with transaction.atomic(), connection.cursor() as cursor:
        for definition in definitions:
            cursor.execute(definition)


def alter_plainly(url: str) -> None:
    """Add a column with somebody in front, and wait for the lock until it is there."""
    with ThreadPoolExecutor(1) as pool, reader_in_front(url, "autopilot_job"):
        waiting = pool.submit(execute, "ALTER TABLE autopilot_job ADD COLUMN plain boolean")
        time.sleep(IN_FRONT)
    waiting.result()


def execute(statement: str) -> None:
    """Run one statement in this thread's own connection."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


# --- Both -------------------------------------------------------------------------------------------------------------


def run(url: str, jobs: int, rate: int) -> Figures:
    """Lay the office and go both ways; returns the figures of each."""
    start = time.perf_counter()
    lay_old_tables(jobs)
    tell(f"{jobs:,} jobs laid in {time.perf_counter() - start:.0f} s; waits are p50, p99 and the longest")
    ours = {
        "upgrade": under_writes("upgrade, a reader in front", rate, jobs, lambda: upgrade(url)),
        "batches": under_writes("a column in batches", rate, jobs, fill_in_batches),
    }
    definitions = drop_indexes()
    update = "UPDATE autopilot_attempt SET process = 'three'"
    plain = {
        "indexes": under_writes("plainly: six indexes of jobs", rate, jobs, lambda: build_plainly(definitions)),
        "reader": under_writes("plainly: a reader in front", rate, jobs, lambda: alter_plainly(url)),
        "update": under_writes("plainly: a column in one UPDATE", rate, jobs, lambda: execute(update)),
    }
    return {"jobs": jobs, "writes_per_second": rate, "ours": ours, "plain": plain}


def main() -> int:
    """Measure on a server of our own; returns 1 if somebody waited too long."""
    chosen = options(__doc__, jobs=1_000_000, rate=100)
    jobs = min(chosen.jobs, 20_000) if chosen.quick else chosen.jobs
    with postgres() as server:
        server.create("office")
        with connected_to(server.url("office")):
            figures = run(server.url("office"), jobs, chosen.rate)
    worst = {way: max(part["worst_ms"] for part in figures[way].values()) for way in ("ours", "plain")}
    figures["ratio_of_longest_waits"] = round(worst["plain"] / worst["ours"], 1)
    targets = [
        Target("longest wait of a writer, milliseconds", worst["ours"], LONGEST_WAIT),
        Target("writes that failed", sum(part["failed"] for part in figures["ours"].values()), 0),
    ]
    return finish("migrations", quick=chosen.quick, figures=figures, targets=targets)


if __name__ == "__main__":
    sys.exit(main())
