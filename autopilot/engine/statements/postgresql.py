"""Claim and settle on PostgreSQL: one statement each, by the database's clock, no claimer waiting for another."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg.types.json import Jsonb

from autopilot import clock
from autopilot.models.jobs import Job

if TYPE_CHECKING:
    from autopilot.engine.statements import Limits

# Each event's hash covers the hash before it; `transitions.chain_hash` computes the same over the same lines.
CHAINED = """encode(sha256(convert_to(concat_ws(E'\\n', event_hash, job.id::text, (event_seq + 1)::text, {move},
    ({epoch})::text, '', '{{}}', to_char(moment.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), 'UTF8')), 'hex')"""
CLAIM_HASH = CHAINED.format(move="'pending', 'running', 'claim'", epoch="epoch + 1")
SETTLE_HASH = CHAINED.format(move="'running', 'completed', 'done'", epoch="epoch")

EVENT = """INSERT INTO autopilot_event
    (job_id, seq, from_status, to_status, why, epoch, actor, detail, at, previous_hash, hash)"""

CLAIM = f"""
WITH moment AS MATERIALIZED (SELECT clock_timestamp() + %(shift)s::interval AS at),
limited AS (SELECT * FROM unnest(%(limited_workers)s::text[], %(limited_counts)s::int[]) AS l (name, slots)),
candidate AS MATERIALIZED (
    SELECT job.id, job.event_hash AS previous, keyed.slot AS key_slot, worked.slot AS work_slot
    FROM autopilot_job job
    LEFT JOIN limited ON limited.name = job.worker
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
        SELECT min(slot) AS slot FROM generate_series(0, limited.slots - 1) AS slot
        WHERE NOT EXISTS (
            SELECT FROM autopilot_job busy WHERE busy.status = 'running'
            AND busy.worker = job.worker AND busy.worker_slot = slot)
        AND limited.slots > (
            SELECT count(*) FROM autopilot_job busy WHERE busy.status = 'running' AND busy.worker = job.worker)
    ) worked ON true
    WHERE job.status = 'pending' AND job.held_at IS NULL
    AND job.rank <= (SELECT at FROM moment) AND job.scheduled_for <= (SELECT at FROM moment)
    AND (job.start_by IS NULL OR job.start_by > (SELECT at FROM moment) OR job.first_started_at IS NOT NULL)
    AND job.worker <> ALL (%(paused)s::text[]) AND (%(only)s = '' OR job.worker = %(only)s)
    AND (job.concurrency_key = '' OR keyed.slot IS NOT NULL)
    AND (limited.name IS NULL OR worked.slot IS NOT NULL)
    ORDER BY job.rank, job.id LIMIT 1
    FOR UPDATE OF job SKIP LOCKED
), claimed AS (
    UPDATE autopilot_job job SET status = 'running', attempt = attempt + 1, epoch = epoch + 1, lease_owner = %(process)s,
        lease_until = moment.at + %(lease)s::interval, deadline = moment.at + make_interval(secs => timeout_seconds),
        first_started_at = coalesce(first_started_at, moment.at),
        concurrency_slot = candidate.key_slot, worker_slot = candidate.work_slot, event_seq = event_seq + 1,
        event_hash = {CLAIM_HASH}
    FROM candidate, moment WHERE job.id = candidate.id RETURNING job.*, candidate.previous, moment.at
), attempted AS (
    INSERT INTO autopilot_attempt (job_id, epoch, number, process, started_at, outcome, error)
    SELECT id, epoch, attempt, lease_owner, at, 'running', '' FROM claimed
), logged AS (
    {EVENT}
    SELECT id, event_seq, 'pending', 'running', 'claim', epoch, '', '{{}}'::jsonb, at, previous, event_hash FROM claimed
)
SELECT * FROM claimed
"""  # noqa: S608 (put together from the constants above alone)

SETTLE = f"""
WITH moment AS MATERIALIZED (SELECT clock_timestamp() + %(shift)s::interval AS at),
owned AS MATERIALIZED (
    SELECT id AS job_id, event_hash AS previous FROM autopilot_job
    WHERE id = %(id)s AND epoch = %(epoch)s AND status = 'running' AND cancel_requested_at IS NULL FOR UPDATE
), done AS (
    UPDATE autopilot_job job SET status = 'completed', result = %(result)s, finished_at = moment.at,
        purge_after = moment.at + %(retention)s::interval, lease_owner = '', lease_until = NULL, deadline = NULL,
        concurrency_slot = NULL, worker_slot = NULL, reason = 'done', error = '', error_fingerprint = '',
        event_seq = event_seq + 1,
        event_hash = {SETTLE_HASH}
    FROM owned, moment WHERE job.id = owned.job_id
    RETURNING job.id, epoch, event_seq, event_hash, owned.previous, moment.at
), ended AS (
    UPDATE autopilot_attempt attempt SET outcome = 'completed', finished_at = done.at
    FROM done WHERE attempt.job_id = done.id AND attempt.epoch = done.epoch
), logged AS (
    {EVENT}
    SELECT done.id, event_seq, 'running', 'completed', 'done', epoch, '', '{{}}'::jsonb, at, previous, event_hash
    FROM done
)
SELECT count(*) FROM done
"""  # noqa: S608 (put together from the constants above alone)


def claim(process: str, lease: timedelta, allowed: "Limits", only: str) -> Job | None:
    """Claim one job in one statement; raises IntegrityError when another claimer took the same slot."""
    parameters = {
        "shift": clock.shift(),
        "process": process,
        "lease": lease,
        "paused": list(allowed.paused),
        "limited_workers": list(allowed.limited),
        "limited_counts": list(allowed.limited.values()),
        "only": only,
    }
    return next(iter(Job.objects.raw(CLAIM, parameters)), None)


def settle(job: Job, result: Any, retention: timedelta) -> int:
    """Complete a job in one statement; returns 1, or 0 when this run no longer owns it."""
    parameters: dict[str, Any] = {
        "shift": clock.shift(),
        "id": job.pk,
        "epoch": job.epoch,
        "result": None if result is None else Jsonb(result),
        "retention": retention,
    }
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, parameters)
        return int(cursor.fetchone()[0])
