"""Claim, do nothing, complete, until nothing is left: `python -m benchmarks.support.peers.bare.loop fused|strict`."""

import sys

from benchmarks.support import marks
from benchmarks.support.peers.bare.tasks import connection

CLAIM = """
candidate AS MATERIALIZED (
    SELECT id FROM job WHERE status = 'pending' AND due <= now() ORDER BY due, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE job SET status = 'running', started_at = clock_timestamp(), lease_until = now() + interval '30 seconds'
FROM candidate WHERE job.id = candidate.id RETURNING job.id
"""
COMPLETE = """
done AS (
    UPDATE job SET status = 'completed', finished_at = clock_timestamp(), lease_until = NULL
    WHERE id = %(done)s RETURNING id
), logged AS (INSERT INTO log (job_id, at) SELECT id, clock_timestamp() FROM done)
"""


def claim() -> int | None:
    """Claim a job and commit."""
    return _first(f"WITH {CLAIM}")


def complete(job: int) -> None:
    """Complete a job with its log row, and commit."""
    _first(f"WITH {COMPLETE} SELECT count(*) FROM done", job)


def complete_and_claim(job: int) -> int | None:
    """Complete a job and claim the next one, in one commit."""
    return _first(f"WITH {COMPLETE}, {CLAIM}", job)


def main(commits: str) -> None:
    """Work until nothing is left, with one commit a job ("fused") or two ("strict")."""
    job = claim()
    while job is not None:
        marks.leave(0.0)
        if commits == "fused":
            job = complete_and_claim(job)
        else:
            complete(job)
            job = claim()


def _first(statement: str, job: int | None = None) -> int | None:
    row = connection().execute(statement, {"done": job}).fetchone()
    return row[0] if row else None


if __name__ == "__main__":
    main(sys.argv[1])
