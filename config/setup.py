"""What an installation needs before it serves, each looked at for real, with what to do where it is missing."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.core.mail.backends.filebased import EmailBackend as FileBackend
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from autopilot import clock, encryption
from autopilot.documents import certificates, libraries, vault
from autopilot.documents.errors import ArchiveError, SealError
from autopilot.documents.s3 import Bucket
from autopilot.models import ClusterHeartbeat
from students.badges import keys as badge_keys
from students.badges.keys import KeyUnavailable

OLDEST_POSTGRESQL = 150_000
LIVING = timedelta(minutes=1)


class Answer(NamedTuple):
    """Whether something is as it must be, what was found, and what to do if it is not."""

    ok: bool
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Looked:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    remedy: str


def look(name: str) -> Looked:
    """Look at one of CHECKS; what cannot even be looked at is not as it must be."""
    try:
        answer = CHECKS[name]()
    except Error as error:
        remedy = REMEDIES[name] if name == "cache" else "See the line “database”."
        answer = Answer(False, f"The database refused: {type(error).__name__}.", remedy)
    except OSError as error:  # a file, a socket, or a mail server that says no
        answer = Answer(False, ": ".join(filter(None, (type(error).__name__, error.strerror))) + ".")
    return Looked(name, answer.ok, answer.found, "" if answer.ok else answer.remedy or REMEDIES[name])


def database() -> Answer:
    """Ask the database who it is."""
    try:
        connection.ensure_connection()
    except Error as error:
        return Answer(False, f"It does not answer: {type(error).__name__}.")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        return Answer(
            mode in ("wal", "memory"), f"SQLite, journal mode {mode}.", "Delete no -wal file; use a local disk."
        )
    version: int = connection.pg_version  # type: ignore[attr-defined]
    return Answer(version >= OLDEST_POSTGRESQL, f"PostgreSQL {version // 10_000}.", "Use PostgreSQL 15 or newer.")


def tables() -> Answer:
    """Compare the tables with the migrations at hand."""
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return Answer(not missing, f"{missing} migrations are not applied." if missing else "All migrations are applied.")


def cluster() -> Answer:
    """Look for a process that runs jobs and was alive within a minute."""
    pumps = ClusterHeartbeat.objects.filter(role=ClusterHeartbeat.Role.PUMP)
    alive = pumps.filter(seen_at__gte=clock.now() - LIVING).count()
    return Answer(bool(alive), f"{alive} processes that run jobs gave a sign of life within a minute.")


def mail() -> Answer:
    """Sign in to the mail server, or write where mail goes as files."""
    outgoing = get_connection()
    if isinstance(outgoing, FileBackend):
        return _writable(Path(settings.EMAIL_FILE_PATH))
    outgoing.open()
    outgoing.close()
    return Answer(True, f"{type(outgoing).__module__} can be used.")


def pdf() -> Answer:
    """Load the libraries that PDFs are made with."""
    missing = libraries.missing()
    return Answer(not missing, f"Missing: {', '.join(missing)}." if missing else "Its libraries are here.")


def cached() -> Answer:
    """Write into the cache and read it back."""
    name, word = f"check_setup:{token_hex(8)}", token_hex(8)
    cache.set(name, word, timeout=10)
    found = cache.get(name)
    cache.delete(name)
    return Answer(
        found == word, "It keeps what it is given." if found == word else "It does not keep what it is given."
    )


def archive() -> Answer:
    """Write into the archive, or ask its bucket whether it locks objects."""
    storage = vault.storage()
    if isinstance(storage, Bucket):
        return _bucket(storage)
    return _writable(Path(settings.ARCHIVE_ROOT))


def _bucket(bucket: Bucket) -> Answer:
    try:
        bucket.check()
    except ArchiveError as problem:
        return Answer(False, str(problem), "See that the ARCHIVE_S3_ settings and the credentials are right.")
    return Answer(True, f"The bucket {bucket.name} locks objects.")


def seal() -> Answer:
    """Open the certificate that agreements are sealed with."""
    try:
        certificates.signer()
    except SealError as error:
        return Answer(False, str(error).partition(" Run:")[0])
    return Answer(True, "Its certificate can be opened.")


def signing_key() -> Answer:
    """Open the key that students' certificates are signed with."""
    try:
        badge_keys.signing_key()
    except KeyUnavailable as error:
        return Answer(False, str(error).partition(" Run:")[0])
    return Answer(True, "The key can be opened.")


def keys() -> Answer:
    """See that each field key can encrypt, and that no key is the sample of development."""
    for name, key in settings.FIELD_KEYS.items():
        if not encryption.is_key(key):
            return Answer(False, f"The key {name} in FIELD_KEYS is not 32 bytes in Base64.")
    samples = {settings.DEVELOPMENT_KEY, settings.DEVELOPMENT_FIELD_KEY}
    if samples & {settings.SECRET_KEY, *settings.FIELD_KEYS.values()}:
        told = "Sample keys of development, which everybody knows."
        return Answer(settings.ENVIRONMENT != "production", told)
    return Answer(True, "Keys of your own.")


def _writable(folder: Path) -> Answer:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"check_setup")
        os.fsync(file.fileno())
    return Answer(True, f"{folder} can be written.")


CHECKS: dict[str, Callable[[], Answer]] = {
    "database": database,
    "tables": tables,
    "cluster": cluster,
    "mail": mail,
    "pdf": pdf,
    "cache": cached,
    "archive": archive,
    "seal": seal,
    "certificates": signing_key,
    "keys": keys,
}
REMEDIES = {
    "database": "See that DATABASE_URL is right, that the server runs, and that it admits this machine.",
    "tables": "Run: manage.py migrate",
    "cluster": "Start one, as a service: manage.py autopilot",
    "mail": "See that EMAIL_BACKEND and the other EMAIL_ settings are right, and that the mail server runs.",
    "pdf": f"Run: {libraries.INSTALL}",
    "cache": "Run: manage.py createcachetable",
    "archive": "See that ARCHIVE_ROOT is a directory on a disk with room, which this account may write.",
    "seal": "Run: manage.py make_seal. Or let SEAL_FILE and SEAL_PASSWORD name your own certificate.",
    "certificates": "Run: manage.py make_certificate_key. Or let CERTIFICATE_KEY_FILE name a key of your own.",
    "keys": "Set SECRET_KEY and FIELD_KEYS as .env.example says.",
}
