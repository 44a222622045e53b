"""PostgreSQL: its own programs copy one snapshot, and put it back with the marks in a single transaction."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from config.backup.errors import BackupError
from config.backup.marks import STATEMENTS, Marks

VARIABLES = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
TLS = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def dump(path: Path) -> dict[str, int]:
    """Copy one snapshot in pg_dump's own format; returns the rows each table has in that snapshot."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # we idle for as long as pg_dump works
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = counts()
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}")
    return rows


def counts() -> dict[str, int]:
    """Return how many rows each table has."""
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            # A name of a table comes from the catalog, and cannot be a parameter.
            statement = f"SELECT count(*) FROM {connection.ops.quote_name(table)}"  # noqa: S608
            cursor.execute(statement)
            rows[table] = int(cursor.fetchone()[0])
    return rows


def is_empty() -> bool:
    """Return whether there is nothing that a restore could destroy."""
    return not any(counts().values())


def others() -> str:
    """Return who else is connected, in words; nothing if nobody is."""
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        count = cursor.fetchone()[0]
    return f"{count} other connection{'' if count == 1 else 's'}" if count else ""


def load(path: Path, marks: Marks) -> None:
    """Put a copy in the place of the tables that are there: all of it with its marks, or nothing.

    Raises BackupError, having changed nothing, if the server refuses anything of it.
    """
    connection.close()
    script, marking = path.with_suffix(".sql"), path.with_suffix(".marks.sql")
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", f"--file={script}", str(path))
    marking.write_text("".join(f"{statement};\n" for statement in STATEMENTS), encoding="utf-8")
    values = [f"--set={name}={value}" for name, value in marks.for_psql().items()]
    # The script ends with an empty search path, as pg_dump wants it.
    files = [f"--file={script}", "--command=RESET search_path", f"--file={marking}"]
    _run("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *values, *files)


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} is not installed. On Debian: apt-get install postgresql-client")
    done = subprocess.run(  # noqa: S603 (PostgreSQL's own programs, with arguments of ours)
        [found, *arguments], env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        # Only what is wrong: what follows it may quote rows.
        lines = [line for line in done.stderr.splitlines() if "rror" in line or "ERROR" in line]
        raise BackupError(f"{program} failed: {(lines or ['it said nothing'])[0]}")


def _environment() -> dict[str, str]:
    """Return how the programs reach the database: in their environment, where no list of processes shows a password."""
    configured: dict[str, Any] = connection.settings_dict
    options = configured.get("OPTIONS", {})
    reach = {variable: configured.get(name) for name, variable in VARIABLES.items()}
    reach |= {variable: options.get(name) for name, variable in TLS.items()}
    return {name: str(value) for name, value in reach.items() if value}
