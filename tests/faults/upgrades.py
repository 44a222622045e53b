"""An office of the version before, that goes on writing while its database is brought up to date."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Self

import psycopg
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.loader import MigrationLoader

from autopilot import clock
from config.env import ROOT
from tests.faults.databases import SETTINGS

OLD = ("autopilot", "0004_true_decisions")
NEWER = {"autopilot", "config"}  # apps with migrations that need more than the old ones
AT = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s"
TENANT = "00000000-0000-7000-8000-000000000001"
THREADS = 4


def old_models() -> Any:
    """Return the models as the version before knew them: `old_models().get_model("autopilot", "job")`."""
    return MigrationLoader(None).project_state([OLD]).apps


def lay_old_tables(jobs: int) -> None:
    """Make the tables of the version before, and fill those that grow."""
    executor = MigrationExecutor(connection)
    executor.migrate([OLD, *_contemporaries(executor.loader.graph)])
    apps = old_models()
    job, event, attempt, outbox, audit, checkpoint = (
        apps.get_model("autopilot", name)
        for name in ("job", "event", "attempt", "outboxmessage", "auditentry", "checkpoint")
    )
    made = f"now() - interval '90 days' * (n::float / {jobs})"
    series = f"generate_series(1, {jobs}) AS n"
    insert(job, series, id="gen_random_uuid()", tenant_id=f"'{TENANT}'::uuid", worker="'sample'", kind="'sample.work'",
           status="CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'completed' END", rank=made, scheduled_for=made,
           payload_digest="md5(n::text)", reason="'done'", created_at=made, finished_at=made,
           unique_key="CASE WHEN n % 7 = 0 THEN 'key-' || n ELSE '' END", event_seq="1")  # fmt: skip
    insert(event, "autopilot_job AS job", job_id="job.id", seq="1", to_status="'completed'", from_status="'running'",
           why="'done'", epoch="1", at="job.created_at", hash="md5(job.id::text)")  # fmt: skip
    insert(attempt, "autopilot_job AS job", job_id="job.id", epoch="1", number="1", process="'one'", outcome="'completed'",
           started_at="job.created_at", finished_at="job.created_at")  # fmt: skip
    insert(checkpoint, "autopilot_job AS job", job_id="job.id", id="gen_random_uuid()", tenant_id="job.tenant_id",
           generation="1", key="'review'", kind="'info'", status="'noted'", title="'Seen'", payload_digest="'0'",
           created_at="job.created_at", decided_at="job.created_at")  # fmt: skip
    insert(audit, series, name="'sample.job.held'", subject_type="'autopilot.Job'", subject_id="md5(n::text)",
           actor_label="'person-' || (n % 40)", at=made)  # fmt: skip
    insert(outbox, series, id="gen_random_uuid()", tenant_id=f"'{TENANT}'::uuid", topic="'sample.done'",
           status="'sent'", created_at=made, sent_at=made, next_attempt_at=made)  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _contemporaries(graph: MigrationGraph) -> list[tuple[str, str]]:
    """Return the newest migrations of the other apps that need nothing newer of this one."""
    old = set(graph.forwards_plan(OLD))
    fit = {
        node
        for node in graph.nodes
        if node[0] not in NEWER and all(each in old or each[0] not in NEWER for each in graph.forwards_plan(node))
    }
    return [node for node in fit if not any(child.key in fit for child in graph.node_map[node].children)]


def insert(model: type[models.Model], source: str, **expressions: str) -> None:
    """Insert a row for each of a source; a column without an expression gets its model's default."""
    values, parameters = {}, []
    for field in model._meta.concrete_fields:
        if field.attname in expressions:
            values[field.column] = expressions[field.attname].replace("%", "%%")
        elif not isinstance(field, models.AutoField):
            values[field.column] = "%s"
            parameters.append(field.get_db_prep_save(None if field.null else field.get_default(), connection))
    columns = ", ".join(f'"{column}"' for column in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {", ".join(values.values())} FROM {source}',
            parameters,
        )


