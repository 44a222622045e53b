#!/usr/bin/env python3
"""What the staff's pages cost the database when the jobs are a million.

    DATABASE_URL=postgres://... .venv/bin/python benchmarks/lists.py [--jobs 1000000] [--quick]

It makes a database of its own beside the one that is named, fills it, asks for each page three times, and drops it. The
figure of a page is the median of the time that its statements took in the database; the target is 100 ms. The last line
is JSON.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Not this folder: it has names that Python's own modules have.
sys.path[0] = str(Path(__file__).resolve().parent.parent)
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment

from autopilot.models import Job
from benchmarks.support.history import fill
from benchmarks.support.report import Target, finish, options, tell

TARGET = 100.0  # milliseconds
ROUNDS = 3
PAGES = {
    "job list": "/admin/autopilot/job/",
    "failed jobs": "/admin/autopilot/job/?status__exact=failed",
    "completed jobs of a worker": "/admin/autopilot/job/?status__exact=completed&worker=application",
    "a job by its id": "/admin/autopilot/job/?q={job}",
    "jobs by kind": "/admin/autopilot/job/?q=application.process",
    "jobs by a text": "/admin/autopilot/job/?q=connection+refused",
    "jobs by a text that is nowhere": "/admin/autopilot/job/?q=zebra+crossing",
    "dashboard": "/admin/",
    "inbox": "/admin/autopilot/checkpoint/",
    "inbox, decided": "/admin/autopilot/checkpoint/?show=decided",
    "a job's page": "/admin/autopilot/job/{job}/change/",
    "failures": "/admin/autopilot/job/failures/",
    "workers": "/admin/autopilot/worker/",
    "schedules": "/admin/autopilot/schedule/",
    "cluster": "/admin/autopilot/clusterheartbeat/",
    "outbox": "/admin/autopilot/outboxmessage/",
    "audit": "/admin/autopilot/auditentry/",
}


# --- What a page costs --------------------------------------------------------------------------------------------------


@contextmanager
def counted() -> Iterator[list[float]]:
    """Give a list of the milliseconds that each statement of a block takes."""
    taken: list[float] = []

    def clocked(execute: Any, *statement: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            taken.append((time.perf_counter() - start) * 1000)

    with connection.execute_wrapper(clocked):
        yield taken


def measure(client: Client, address: str) -> dict[str, Any]:
    """Return the median cost of a page over some rounds, with nothing of it in the cache."""
    costs = []
    for _ in range(ROUNDS):
        cache.clear()
        with counted() as taken:
            status = client.get(address).status_code
        costs.append((sum(taken), len(taken)))
    milliseconds, queries = statistics.median(cost for cost, _ in costs), costs[-1][1]
    return {"status": status, "milliseconds": round(milliseconds, 1), "queries": queries}


def reviewer_of() -> User:
    """Return somebody who sees every page, as a member of the groups and not as a superuser."""
    person = User.objects.create_user("measurer", is_staff=True)
    person.groups.set(Group.objects.all())
    return person


def run(jobs: int) -> dict[str, Any]:
    """Fill the database and return the cost of every page."""
    start = time.perf_counter()
    fill(jobs)
    tell(f"{jobs:,} jobs laid in {time.perf_counter() - start:.0f} s")
    client = Client()
    client.force_login(reviewer_of())
    job = Job.objects.filter(status="failed").first()
    figures = {name: measure(client, address.format(job=job and job.pk)) for name, address in PAGES.items()}
    for name, figure in figures.items():
        tell(f"{name:34}{figure['milliseconds']:9.1f} ms{figure['queries']:5} queries  {figure['status']}")
    return figures


def main() -> int:
    """Measure in a database of our own; exit 1 if a page misses the target, 2 if there is nothing to measure on."""
    chosen = options(__doc__, jobs=1_000_000)
    if connection.vendor != "postgresql":
        tell("Name a PostgreSQL server in DATABASE_URL; on it a database is made and dropped.")
        return 2
    jobs = chosen.jobs // 100 if chosen.quick else chosen.jobs
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        pages = run(jobs)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    answered = sum(page["status"] == 200 for page in pages.values())
    targets = [Target(f"ms: {name}", page["milliseconds"], TARGET) for name, page in pages.items()]
    targets.append(Target("pages that answered", answered, len(PAGES), at_least=True))
    return finish("lists", quick=chosen.quick, figures={"jobs": jobs, "pages": pages}, targets=targets)


if __name__ == "__main__":
    sys.exit(main())
