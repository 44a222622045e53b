"""What a claim and a settlement cost beside a long history, and before a long queue.

`python -m benchmarks.support.claims BACKLOG SIZE SIZE ...` measures in the PostgreSQL database of DATABASE_URL, whose
tables are empty, and prints one line of JSON: milliseconds by the number of jobs in the history. Beside the last size
come a backlog of jobs for later, then one of due jobs as well. Commits do not wait for the disk here: that wait, which
no index shortens, would hide the rest.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.db import connection

from autopilot.engine import statements
from autopilot.models.jobs import Attempt, Event, Job
from benchmarks.support.filling import insert
from benchmarks.support.report import tell

SAMPLES = 150
WARM_UP = 20
LEASE, RETENTION = timedelta(seconds=30), timedelta(days=365)
BEGINNING = "timestamptz '2026-01-01 00:00:00+00'"
MADE = f"({BEGINNING} + n * interval '2 seconds')"
BACKLOGS = {"for later": "now() + n * interval '1 second'", "due": "now() - n * interval '10 ms'"}
# Ordered by time, as the ids that the engine makes.
ID = "(lpad(to_hex(1767225600000 + n::bigint * 2000), 12, '0') || '7000' || '8' || left(md5(n::text), 15))::uuid"
TENANT = "('00000000-0000-7000-8000-' || lpad((n % 200)::text, 12, '0'))::uuid"


def add_history(first: int, jobs: int) -> None:
    """Add jobs that have ended, each with its attempt and its last event; one in a hundred failed."""
    final = "CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'completed' END"
    insert(
        Job, jobs, first=first, id=ID, tenant_id=TENANT, worker="'benchmark'", kind="'benchmark.noop'", status=final,
        rank=MADE, scheduled_for=MADE, created_at=MADE, first_started_at=MADE, finished_at=f"{MADE} + interval '1 second'",
        purge_after=f"{MADE} + interval '10 years'", payload_digest="md5(n::text)", event_seq="3", attempt="1", epoch="1",
        event_hash="md5(n::text)", reason="'done'",
    )  # fmt: skip
    insert(Attempt, jobs, first=first, job_id=ID, epoch="1", number="1", process="'host:1'", started_at=MADE,
           finished_at=MADE, outcome="'completed'")  # fmt: skip
    insert(Event, jobs, first=first, job_id=ID, seq="3", from_status="'running'", to_status="'completed'", why="'done'",
           epoch="1", at=MADE, previous_hash="md5(n::text)", hash="md5(n::text)")  # fmt: skip


def add_pending(jobs: int, due: str) -> None:
    """Add jobs that wait to be claimed; `due` is an expression of `n`."""
    insert(
        Job, jobs, id="gen_random_uuid()", tenant_id=TENANT, worker="'benchmark'", kind="'benchmark.noop'",
        status="'pending'", rank=f"{due} - (1 + n % 10) * interval '1 minute'", priority="1 + n % 10", scheduled_for=due,
        created_at="now()", payload_digest="md5(n::text)", event_seq="1", event_hash="md5(n::text)",
    )  # fmt: skip


def measure() -> dict[str, float]:
    """Claim and settle some jobs, and return the median milliseconds of each."""
    add_pending(SAMPLES + WARM_UP, "now()")
    execute("VACUUM ANALYZE")
    taken = [claim_and_settle() for _ in range(SAMPLES + WARM_UP)][WARM_UP:]
    claims, settlements = zip(*taken, strict=True)
    return {"claim": round(statistics.median(claims), 3), "settle": round(statistics.median(settlements), 3)}


def claim_and_settle() -> tuple[float, float]:
    """Return the milliseconds of one claim and of its settlement; raises LookupError when nothing is due."""
    job, claimed = timed(lambda: statements.claim("benchmark", LEASE))
    if job is None:
        raise LookupError("Nothing is due.")
    done, settled = timed(lambda: statements.settle(job, None, RETENTION))
    if not done:
        raise LookupError(f"{job} was not settled.")
    return claimed, settled


def timed(deed: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a deed returns, and the milliseconds that it took."""
    start = time.perf_counter()
    result = deed()
    return result, (time.perf_counter() - start) * 1000


def execute(statement: str) -> None:
    """Execute a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def main(backlog: int, sizes: list[int]) -> None:
    """Measure at each size of the history, then with the backlogs."""
    figures, jobs = {}, 0
    execute("SET synchronous_commit = off")
    for size in sizes:
        add_history(jobs + 1, size - jobs)
        jobs = size
        figures[f"{size} rows"] = measure()
        tell(f"{size:,} rows of history: {figures[f'{size} rows']}")
    for name, due in BACKLOGS.items():
        add_pending(backlog, due)
        figures[f"{backlog} {name}"] = measure()
        tell(f"{backlog:,} jobs {name}: {figures[f'{backlog} {name}']}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(size) for size in sys.argv[2:]])