class Writers:
    """Threads that take jobs from enqueued to completed with the models of the version before, inside a `with` block.

    Arguments: `rate`, writes a second of all of them together; `old`, how many attempts there were before, which they
    change too. `waits` has, of each write, the seconds from when it was
    due until it was done; `problems` what went wrong; `written` how many jobs came in.
    """

    def __init__(self, rate: int, old: int) -> None:
        self.waits: list[float] = []
        self.problems: list[str] = []
        self.written = 0
        self._apps = old_models()
        self._old = old
        self._interval = THREADS / rate
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(THREADS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _write(self, number: int) -> None:
        try:
            start = time.monotonic() + self._interval * number / THREADS
            self._keep_writing(start)
        except Exception as problem:  # whatever it is, the test must hear of it
            self.problems.append(f"{type(problem).__name__}: {problem}")
        finally:
            connection.close()

    def _keep_writing(self, start: float) -> None:
        writes = self._writes()
        for number in count():
            due = start + number * self._interval
            if self._stopped.wait(max(0.0, due - time.monotonic())):
                return
            try:
                next(writes)
            finally:
                self.waits.append(time.monotonic() - due)

    def _writes(self) -> Iterator[None]:
        """Write once each time it is asked, on one table after the other."""
        job, event, attempt, outbox, audit, checkpoint = (
            self._apps.get_model("autopilot", name).objects
            for name in ("job", "event", "attempt", "outboxmessage", "auditentry", "checkpoint")
        )
        while True:
            now = clock.now()
            made = job.create(tenant_id=TENANT, worker="sample", kind="sample.work", rank=now, scheduled_for=now)
            self.written += 1
            yield
            job.filter(pk=made.pk, status="pending").update(
                status="running", lease_owner="one", lease_until=now, epoch=1
            )
            yield
            attempt.create(job=made, epoch=1, number=1, process="one", started_at=now, outcome="running")
            yield
            event.create(job=made, seq=1, to_status="running", why="claimed", epoch=1, at=now, hash="0")
            yield
            checkpoint.create(job=made, tenant_id=TENANT, generation=1, key="seen", kind="info", status="noted",
                              title="Seen", decided_at=now)  # fmt: skip
            yield
            attempt.filter(pk=random.randint(1, self._old)).update(finished_at=now)
            yield
            attempt.filter(job=made).update(outcome="completed", finished_at=now)
            yield
            job.filter(pk=made.pk).update(status="completed", lease_owner="", lease_until=None, finished_at=now)
            yield
            outbox.create(tenant_id=TENANT, topic="sample.done", job_id=made.pk)
            yield
            audit.create(name="sample.job.held", subject_type="autopilot.Job", subject_id=str(made.pk))
            yield


@contextmanager
def reader_in_front(url: str, *tables: str) -> Iterator[None]:
    """Let somebody read tables and then sit idle in the transaction, until the block ends."""
    with psycopg.connect(url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        for table in tables:
            reader.execute(f"SELECT 1 FROM {table} LIMIT 1")
        yield


def wait_until_at(url: str, statement: str, seconds: float = 60) -> None:
    """Wait until somebody on the database is at a statement that begins so; raises TimeoutError."""
    with psycopg.connect(url, autocommit=True) as connection:
        end = time.monotonic() + seconds
        while connection.execute(AT, [f"{statement}%"]).fetchone() == (0,):
            if time.monotonic() > end:
                raise TimeoutError(f"Nobody came to {statement} in {seconds:.0f} seconds.")
            time.sleep(0.01)


def migrating(url: str, *arguments: str) -> subprocess.Popen[str]:
    """Start `manage.py migrate` on a database as a process of its own."""
    environment = os.environ | SETTINGS | {"DATABASE_URL": url}
    command = [sys.executable, "manage.py", "migrate", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=subprocess.STDOUT, text=True)
