"""Claim and settle on PostgreSQL: one statement, by the database's clock, no claimer waiting for another.

What one statement reads, it reads as of its beginning: the slot of a job that is settled becomes free for the next
look, not for the claim in the same statement.
"""

import json
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.json import Jsonb

from autopilot import clock
from autopilot.engine.statements.rows import COLUMNS, EVENT_FIELDS, FIELDS, insertion, job_from, readers_of, written
from autopilot.engine.wakeup import CHANNEL
from autopilot.models.jobs import Event, Job

READERS = readers_of({"JSONField": json.loads})

MOMENT = "moment AS MATERIALIZED (SELECT clock_timestamp() + %(shift)s::interval AS at)"

# A move is the row that a job is to have, and the event that tells of it: the same columns for both kinds of move.
# `status || ''`: no index of statuses is to be used here, however few jobs run when the statement is planned.
SETTLING = """settling AS MATERIALIZED (
    SELECT id AS job_id, event_hash AS previous, 'running' AS from_status, 'completed' AS to_status, 'done' AS why,
        epoch, event_seq + 1 AS seq, attempt, first_started_at, '' AS lease_owner, NULL::timestamptz AS lease_until,
        NULL::timestamptz AS deadline, NULL::integer AS key_slot, NULL::integer AS work_slot,
        %(result)s::jsonb AS result, at AS finished_at, at + %(retention)s::interval AS purge_after,
        'done' AS reason, '' AS error, '' AS error_fingerprint
    FROM autopilot_job job, moment
    WHERE id = %(id)s AND epoch = %(epoch)s AND status || '' = 'running' AND cancel_requested_at IS NULL
    FOR UPDATE OF job
)"""

CLAIMING = """claiming AS MATERIALIZED (
    SELECT job.id AS job_id, event_hash AS previous, 'pending' AS from_status, 'running' AS to_status, 'claim' AS why,
        epoch + 1 AS epoch, event_seq + 1 AS seq, attempt + 1 AS attempt,
        coalesce(first_started_at, at) AS first_started_at,
        %(process)s::text AS lease_owner, at + %(lease)s::interval AS lease_until,
        at + make_interval(secs => timeout_seconds) AS deadline, keyed.slot AS key_slot, worked.slot AS work_slot,
        result, finished_at, purge_after, reason, error, error_fingerprint
    FROM moment CROSS JOIN autopilot_job job
    LEFT JOIN autopilot_worker worker ON worker.name = job.worker
    LEFT JOIN LATERAL (
        SELECT min(slot) AS slot FROM generate_series(0, job.concurrency_limit - 1) AS slot
        WHERE job.concurrency_key <> '' AND NOT EXISTS (
            SELECT FROM autopilot_job busy WHERE busy.status = 'running'
            AND busy.concurrency_key = job.concurrency_key AND busy.concurrency_slot = slot)
        AND job.concurrency_limit > (
            SELECT count(*) FROM autopilot_job busy WHERE busy.status = 'running'
            AND busy.concurrency_key = job.concurrency_key AND busy.concurrency_slot IS NOT NULL)
    ) keyed ON true
    LEFT JOIN LATERAL (
        SELECT min(slot) AS slot FROM generate_series(0, worker.concurrency - 1) AS slot
        WHERE NOT EXISTS (
            SELECT FROM autopilot_job busy WHERE busy.status = 'running'
            AND busy.worker = job.worker AND busy.worker_slot = slot)
        AND worker.concurrency > (
            SELECT count(*) FROM autopilot_job busy WHERE busy.status = 'running' AND busy.worker = job.worker)
    ) worked ON true
    WHERE job.status = 'pending' AND job.held_at IS NULL
    AND job.rank <= (SELECT at FROM moment) AND job.scheduled_for <= (SELECT at FROM moment)
    AND (job.start_by IS NULL OR job.start_by > (SELECT at FROM moment) OR job.first_started_at IS NOT NULL)
    AND worker.enabled IS NOT FALSE AND (%(only)s::text = '' OR job.worker = %(only)s::text)
    AND (job.concurrency_key = '' OR keyed.slot IS NOT NULL)
    AND (worker.concurrency IS NULL OR worked.slot IS NOT NULL)
    ORDER BY job.rank, job.id LIMIT 1
    FOR UPDATE OF job SKIP LOCKED
)"""

# Whatever moves, moves in one UPDATE: the server reads every CHECK of a table anew for each UPDATE in a statement.
# Each event's hash covers the hash before it; `transitions.chain_hash` computes the same over the same lines.
MOVED = """moves AS MATERIALIZED ({moves}), moved AS (
    UPDATE autopilot_job job SET status = to_status, epoch = moves.epoch, attempt = moves.attempt,
        first_started_at = moves.first_started_at, lease_owner = moves.lease_owner, lease_until = moves.lease_until,
        deadline = moves.deadline, concurrency_slot = key_slot, worker_slot = work_slot, result = moves.result,
        finished_at = moves.finished_at, purge_after = moves.purge_after, reason = moves.reason, error = moves.error,
        error_fingerprint = moves.error_fingerprint, event_seq = seq, event_hash = encode(sha256(convert_to(
            concat_ws(E'\\n', previous, job_id::text, seq::text, from_status, to_status, why, moves.epoch::text, '', '{{}}',
            to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), 'UTF8')), 'hex')
    FROM moves, moment WHERE job.id = job_id
    RETURNING job.*, previous, from_status, why, at
), logged AS (
    INSERT INTO autopilot_event (job_id, seq, from_status, to_status, why, epoch, actor, detail, at, previous_hash, hash)
    SELECT id, event_seq, from_status, status, why, epoch, '', '{{}}'::jsonb, at, previous, event_hash FROM moved
)"""

