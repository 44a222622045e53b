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
from autopilot.engine.statements.rows import COLUMNS, job_from, readers_of
from autopilot.models.jobs import Job

READERS = readers_of({"JSONField": json.loads})

# Each event's hash covers the hash before it; `transitions.chain_hash` computes the same over the same lines.
CHAINED = """encode(sha256(convert_to(concat_ws(E'\\n', event_hash, job.id::text, (event_seq + 1)::text, {move},
    ({epoch})::text, '', '{{}}', to_char(moment.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), 'UTF8')), 'hex')"""
CLAIM_HASH = CHAINED.format(move="'pending', 'running', 'claim'", epoch="epoch + 1")
SETTLE_HASH = CHAINED.format(move="'running', 'completed', 'done'", epoch="epoch")

MOMENT = "moment AS MATERIALIZED (SELECT clock_timestamp() + %(shift)s::interval AS at)"

SETTLED = f"""
owned AS MATERIALIZED (
    SELECT id AS job_id, event_hash AS previous FROM autopilot_job
    WHERE id = %(id)s AND epoch = %(epoch)s AND status = 'running' AND cancel_requested_at IS NULL FOR UPDATE
), done AS (
    UPDATE autopilot_job job SET status = 'completed', result = %(result)s::jsonb, finished_at = moment.at,
        purge_after = moment.at + %(retention)s::interval, lease_owner = '', lease_until = NULL, deadline = NULL,
        concurrency_slot = NULL, worker_slot = NULL, reason = 'done', error = '', error_fingerprint = '',
        event_seq = event_seq + 1,
        event_hash = {SETTLE_HASH}
    FROM owned, moment WHERE job.id = owned.job_id
    RETURNING job.id, epoch, event_seq, event_hash, owned.previous, moment.at
), ended AS (
    UPDATE autopilot_attempt attempt SET outcome = 'completed', finished_at = done.at
    FROM done WHERE attempt.job_id = done.id AND attempt.epoch = done.epoch
)"""  # noqa: S608 (put together from the constants above alone)

CLAIMED = f"""
candidate AS MATERIALIZED (
    SELECT job.id AS job_id, job.event_hash AS previous, keyed.slot AS key_slot, worked.slot AS work_slot
    FROM autopilot_job job
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
), claimed AS (
    UPDATE autopilot_job job SET status = 'running', attempt = attempt + 1, epoch = epoch + 1, lease_owner = %(process)s,
        lease_until = moment.at + %(lease)s::interval, deadline = moment.at + make_interval(secs => timeout_seconds),
        first_started_at = coalesce(first_started_at, moment.at),
        concurrency_slot = candidate.key_slot, worker_slot = candidate.work_slot, event_seq = event_seq + 1,
        event_hash = {CLAIM_HASH}
    FROM candidate, moment WHERE job.id = candidate.job_id RETURNING job.*, candidate.previous, moment.at
), attempted AS (
    INSERT INTO autopilot_attempt (job_id, epoch, number, process, started_at, outcome, error)
    SELECT id, epoch, attempt, lease_owner, at, 'running', '' FROM claimed
)"""  # noqa: S608 (put together from the constants above alone)

EVENT = """logged AS (INSERT INTO autopilot_event
    (job_id, seq, from_status, to_status, why, epoch, actor, detail, at, previous_hash, hash) {rows})"""
MOVED = "SELECT id, event_seq, {move}, epoch, '', '{{}}'::jsonb, at, previous, event_hash FROM {source}"
SETTLE_EVENT = MOVED.format(move="'running', 'completed', 'done'", source="done")
CLAIM_EVENT = MOVED.format(move="'pending', 'running', 'claim'", source="claimed")


def _statement(*parts: str) -> str:
    # Without the blanks of its layout: psycopg keeps its reading of a statement only up to 4096 characters.
    *names, last = parts
    return " ".join(f"WITH {', '.join(names)} {last}".split())


CLAIM = _statement(MOMENT, CLAIMED, EVENT.format(rows=CLAIM_EVENT), f"SELECT {COLUMNS} FROM claimed")  # noqa: S608
SETTLE = _statement(MOMENT, SETTLED, EVENT.format(rows=SETTLE_EVENT), "SELECT count(*) FROM done")
# The claim looks only once the settled job is locked and found to be ours: it waits for nobody while it holds one.
SETTLE_AND_CLAIM = _statement(
    MOMENT,
    SETTLED,
    CLAIMED.replace("WHERE job.status = 'pending'", "WHERE (SELECT count(*) FROM done) = 1 AND job.status = 'pending'"),
    EVENT.format(rows=f"{SETTLE_EVENT} UNION ALL {CLAIM_EVENT}"),
    f"SELECT (SELECT count(*) FROM done), {COLUMNS} FROM (VALUES (1)) AS one LEFT JOIN claimed ON true",  # noqa: S608
)


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
