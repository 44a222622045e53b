"""Readers of the environment that refuse what they do not understand.

The file `.env` adds to the environment and never overrides it. The test suite does not read it: a developer's own
settings, and least of all the database, are none of its business.
"""

import os
import re
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / ".env"
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}

names_read: set[str] = set()
names_in_file: set[str] = set()

if os.environ.get("PROVOST_ENVIRONMENT") != "test" and FILE.exists():
    names_in_file.update(re.findall(r"^(?:export )?(\w+)=", FILE.read_text(encoding="utf-8"), re.MULTILINE))
    Env.read_env(FILE)


def text(name: str, default: str) -> str:
    """Return a setting as text without surrounding blanks."""
    names_read.add(name)
    # Not env.str(): it takes a leading $ for the name of another variable, and a password may well begin with one.
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool) -> bool:
    """Return a setting as a truth value; raise ImproperlyConfigured for any other word."""
    word = text(name, str(default)).lower()
    if word not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={word!r} is neither on nor off. Write 1 or 0.")
    return word in TRUE


def number(name: str, default: int, *, least: int = 0) -> int:
    """Return a setting as a whole number of at least `least`; raise ImproperlyConfigured otherwise."""
    word = text(name, str(default))
    if not word.isdecimal() or int(word) < least:
        raise ImproperlyConfigured(f"{name}={word!r} is not a whole number of at least {least}.")
    return int(word)


def seconds(name: str, default: int, *, least: int = 1) -> timedelta:
    """Return a setting given in whole seconds as a duration."""
    return timedelta(seconds=number(name, default, least=least))


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated setting as a list without blanks and empty words."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def pairs(name: str) -> dict[str, str]:
    """Return a setting written `name=value,name=value`; raise ImproperlyConfigured, showing no value, otherwise."""
    divided = [word.partition("=") for word in words(name)]
    if not all(key.strip() and value.strip() for key, _, value in divided):
        raise ImproperlyConfigured(f"{name} is not written as name=value,name=value.")
    return {key.strip(): value.strip() for key, _, value in divided}


def database(name: str, default: str) -> dict[str, Any]:
    """Return Django's configuration for the URL of an SQLite or PostgreSQL database.

    Raise ImproperlyConfigured, showing no password, for any other URL.
    """
    url = text(name, default)
    try:
        if re.match(r"(sqlite|postgres|postgresql)://", url):
            return dict(Env.db_url_config(url))
    except ValueError:
        pass  # a port that is no number; the refusal below says what is wanted
    raise ImproperlyConfigured(f"{name} is neither sqlite:///PATH nor postgres://USER:PASSWORD@HOST:PORT/NAME.")


def choice(name: str, default: str, allowed: set[str]) -> str:
    """Return a setting that is one of the allowed words; raise ImproperlyConfigured otherwise."""
    word = text(name, default)
    if word not in allowed:
        raise ImproperlyConfigured(f"{name}={word!r} is not one of {', '.join(sorted(allowed))}.")
    return word


def path(name: str, default: str) -> Path:
    """Return a setting as a path; a relative one starts at the project."""
    return ROOT / text(name, default)


def refuse_unknown() -> None:
    """Raise ImproperlyConfigured if `.env` sets a name that no reader has asked for: it is misspelled or gone."""
    for name in sorted(names_in_file - names_read):
        near = get_close_matches(name, names_read, n=1)
        hint = f"Did you mean {near[0]}?" if near else "Remove it."
        raise ImproperlyConfigured(f"{name} in .env is not a setting of Provost. {hint}")
