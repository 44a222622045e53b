"""SQLite: its own backup copies the file in one step; a restored file is made ready beside the old and then takes its place."""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from django.db import connection

from config.backup.errors import BackupError
from config.backup.marks import STATEMENTS, Marks

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
REPLACED = ".replaced"


def dump(path: Path) -> dict[str, int]:
    """Copy the database in a single step, during which nobody else writes; returns the rows of each table."""
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        return counts(copy)


def counts(database: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    names = [name for (name,) in database.execute(TABLES)]
    # Names of tables come from the catalog, and cannot be parameters.
    statements = {name: f'SELECT count(*) FROM "{name}"' for name in names}  # noqa: S608
    return {name: database.execute(statement).fetchone()[0] for name, statement in statements.items()}


def is_empty() -> bool:
    """Return whether there is nothing that a restore could destroy."""
    connection.ensure_connection()
    return not any(counts(connection.connection).values())


def others() -> str:
    """Return nothing: SQLite knows no sessions. Whoever still has it open is found when the file is exchanged."""
    return ""


def load(path: Path, marks: Marks) -> None:
    """Put a copy in the database's place; the old file stays beside it, named .replaced.

    Raises BackupError, having changed nothing, for a copy that is not sound or a database that is in use.
    """
    target, is_precious = _file(), not is_empty()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".provost-restore-", dir=target.parent) as folder:
        copy = Path(shutil.copy(path, folder))
        _prepare(copy, marks)
        if target.exists():
            _close(target)
        if is_precious:
            _keep(target)
        os.replace(copy, target)
    _sync(target.parent)


def _prepare(path: Path, marks: Marks) -> None:
    copy = connection.copy("restored")  # with Django's own functions, which constraints call
    copy.settings_dict["NAME"] = str(path)
    copy.ensure_connection()
    with closing(copy.connection) as database:
        if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise BackupError("The database in this backup is damaged.")
        for statement in STATEMENTS:
            database.execute(statement, marks.values())
        database.execute("PRAGMA journal_mode = DELETE")
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _close(target: Path) -> None:
    """Bring everything into the old file itself: a journal that is left beside it would be applied to the new one."""
    connection.close()
    try:
        with closing(sqlite3.connect(target, timeout=1)) as database:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")
            database.rollback()
            in_use = database.execute("PRAGMA journal_mode = DELETE").fetchone() != ("delete",)
    except sqlite3.OperationalError:
        in_use = True
    if in_use or any(target.with_name(f"{target.name}-{each}").exists() for each in ("wal", "shm", "journal")):
        raise BackupError(f"Something still uses {target}. Stop the web server and the cluster, and try again.")


def _keep(target: Path) -> None:
    kept = target.with_name(target.name + REPLACED)
    kept.unlink(missing_ok=True)
    os.link(target, kept)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file() -> Path:
    return Path(connection.settings_dict["NAME"])
