"""Claim and settle on SQLite: short write transactions, which the database runs one after the other."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from autopilot import clock
from autopilot.engine.statements.rows import (
    COLUMNS,
    EVENT_FIELDS,
    FIELDS,
    NAMES,
    Finished,
    Together,
    insertion,
    job_from,
    readers_of,
    written,
)
from autopilot.models.jobs import Event, Job

Row = tuple[Any, ...]


def _in_utc(bare: datetime) -> datetime:
    return bare.replace(tzinfo=UTC)


SOCIAL = itemgetter(
    *(NAMES.index(name) for name in ("kind", "concurrency_key", "crashes", "max_crashes", "attempt", "max_attempts"))
)
READERS = readers_of({"JSONField": json.loads, "DateTimeField": _in_utc, "UUIDField": UUID})

# Its index is named: left to itself, SQLite sorts the whole backlog for every claim.
CANDIDATES = f"""
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
ORDER BY job.rank, job.id LIMIT :most
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


def claim(process: str, lease: timedelta, together: Together, only: str) -> list[Job]:
    """Claim jobs in one transaction."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        if not _candidates(connection.connection, 1, only):
            # A look costs no write lock; only what was seen is then claimed under one.
            return []
        with _writing() as database:
            return _claim(database, process, lease, together, only)


def settle(finished: Sequence[Finished], retention: timedelta) -> set[UUID]:
    """Complete jobs in one transaction; returns which of them this run still owned."""
    with _writing() as database:
        return _settle(database, finished, retention)


def settle_and_claim(
    finished: Sequence[Finished], retention: timedelta, process: str, lease: timedelta, together: Together, only: str
) -> tuple[set[UUID], list[Job]]:
    """Complete jobs and claim the next in one transaction."""
    with _writing() as database:
        settled = _settle(database, finished, retention)
        every = len(settled) == len(finished)
        return settled, _claim(database, process, lease, together, only) if every else []


@contextmanager
def _writing() -> Iterator[sqlite3.Connection]:
    # Django's cursors rewrite the text of a statement each time, which costs more than most of these.
    with connection.wrap_database_errors, transaction.atomic():
        yield connection.connection


def _settle(database: sqlite3.Connection, finished: Sequence[Finished], retention: timedelta) -> set[UUID]:
    now = clock.now()
    at, purge_after = _written(now), _written(now + retention)
    moved, ended, logged = [], [], []
    settled: set[UUID] = set()
    for job, result in finished:
        owned = database.execute(OWNED, (job.pk.hex, job.epoch)).fetchone()
        if owned is None:
            continue
        seq, previous = owned[0] + 1, owned[1]
        event = _event(job.pk, seq, ("running", "completed", "done"), job.epoch, now, previous)
        written = None if result is None else json.dumps(result)
        moved.append((written, at, purge_after, seq, event[-1], job.pk.hex))
        ended.append((at, job.pk.hex, job.epoch))
        logged.append(event)
        settled.add(job.pk)
    database.executemany(COMPLETE, moved)
    database.executemany(END, ended)
    database.executemany(EVENT, logged)
    return settled


def _claim(database: sqlite3.Connection, process: str, lease: timedelta, together: Together, only: str) -> list[Job]:
    now = clock.now()
    jobs, started, attempted, logged = [], [], [], []
    for *values, limit in _in_line(database, together, only):
        job = job_from(values, READERS, connection.alias)
        start, event = _take(database, job, process, now, lease, limited=limit is not None)
        jobs.append(job)
        started.append(start)
        attempted.append((job.pk.hex, job.epoch, job.attempt, process, _written(now)))
        logged.append(event)
    database.executemany(START, started)
    database.executemany(ATTEMPT, attempted)
    database.executemany(EVENT, logged)
    return jobs


def _in_line(database: sqlite3.Connection, together: Together, only: str) -> list[Row]:
    """Return the most urgent due job, and those that follow for as long as each may come along."""
    line = _candidates(database, together.most, only)
    return list(takewhile(lambda row: _is_sociable(row, together), line)) or line[:1]


def _is_sociable(row: Row, together: Together) -> bool:
    """Return whether a job may be claimed along with others, as `statements.claim_together` has it."""
    kind, key, crashes, max_crashes, attempt, max_attempts = SOCIAL(row)
    lives = crashes == 0 and max_crashes > 1 and attempt + 1 < max_attempts
    return kind in together.kinds and key == "" and row[-1] is None and lives


def _candidates(database: sqlite3.Connection, most: int, only: str) -> list[Row]:
    return database.execute(CANDIDATES, {"now": _written(clock.now()), "only": only, "most": most}).fetchall()


def _take(
    database: sqlite3.Connection, job: Job, process: str, now: datetime, lease: timedelta, *, limited: bool
) -> tuple[Row, Row]:
    """Let a job be claimed; returns the parameters of its START and of its EVENT."""
    lease_until, deadline = now + lease, now + timedelta(seconds=job.timeout_seconds)
    begun = job.first_started_at or now
    job.status, job.lease_owner = "running", process
    job.attempt, job.epoch, job.event_seq = job.attempt + 1, job.epoch + 1, job.event_seq + 1
    job.lease_until, job.deadline, job.first_started_at = lease_until, deadline, begun
    job.concurrency_slot = _free_slot(database, KEY_SLOTS, job.concurrency_key) if job.concurrency_key else None
    job.worker_slot = _free_slot(database, WORKER_SLOTS, job.worker) if limited else None
    event = _event(job.pk, job.event_seq, ("pending", "running", "claim"), job.epoch, now, job.event_hash)
    job.event_hash = event[-1]
    times = (_written(lease_until), _written(deadline), _written(begun))
    slots = (job.concurrency_slot, job.worker_slot)
    return (job.attempt, job.epoch, process, *times, *slots, job.event_seq, job.event_hash, job.pk.hex), event


def _event(job_id: UUID, seq: int, moved: tuple[str, str, str], epoch: int, now: datetime, previous: str) -> Row:
    """Return the event of a move; its hash, the last, `transitions.chain_hash` computes from the same lines."""
    at, stamp = _stamped(now)
    lines = (previous, str(job_id), str(seq), *moved, str(epoch), "", "{}", stamp)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return job_id.hex, seq, *moved, epoch, at, previous, digest


@lru_cache(maxsize=4)
def _stamped(moment: datetime) -> tuple[str, str]:
    """Return a time as Django writes it for SQLite, and as hashes have it; many events are of one moment."""
    return _written(moment), moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _free_slot(database: sqlite3.Connection, statement: str, sharing: str) -> int:
    taken = {slot for (slot,) in database.execute(statement, (sharing,))}
    return next(slot for slot in range(len(taken) + 1) if slot not in taken)


def _written(moment: datetime) -> str:
    """Return a time as Django writes it for SQLite."""
    return str(moment.replace(tzinfo=None))
