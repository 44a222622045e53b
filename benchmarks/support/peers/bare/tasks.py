"""A table of jobs and one of log rows, made and filled in SQL."""

import os
from functools import cache

import psycopg

TABLES = """
CREATE TABLE job (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, status text NOT NULL DEFAULT 'pending',
    due timestamptz NOT NULL DEFAULT now(), payload jsonb NOT NULL DEFAULT '{}', started_at timestamptz,
    finished_at timestamptz, lease_until timestamptz
);
CREATE INDEX job_claim ON job (due, id) WHERE status = 'pending';
CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, job_id bigint NOT NULL, at timestamptz NOT NULL);
"""


def make_tables() -> None:
    """Make the tables, which are like those of any queue."""
    connection().execute(TABLES)


def send_many(number: int) -> None:
    """Insert jobs in one statement."""
    connection().execute("INSERT INTO job (due) SELECT now() FROM generate_series(1, %s)", [number])


def unfinished() -> int:
    """Return how many jobs are not completed."""
    row = connection().execute("SELECT count(*) FROM job WHERE status <> 'completed'").fetchone()
    return int(row[0]) if row else 0


@cache
def connection() -> psycopg.Connection:
    """Return this process's connection, on which each statement is a transaction."""
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=1)


if __name__ == "__main__":
    make_tables()
