"""How the peers that use Django reach their database."""

import os
from typing import Any

from environ import Env

SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def default() -> dict[str, Any]:
    """Return the database of this process, as Django configures it if nobody says otherwise."""
    return dict(Env.db_url_config(os.environ["DATABASE_URL"]))


def tuned() -> dict[str, Any]:
    """Return it with persistent connections, and SQLite in the same mode in which Provost runs it."""
    configuration = default() | {"CONN_MAX_AGE": None}
    return configuration | ({"OPTIONS": SQLITE} if "sqlite3" in configuration["ENGINE"] else {})
