"""Claim and settle on PostgreSQL: one statement, by the database's clock, no claimer waiting for another.

What one statement reads, it reads as of its beginning: the slot of a job that is settled becomes free for the next
look, not for the claim in the same statement.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from autopilot import clock
from autopilot.engine import wakeup
from autopilot.engine.prepared import prepared, rows_of
from autopilot.engine.statements.rows import (
    COLUMNS,
    EVENT_FIELDS,
    FIELDS,
    Finished,
    Together,
    insertion,
    job_from,
    readers_of,
    written,
)
from autopilot.engine.wakeup import CHANNEL
from autopilot.models.jobs import Event, Job

READERS = readers_of({"JSONField": json.loads})
# What a move sets.
SET = (
    "job_id, previous, from_status, to_status, why, epoch, seq, attempt, first_started_at, lease_owner, lease_until, "
    "deadline, key_slot, work_slot, result, finished_at, purge_after, reason, error, error_fingerprint"
)

MOMENT = "moment AS MATERIALIZED (SELECT clock_timestamp() + %(shift)s::interval AS at)"

# A move is the row that a job is to have, and the event that tells of it: the same columns for both kinds of move.
# `status || ''`: no index of statuses is to be used here, however few jobs run when the statement is planned.
# Each is looked up by its key, and in the order that is given, however few jobs there are when that is planned.
SETTLING = """settling AS MATERIALIZED (
    SELECT id AS job_id, event_hash AS previous, 'running' AS from_status, 'completed' AS to_status, 'done' AS why,
        job.epoch, event_seq + 1 AS seq, attempt, first_started_at, '' AS lease_owner, NULL::timestamptz AS lease_until,
        NULL::timestamptz AS deadline, NULL::integer AS key_slot, NULL::integer AS work_slot,
        done_result::jsonb AS result, at AS finished_at, at + %(retention)s::interval AS purge_after,
        'done' AS reason, '' AS error, '' AS error_fingerprint
    FROM moment, unnest(%(ids)s::uuid[], %(epochs)s::bigint[], %(results)s::text[]) AS done(done_id, done_epoch, done_result)
    CROSS JOIN LATERAL (
        SELECT * FROM autopilot_job
        WHERE id = done_id AND epoch = done_epoch AND status || '' = 'running' AND cancel_requested_at IS NULL
        FOR UPDATE
    ) job
)"""

# The most urgent of all, and with it those that follow in line for as long as each may come along.
CLAIMING = """candidates AS MATERIALIZED (
    SELECT job.id AS job_id, event_hash AS previous, 'pending' AS from_status, 'running' AS to_status, 'claim' AS why,
        epoch + 1 AS epoch, event_seq + 1 AS seq, attempt + 1 AS attempt,
        coalesce(first_started_at, at) AS first_started_at,
        %(process)s::text AS lease_owner, at + %(lease)s::interval AS lease_until,
        at + make_interval(secs => timeout_seconds) AS deadline, keyed.slot AS key_slot, worked.slot AS work_slot,
        result, finished_at, purge_after, reason, error, error_fingerprint, job.rank,
        job.kind = ANY(%(kinds)s::text[]) AND job.concurrency_key = '' AND worker.concurrency IS NULL
        AND job.crashes = 0 AND job.max_crashes > 1 AND job.attempt + 1 < job.max_attempts AS sociable
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
        AND worker.concurrency IS NOT NULL AND worker.concurrency > (
            SELECT count(*) FROM autopilot_job busy WHERE busy.status = 'running' AND busy.worker = job.worker)
    ) worked ON true
    WHERE job.status = 'pending' AND job.held_at IS NULL
    AND job.rank <= (SELECT at FROM moment) AND job.scheduled_for <= (SELECT at FROM moment)
    AND (job.start_by IS NULL OR job.start_by > (SELECT at FROM moment) OR job.first_started_at IS NOT NULL)
    AND worker.enabled IS NOT FALSE AND (%(only)s::text = '' OR job.worker = %(only)s::text)
    AND (job.concurrency_key = '' OR keyed.slot IS NOT NULL)
    AND (worker.concurrency IS NULL OR worked.slot IS NOT NULL)
    ORDER BY job.rank, job.id LIMIT %(most)s::integer
    FOR UPDATE OF job SKIP LOCKED
), lined AS (
    SELECT *, row_number() OVER line AS place, bool_and(sociable) OVER line AS together
    FROM candidates WINDOW line AS (ORDER BY rank, job_id)
), claiming AS MATERIALIZED (SELECT {moved} FROM lined WHERE place = 1 OR together)""".replace("{moved}", SET)

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
    WHERE attempt.job_id = moved.id AND attempt.epoch = moved.epoch AND moved.status = 'completed'
)"""
ATTEMPTED = """attempted AS (
    INSERT INTO autopilot_attempt (job_id, epoch, number, process, started_at, outcome, error)
    SELECT id, epoch, attempt, lease_owner, at, 'running', '' FROM moved WHERE status = 'running'
)"""
CLAIMED = (
    f"(SELECT count(*) FROM candidates), {COLUMNS} "  # noqa: S608 (put together from constants alone)
    "FROM (VALUES (1)) AS one LEFT JOIN moved ON status = 'running' ORDER BY rank, id"
)

