"""How each database is copied out and put back, whole or not at all; one module per database.

Each has `dump(path)`, which writes a consistent copy and returns how many rows each of its tables has; `is_empty()`;
`others()`, which names who else uses it; and `load(path, marks)`, which puts a copy in the place of what is there, with
the marks of a restore in it from the first moment.
"""

from types import ModuleType

from django.db import connection

from config.backup.databases import postgresql, sqlite


def database() -> ModuleType:
    """Return the module of the database at hand."""
    return postgresql if connection.vendor == "postgresql" else sqlite


__all__ = ["database"]
