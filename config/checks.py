"""What a deployment must be, beyond Django's own `check --deploy`: each finding says what to write, and where.

Those tagged `deploy` look at the settings alone; those tagged `database` ask it, with `check --database default`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection

from autopilot import clock, encryption
from autopilot.models import ClusterHeartbeat
from autopilot.reports.clusters import SILENT_AFTER
from config.backup.errors import BackupError
from config.backup.sealing import read_key

SHORTEST_SECRET = 32
SAMPLES = ("development", "sample", "example", "change-me", "changeme", "your-", "secret-key", "django-insecure")
PROCESS_CACHES = ("locmem", "dummy")
PRETENDED_MAIL = ("filebased", "console", "locmem", "dummy")
Findings = Iterator[CheckMessage]


def deployment(check: Callable[[], Findings]) -> Callable[[], Findings]:
    """Register a check that runs with `check --deploy`."""

    def run(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
        return list(check())

    register(run, Tags.security, deploy=True)
    return check


@deployment
def hosts() -> Findings:
    """Name what lets strangers choose the address that links are made with."""
    if any("*" in host for host in settings.ALLOWED_HOSTS):
        yield Error(
            "ALLOWED_HOSTS takes any name.",
            hint="Write the names of the site, as ALLOWED_HOSTS=provost.example.org.",
            id="provost.E001",
        )
    base = urlsplit(settings.BASE_URL)
    if base.scheme != "https":
        yield Error(
            "BASE_URL is not https, so links in mails are not.",
            hint="Write BASE_URL=https://provost.example.org.",
            id="provost.E002",
        )
    if not any(_matches(base.hostname or "", host) for host in settings.ALLOWED_HOSTS):
        yield Error(
            "The host of BASE_URL is not among ALLOWED_HOSTS, so links in mails lead to a refusal.",
            hint="Add it to ALLOWED_HOSTS.",
            id="provost.E003",
        )
    if not all(origin.startswith("https://") for origin in settings.CSRF_TRUSTED_ORIGINS):
        yield Error(
            "CSRF_TRUSTED_ORIGINS trusts an origin without https.",
            hint="Write https:// in front of each.",
            id="provost.E004",
        )


@deployment
def proxies() -> Findings:
    """Name a disagreement about who stands in front of the web server."""
    count, header = settings.TRUSTED_PROXY_COUNT, settings.SECURE_PROXY_SSL_HEADER
    if header and not count:
        yield Error(
            "X-Forwarded-Proto is believed although no proxy is trusted: anybody can claim to come by https.",
            hint="Set TRUSTED_PROXY_COUNT to the number of your proxies, or SECURE_PROXY_SSL_HEADER to None.",
            id="provost.E005",
        )
    if count and not header:
        yield Error(
            "A proxy is trusted, but not its X-Forwarded-Proto: people who come by https are redirected for ever.",
            hint="Leave SECURE_PROXY_SSL_HEADER as the settings set it.",
            id="provost.E006",
        )


@deployment
def secrets() -> Findings:
    """Name secrets that everybody knows, that are too short, or that are none."""
    if any(sample in settings.SECRET_KEY.lower() for sample in SAMPLES):
        yield Error(
            "SECRET_KEY looks like a sample.",
            hint="Make one with: openssl rand -base64 48",
            id="provost.E007",
        )
    for name, key in settings.FIELD_KEYS.items():
        if not encryption.is_key(key) or key == settings.DEVELOPMENT_FIELD_KEY:
            yield Error(
                f"The key {name!r} in FIELD_KEYS is a sample, or not 32 bytes in Base64.",
                hint="Make one with: openssl rand -base64 32. A key in use stays behind it, as FIELD_KEYS=new=…,old=….",
                id="provost.E008",
            )
    for name in ("METRICS_TOKEN", "API_PUMP_SECRET"):
        if 0 < len(getattr(settings, name)) < SHORTEST_SECRET:
            yield Error(
                f"{name} has fewer than {SHORTEST_SECRET} characters and can be guessed.",
                hint=f"Make one with: openssl rand -hex 32. Leave {name} empty to close that door.",
                id="provost.E009",
            )
    yield from _backup_key()


def _backup_key() -> Findings:
    if not settings.BACKUP_KEY:
        return
    try:
        read_key(settings.BACKUP_KEY)
    except BackupError as problem:
        yield Error(str(problem), id="provost.E010")


@deployment
def sign_in() -> Findings:
    """Name what lets a password alone open the office."""
    if not settings.STAFF_MFA_REQUIRED:
        yield Error(
            "Staff sign in without a second factor.",
            hint="Set STAFF_MFA_REQUIRED=1, or remove it from the environment.",
            id="provost.E011",
        )
    if getattr(settings, "MFA_TOTP_INSECURE_BYPASS_CODE", None):
        yield Error(
            "A code that everybody who reads the settings knows passes as a second factor.",
            hint="Remove MFA_TOTP_INSECURE_BYPASS_CODE.",
            id="provost.E012",
        )
    if settings.DEBUG:
        yield Error("Errors show settings and code to everybody.", hint="Set DEBUG=0.", id="provost.E013")


@deployment
def shared_cache() -> Findings:
    """Name a cache that each process has for itself: failed sign-ins and throttles would be counted apart."""
    backend = settings.CACHES["default"]["BACKEND"]
    if any(kind in backend.lower() for kind in PROCESS_CACHES):
        yield Error(
            "Each process counts failed sign-ins and requests for itself.",
            hint='Set CACHES["default"] to the database cache, and run manage.py migrate.',
            id="provost.E014",
        )


@deployment
def mail() -> Findings:
    """Name a mail backend that sends nothing."""
    if any(kind in settings.EMAIL_BACKEND.lower() for kind in PRETENDED_MAIL):
        yield Warning(
            "Mail is not sent: reviewers and applicants hear nothing.",
            hint="Set EMAIL_BACKEND=django.core.mail.backends.smtp.EmailBackend, EMAIL_HOST and EMAIL_PORT.",
            id="provost.W015",
        )


@deployment
def archive() -> Findings:
    """Name an archive in which nothing can be kept."""
    folder = Path(settings.ARCHIVE_ROOT)
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        yield Error(
            f"The archive {folder} cannot be written.",
            hint="Let the user that runs Provost own ARCHIVE_ROOT.",
            id="provost.E016",
        )


@register(Tags.database, "one_host")
def one_host_on_sqlite(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse an SQLite file that clusters of two machines work on: its locks do not hold across a network."""
    if not databases or connection.vendor != "sqlite":
        return []
    hosts = sorted({process.rpartition(":")[0] for process in _living()})
    if len(hosts) < 2:
        return []
    return [
        Error(
            f"Clusters on {len(hosts)} machines use one SQLite file: {', '.join(hosts)}.",
            hint="Stop all but one, or move to PostgreSQL: see docs/operations.md.",
            id="provost.E017",
        )
    ]


@register(Tags.database)
def cache_table(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Name a database cache whose table is missing: the first sign-in would fail.

    Only a warning, for `migrate` makes the table, and an error would keep it from starting.
    """
    configured = settings.CACHES["default"]
    if not databases or not configured["BACKEND"].endswith("DatabaseCache"):
        return []
    try:
        there = configured["LOCATION"] in connection.introspection.table_names()
    except DatabaseError:
        return []  # a database that does not answer is told of elsewhere
    hint = "Run: manage.py migrate, which makes it."
    return [] if there else [Warning("The table of the shared cache is missing.", hint=hint, id="provost.W018")]


def _living() -> list[str]:
    try:
        seen = ClusterHeartbeat.objects.filter(seen_at__gte=clock.now() - SILENT_AFTER)
        return list(seen.values_list("process", flat=True))
    except DatabaseError:
        return []  # before the first migrate there is no table, and so no cluster


def _matches(host: str, allowed: str) -> bool:
    return allowed == "*" or host == allowed or (allowed.startswith(".") and f".{host}".endswith(allowed))
