#!/usr/bin/env python3
"""What the staff's pages cost the database when the jobs are a million.

    DATABASE_URL=postgres://... .venv/bin/python benchmarks/lists.py [--jobs 1000000] [--quick]

It makes a database of its own beside the one that is named, fills it, asks for each page three times, and drops it. The
figure of a page is the median of the time that its statements took in the database; the target is 100 ms. The last line
is JSON.
"""

import argparse
import json
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
from django.db import connection, models
from django.test import Client
from django.test.utils import setup_test_environment

from autopilot.models import Attempt, AuditEntry, Checkpoint, Event, Job, OutboxMessage

TARGET = 100.0  # milliseconds
ROUNDS = 3
SPAN = "interval '90 days'"
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


# --- A database like that of a busy year ------------------------------------------------------------------------------


def fill(jobs: int) -> None:
    """Fill the tables in SQL: most jobs completed, some of every other status."""
    share = "(n % 1000)"
    status = (
        f"CASE WHEN {share} < 10 THEN 'failed' WHEN {share} < 15 THEN 'cancelled' WHEN {share} < 18 THEN 'pending' "
        f"WHEN {share} < 20 THEN 'waiting' ELSE 'completed' END"
    )
    ended = f"{share} NOT BETWEEN 15 AND 19"
    made = f"now() - {SPAN} * (n::float / {jobs})"
    worker = "(ARRAY['application', 'document', 'certification', 'compliance', 'credential'])[1 + n % 5]"
    insert(
        Job,
        jobs,
        id="gen_random_uuid()",
        tenant_id="('00000000-0000-7000-8000-' || lpad((n % 200)::text, 12, '0'))::uuid",
        worker=worker,
        kind=f"{worker} || '.' || (ARRAY['process', 'track'])[1 + n % 2]",
        status=status,
        wait_reason=f"CASE WHEN {share} BETWEEN 18 AND 19 THEN 'checkpoint' ELSE '' END",
        waiting_since=f"CASE WHEN {share} BETWEEN 18 AND 19 THEN {made} END",
        rank=made,
        scheduled_for=made,
        payload_digest="md5(n::text)",
        unique_key="CASE WHEN n % 7 = 0 THEN 'key-' || n ELSE '' END",
        reason=f"CASE WHEN {share} < 10 THEN 'attempts_exhausted' WHEN {ended} THEN 'done' ELSE '' END",
        error=f"CASE WHEN {share} < 10 THEN 'ConnectionError: connection refused by host ' || (n % 50) ELSE '' END",
        error_fingerprint=f"CASE WHEN {share} < 10 THEN left(md5((n % 50)::text), 16) ELSE '' END",
        created_at=made,
        first_started_at=made,
        finished_at=f"CASE WHEN {ended} THEN {made} + interval '3 seconds' END",
        event_seq="3",
    )
    per_job(Event, seq="1", to_status="'completed'", from_status="'running'", why="'done'", epoch="1",
            at="job.created_at", hash="md5(job.id::text)")  # fmt: skip
    per_job(Attempt, epoch="1", number="1", process="'one'", started_at="job.created_at",
            finished_at="job.created_at + interval '3 seconds'", outcome="'completed'")  # fmt: skip
    per_job(
        Checkpoint, "job.worker = 'application'", id="gen_random_uuid()", tenant_id="job.tenant_id", generation="1",
        key="'review'", kind="'approval_required'", title="'Review ' || left(job.id::text, 8)", payload_digest="'0'",
        status="CASE WHEN job.status = 'waiting' THEN 'pending' ELSE 'approved' END", created_at="job.created_at",
        decided_at="CASE WHEN job.status <> 'waiting' THEN job.created_at + interval '1 hour' END",
        due_at="job.created_at + interval '1 day'",
    )  # fmt: skip
    insert(AuditEntry, jobs // 2, name="'autopilot.job.' || (ARRAY['cancelled', 'held', 'requeued'])[1 + n % 3]",
           subject_type="'autopilot.Job'", subject_id="md5(n::text)", actor_label="'person-' || (n % 40)",
           at=made)  # fmt: skip
    insert(OutboxMessage, jobs // 2, id="gen_random_uuid()", topic="'programs.application.received'",
           tenant_id="gen_random_uuid()", status="'sent'", created_at=made, sent_at=made,
           next_attempt_at=made, announced="true")  # fmt: skip
    with connection.cursor() as cursor:
        reviewer = Group.objects.get(name="Reviewer").pk
        cursor.execute(
            "INSERT INTO autopilot_checkpoint_reviewers (checkpoint_id, group_id) SELECT id, %s FROM autopilot_checkpoint",
            [reviewer],
        )
        cursor.execute("VACUUM ANALYZE")


def insert(model: type[models.Model], rows: int, **expressions: str) -> None:
    """Insert so many rows; a column without an expression of `n` gets its model's default."""
    write(model, expressions, f"FROM generate_series(1, {rows}) AS n")


def per_job(model: type[models.Model], condition: str = "true", **expressions: str) -> None:
    """Insert a row for each job that meets a condition."""
    write(model, {"job_id": "job.id", **expressions}, f"FROM autopilot_job AS job WHERE {condition}")


def write(model: type[models.Model], expressions: dict[str, str], source: str) -> None:
    """Insert what a source gives, column by column."""
    values, parameters = {}, []
    for field in model._meta.concrete_fields:
        if field.attname in expressions:
            values[field.column] = expressions[field.attname].replace("%", "%%")
        elif not (field.primary_key and isinstance(field, models.AutoField)):
            values[field.column] = "%s"
            parameters.append(field.get_db_prep_save(None if field.null else field.get_default(), connection))
    columns = ", ".join(f'"{column}"' for column in values)
    with connection.cursor() as cursor:
        statement = f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {', '.join(values.values())} {source}"
        cursor.execute(statement, parameters)


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
    print(f"{jobs:,} jobs laid in {time.perf_counter() - start:.0f} s", file=sys.stderr)
    client = Client()
    client.force_login(reviewer_of())
    job = Job.objects.filter(status="failed").first()
    figures = {name: measure(client, address.format(job=job and job.pk)) for name, address in PAGES.items()}
    for name, figure in figures.items():
        verdict = "" if figure["status"] == 200 and figure["milliseconds"] < TARGET else "   ← look"
        print(f"{name:34}{figure['milliseconds']:9.1f} ms{figure['queries']:5} queries  {figure['status']}{verdict}")
    return {"benchmark": "lists", "jobs": jobs, "target_milliseconds": TARGET, "pages": figures}


def main() -> int:
    """Measure in a database of our own; exit 1 if a page misses the target, 2 if there is nothing to measure on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the jobs, in under a minute")
    options = parser.parse_args()
    if connection.vendor != "postgresql":
        print("Name a PostgreSQL server in DATABASE_URL; on it a database is made and dropped.", file=sys.stderr)
        return 2
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        report = run(options.jobs // 100 if options.quick else options.jobs)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    print(json.dumps(report))
    return int(any(page["milliseconds"] >= TARGET for page in report["pages"].values()))


if __name__ == "__main__":
    sys.exit(main())