ENDED = """ended AS (
    UPDATE autopilot_attempt attempt SET outcome = 'completed', finished_at = at FROM moved
    WHERE attempt.job_id = %(id)s AND attempt.epoch = %(epoch)s AND moved.status = 'completed'
)"""
ATTEMPTED = """attempted AS (
    INSERT INTO autopilot_attempt (job_id, epoch, number, process, started_at, outcome, error)
    SELECT id, epoch, attempt, lease_owner, at, 'running', '' FROM moved WHERE status = 'running'
)"""


def _statement(*parts: str) -> str:
    # Without the blanks of its layout: psycopg keeps its reading of a statement only up to 4096 characters.
    *names, last = parts
    return " ".join(f"WITH {', '.join(names)} {last}".split())


CLAIM = _statement(
    MOMENT,
    CLAIMING,
    MOVED.format(moves="TABLE claiming"),
    ATTEMPTED,
    f"SELECT {COLUMNS} FROM moved",  # noqa: S608
)
SETTLE = _statement(MOMENT, SETTLING, MOVED.format(moves="TABLE settling"), ENDED, "SELECT count(*) FROM moved")
# The claim looks only once the settled job is locked and found to be ours: it waits for nobody while it holds one.
SETTLE_AND_CLAIM = _statement(
    MOMENT,
    SETTLING,
    CLAIMING.replace("WHERE job.status", "WHERE (SELECT count(*) FROM settling) = 1 AND job.status"),
    MOVED.format(moves="TABLE settling UNION ALL TABLE claiming"),
    ENDED,
    ATTEMPTED,
    f"SELECT (SELECT count(*) FROM settling), {COLUMNS} "  # noqa: S608
    "FROM (VALUES (1)) AS one LEFT JOIN moved ON status = 'running'",
)


CONFIGURED = "coalesce((SELECT max_attempts FROM autopilot_worker WHERE name = %(worker)s::varchar), %(max_attempts)s)"
INSERT = _statement(
    f"job AS ({insertion('autopilot_job', FIELDS, '%({})s', max_attempts=CONFIGURED)} RETURNING max_attempts)",
    f"logged AS ({insertion('autopilot_event', EVENT_FIELDS, '%(event_{})s')})",
    f"SELECT max_attempts, CASE WHEN %(rings)s THEN pg_notify('{CHANNEL}', '') END FROM job",  # noqa: S608
)


def insert(job: Job, event: Event, *, rings: bool) -> int:
    """Insert a job and its first event, and wake the pumps if it `rings`, in one statement; returns its attempts."""
    told = {f"event_{column}": value for column, value in written(event, EVENT_FIELDS, connection).items()}
    attempts: int = _fetch(INSERT, written(job, FIELDS, connection) | told | {"rings": rings})[0]
    return attempts


def claim(process: str, lease: timedelta, only: str) -> Job | None:
    """Claim one job in one statement; raises IntegrityError when another claimer took the same slot."""
    row = _fetch(CLAIM, _claiming(process, lease, only))
    return job_from(row, READERS, connection.alias) if row else None


def settle(job: Job, result: Any, retention: timedelta) -> bool:
    """Complete a job in one statement; returns whether this run still owned it."""
    return bool(_fetch(SETTLE, _settling(job, result, retention))[0])


def settle_and_claim(
    job: Job, result: Any, retention: timedelta, process: str, lease: timedelta, only: str
) -> tuple[bool, Job | None]:
    """Complete a job and claim the next in one statement; raises IntegrityError as `claim` does, with nothing done."""
    done, *row = _fetch(SETTLE_AND_CLAIM, _settling(job, result, retention) | _claiming(process, lease, only))
    return bool(done), job_from(row, READERS, connection.alias) if row[0] else None


def _claiming(process: str, lease: timedelta, only: str) -> dict[str, Any]:
    return {"shift": clock.shift(), "process": process, "lease": lease, "only": only}


def _settling(job: Job, result: Any, retention: timedelta) -> dict[str, Any]:
    return {
        "shift": clock.shift(),
        "id": job.pk,
        "epoch": job.epoch,
        "result": None if result is None else Jsonb(result),
        "retention": retention,
    }


def _fetch(statement: str, parameters: dict[str, Any]) -> Any:
    connection.ensure_connection()
    # Django's own cursors write parameters into the text: the server would plan every single one anew.
    bare: Any = psycopg.Cursor(connection.connection)
    with connection.make_cursor(bare) as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()
