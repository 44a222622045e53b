"""Claim and settle on SQLite: short write transactions, which the database runs one after the other."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from autopilot import clock
from autopilot.engine.statements.rows import COLUMNS, EVENT_FIELDS, FIELDS, insertion, job_from, readers_of, written
from autopilot.models.jobs import Event, Job

Row = tuple[Any, ...]


def _in_utc(bare: datetime) -> datetime:
    return bare.replace(tzinfo=UTC)


READERS = readers_of({"JSONField": json.loads, "DateTimeField": _in_utc, "UUIDField": UUID})

# Its index is named: left to itself, SQLite sorts the whole backlog for every claim.
CANDIDATE = f"""
SELECT {", ".join(f"job.{name}" for name in COLUMNS.split(", "))}, worker.concurrency
FROM autopilot_job job INDEXED BY job_claim LEFT JOIN autopilot_worker worker ON worker.name = job.worker
WHERE job.status = 'pending' AND job.held_at IS NULL AND job.rank <= :now AND job.scheduled_for <= :now
AND (job.start_by IS NULL OR job.start_by > :now OR job.first_started_at IS NOT NULL)
AND worker.enabled IS NOT FALSE AND (:only = '' OR job.worker = :only)
AND (job.concurrency_key = '' OR job.concurrency_limit > (
    SELECT count(*) FROM autopilot_job busy WHERE busy.status = 'running'
    AND busy.concurrency_key = job.concurrency_key AND busy.concurrency_slot IS NOT NULL))
AND (worker.concurrency IS NULL OR worker.concurrency > (
    SELECT count(*) FROM autopilot_job busy WHERE busy.status = 'running' AND busy.worker = job.worker))
ORDER BY job.rank, job.id LIMIT 1
"""  # noqa: S608 (put together from the constants above alone)
KEY_SLOTS = """SELECT concurrency_slot FROM autopilot_job
    WHERE status = 'running' AND concurrency_key = ? AND concurrency_slot IS NOT NULL"""
WORKER_SLOTS = (
    "SELECT worker_slot FROM autopilot_job WHERE status = 'running' AND worker = ? AND worker_slot IS NOT NULL"
)
START = """UPDATE autopilot_job SET status = 'running', attempt = ?, epoch = ?, lease_owner = ?, lease_until = ?,
    deadline = ?, first_started_at = ?, concurrency_slot = ?, worker_slot = ?, event_seq = ?, event_hash = ? WHERE id = ?"""
ATTEMPT = """INSERT INTO autopilot_attempt (job_id, epoch, number, process, started_at, outcome, error)
    VALUES (?, ?, ?, ?, ?, 'running', '')"""
OWNED = """SELECT event_seq, event_hash FROM autopilot_job
    WHERE id = ? AND epoch = ? AND status = 'running' AND cancel_requested_at IS NULL"""
COMPLETE = """UPDATE autopilot_job SET status = 'completed', result = ?, finished_at = ?, purge_after = ?,
    lease_owner = '', lease_until = NULL, deadline = NULL, concurrency_slot = NULL, worker_slot = NULL,
    reason = 'done', error = '', error_fingerprint = '', event_seq = ?, event_hash = ? WHERE id = ?"""
END = "UPDATE autopilot_attempt SET outcome = 'completed', finished_at = ? WHERE job_id = ? AND epoch = ?"
EVENT = """INSERT INTO autopilot_event
    (job_id, seq, from_status, to_status, why, epoch, actor, detail, at, previous_hash, hash)
    VALUES (?, ?, ?, ?, ?, ?, '', '{}', ?, ?, ?)"""


CONFIGURED = "coalesce((SELECT max_attempts FROM autopilot_worker WHERE name = :worker), :max_attempts)"
INSERT_JOB = f"{insertion('autopilot_job', FIELDS, ':{}', max_attempts=CONFIGURED)} RETURNING max_attempts"
INSERT_EVENT = insertion("autopilot_event", EVENT_FIELDS, ":{}")


def insert(job: Job, event: Event, *, rings: bool) -> int:
    """Insert a job and its first event in one transaction; returns its attempts. A pump sees the commit itself."""
    rows = written(job, FIELDS, connection), written(event, EVENT_FIELDS, connection)
    with connection.wrap_database_errors, transaction.atomic(savepoint=False):
        ((attempts,),) = connection.connection.execute(INSERT_JOB, rows[0]).fetchall()
        connection.connection.execute(INSERT_EVENT, rows[1])
    return int(attempts)


def claim(process: str, lease: timedelta, only: str) -> Job | None:
    """Claim one job in one transaction."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        if _candidate(connection.connection, only) is None:
            # A look costs no write lock; only what was seen is then claimed under one.
            return None
        with _writing() as database:
            return _claim(database, process, lease, only)