CLAIM = prepared(MOMENT, CLAIMING, MOVED.format(moves="TABLE claiming"), ATTEMPTED, f"SELECT {CLAIMED}")
SETTLE = prepared(MOMENT, SETTLING, MOVED.format(moves="TABLE settling"), ENDED, "SELECT id FROM moved")
# The claim looks only once the settled jobs are locked and all found to be ours: it waits for nobody while it holds one.
SETTLE_AND_CLAIM = prepared(
    MOMENT,
    SETTLING,
    CLAIMING.replace(
        "WHERE job.status", "WHERE (SELECT count(*) FROM settling) = cardinality(%(ids)s::uuid[]) AND job.status"
    ),
    MOVED.format(moves="TABLE settling UNION ALL TABLE claiming"),
    ENDED,
    ATTEMPTED,
    f"SELECT (SELECT array_agg(job_id) FROM settling), {CLAIMED}",  # noqa: S608
)

CONFIGURED = "coalesce((SELECT max_attempts FROM autopilot_worker WHERE name = %(worker)s::varchar), %(max_attempts)s)"
INSERT = prepared(
    f"job AS ({insertion('autopilot_job', FIELDS, '%({})s', max_attempts=CONFIGURED)} RETURNING max_attempts)",
    f"logged AS ({insertion('autopilot_event', EVENT_FIELDS, '%(event_{})s')})",
    f"SELECT max_attempts, CASE WHEN %(rings)s THEN pg_notify('{CHANNEL}', '') END FROM job",  # noqa: S608
)


def insert(job: Job, event: Event, *, rings: bool) -> int:
    """Insert a job and its first event, and wake the pumps if it `rings`, in one statement; returns its attempts."""
    told = {f"event_{column}": value for column, value in written(event, EVENT_FIELDS, connection).items()}
    attempts: int = rows_of(INSERT, written(job, FIELDS, connection) | told | {"rings": rings})[0][0]
    return attempts


def claim(process: str, lease: timedelta, together: Together, only: str) -> list[Job]:
    """Claim jobs in one statement; raises IntegrityError when another claimer took the same slot."""
    return _claimed(rows_of(CLAIM, _claiming(process, lease, together, only)))


def settle(finished: Sequence[Finished], retention: timedelta) -> set[UUID]:
    """Complete jobs in one statement; returns which of them this run still owned."""
    return {key for (key,) in rows_of(SETTLE, _settling(finished, retention))}


def settle_and_claim(
    finished: Sequence[Finished], retention: timedelta, process: str, lease: timedelta, together: Together, only: str
) -> tuple[set[UUID], list[Job]]:
    """Complete jobs and claim the next in one statement; raises IntegrityError as `claim` does, with nothing done."""
    asked = _settling(finished, retention) | _claiming(process, lease, together, only)
    rows = rows_of(SETTLE_AND_CLAIM, asked)
    return set(rows[0][0] or ()), _claimed([row[1:] for row in rows])


def _claimed(rows: list[Any]) -> list[Job]:
    jobs = [job_from(row, READERS, connection.alias) for _, *row in rows if row[0] is not None]
    if rows[0][0] > len(jobs):
        # Another claimer may have found nothing but what was locked here for a moment, and sleep.
        wakeup.ring()
    return jobs


def _key(finished: Finished) -> UUID:
    return finished[0].pk


def _claiming(process: str, lease: timedelta, together: Together, only: str) -> dict[str, Any]:
    asked = {"most": together.most, "kinds": list(together.kinds)}
    return asked | {"shift": clock.shift(), "process": process, "lease": lease, "only": only}


def _settling(finished: Sequence[Finished], retention: timedelta) -> dict[str, Any]:
    # In the order of their ids, so that a parent is locked before its child, as a cancellation does it.
    finished = sorted(finished, key=_key)
    return {
        "shift": clock.shift(),
        "ids": [job.pk for job, _ in finished],
        "epochs": [job.epoch for job, _ in finished],
        "results": [None if result is None else json.dumps(result) for _, result in finished],
        "retention": retention,
    }