def settle(job: Job, result: Any, retention: timedelta) -> bool:
    """Complete a job in one transaction; returns whether this run still owned it."""
    with _writing() as database:
        return _settle(database, job, result, retention)


def settle_and_claim(
    job: Job, result: Any, retention: timedelta, process: str, lease: timedelta, only: str
) -> tuple[bool, Job | None]:
    """Complete a job and claim the next in one transaction."""
    with _writing() as database:
        done = _settle(database, job, result, retention)
        return done, _claim(database, process, lease, only) if done else None


@contextmanager
def _writing() -> Iterator[sqlite3.Connection]:
    # Django's cursors rewrite the text of a statement each time, which costs more than most of these.
    with connection.wrap_database_errors, transaction.atomic():
        yield connection.connection


def _settle(database: sqlite3.Connection, job: Job, result: Any, retention: timedelta) -> bool:
    owned = database.execute(OWNED, (job.pk.hex, job.epoch)).fetchone()
    if owned is None:
        return False
    now = clock.now()
    at, written = _written(now), None if result is None else json.dumps(result)
    seq, previous = owned[0] + 1, owned[1]
    digest = _log(database, job.pk, seq, ("running", "completed", "done"), job.epoch, now, previous)
    database.execute(COMPLETE, (written, at, _written(now + retention), seq, digest, job.pk.hex))
    database.execute(END, (at, job.pk.hex, job.epoch))
    return True


def _claim(database: sqlite3.Connection, process: str, lease: timedelta, only: str) -> Job | None:
    row = _candidate(database, only)
    if row is None:
        return None
    *values, limit = row
    job = job_from(values, READERS, connection.alias)
    _take(database, job, process, lease, limited=limit is not None)
    return job


def _candidate(database: sqlite3.Connection, only: str) -> Row | None:
    row: Row | None = database.execute(CANDIDATE, {"now": _written(clock.now()), "only": only}).fetchone()
    return row


def _take(database: sqlite3.Connection, job: Job, process: str, lease: timedelta, *, limited: bool) -> None:
    now = clock.now()
    at, previous = _written(now), job.event_hash
    job.status = "running"
    job.attempt, job.epoch, job.event_seq = job.attempt + 1, job.epoch + 1, job.event_seq + 1
    job.lease_owner, job.lease_until = process, now + lease
    job.deadline = now + timedelta(seconds=job.timeout_seconds)
    job.first_started_at = job.first_started_at or now
    job.concurrency_slot = _free_slot(database, KEY_SLOTS, job.concurrency_key) if job.concurrency_key else None
    job.worker_slot = _free_slot(database, WORKER_SLOTS, job.worker) if limited else None
    moved = ("pending", "running", "claim")
    job.event_hash = _log(database, job.pk, job.event_seq, moved, job.epoch, now, previous)
    times = (_written(job.lease_until), _written(job.deadline), _written(job.first_started_at))
    slots = (job.concurrency_slot, job.worker_slot)
    database.execute(
        START, (job.attempt, job.epoch, process, *times, *slots, job.event_seq, job.event_hash, job.pk.hex)
    )
    database.execute(ATTEMPT, (job.pk.hex, job.epoch, job.attempt, process, at))


def _log(
    database: sqlite3.Connection,
    job_id: UUID,
    seq: int,
    moved: tuple[str, str, str],
    epoch: int,
    now: datetime,
    previous: str,
) -> str:
    """Insert the event of a move; returns its hash, which `transitions.chain_hash` computes from the same lines."""
    at = now.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    lines = (previous, str(job_id), str(seq), *moved, str(epoch), "", "{}", at)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    database.execute(EVENT, (job_id.hex, seq, *moved, epoch, _written(now), previous, digest))
    return digest


def _free_slot(database: sqlite3.Connection, statement: str, sharing: str) -> int:
    taken = {slot for (slot,) in database.execute(statement, (sharing,))}
    return next(slot for slot in range(len(taken) + 1) if slot not in taken)


def _written(moment: datetime) -> str:
    """Return a time as Django writes it for SQLite."""
    return str(moment.replace(tzinfo=None))
