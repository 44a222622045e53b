"""`manage.py check_setup`: what is missing, and what to do about it."""

import socket
from pathlib import Path

import pytest
from django.db import OperationalError

from autopilot import clock
from autopilot.documents import certificates
from autopilot.models import ClusterHeartbeat
from config import setup
from students.badges import keys
from tests.autopilot.mailserver import BUSY, WELL, running_mail_server
from tests.autopilot.management.calls import run, run_json

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def living_cluster():
    """A process that runs jobs, a certificate to seal with, and a key to sign with."""
    certificates.make("Example Network")
    keys.make()
    return ClusterHeartbeat.objects.create(process="host:1", cluster="host", role="pump")


def looked(name: str) -> tuple[bool, str, str]:
    """Look at one thing: whether it is right, what was found, what to do."""
    row = next(row for row in run_json("check_setup", "--check", name).json)
    return row["ok"], row["found"], row["remedy"]


def test_it_is_content_where_all_is_there(settings):
    settings.SECRET_KEY = "our own"
    settings.FIELD_KEYS = {"a": "A" * 43 + "="}

    ran = run_json("check_setup")

    assert (ran.code, ran.err) == (0, "")
    assert [row["check"] for row in ran.json] == list(setup.CHECKS)
    assert all(row["ok"] and not row["remedy"] for row in ran.json)


def test_it_ends_with_1_and_names_what_is_missing(settings, living_cluster):
    living_cluster.delete()
    settings.ARCHIVE_ROOT = Path("/proc/nowhere")

    ran = run("check_setup", "--skip", "pdf")

    assert (ran.code, ran.err) == (1, "Not as it must be: cluster, archive.")
    assert "Start one, as a service: manage.py autopilot" in ran.out


def test_it_takes_a_silent_cluster_for_none(living_cluster):
    ClusterHeartbeat.objects.update(seen_at=clock.now() - setup.LIVING * 2)

    assert looked("cluster")[0] is False


def test_it_sees_missing_migrations(settings):
    settings.MIGRATION_MODULES = {"students": "tests.config.waiting_migrations"}

    assert looked("tables") == (False, "1 migrations are not applied.", "Run: manage.py migrate")


def test_it_speaks_with_the_mail_server(settings):
    with running_mail_server(WELL, settings):
        assert looked("mail")[0] is True
    with running_mail_server(BUSY, settings):
        ok, found, remedy = looked("mail")
    assert (ok, "EMAIL_BACKEND" in remedy) == (False, True)
    assert found.startswith("SMTPConnectError")


def test_it_sees_a_mail_server_that_is_away(settings):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

    assert looked("mail")[:2] == (False, "ConnectionRefusedError: Connection refused.")


def test_it_writes_where_mail_goes_as_files(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")

    assert looked("mail") == (True, f"{tmp_path}/mail can be written.", "")
    assert list((tmp_path / "mail").iterdir()) == []


def test_it_sees_missing_libraries(monkeypatch):
    monkeypatch.setattr("autopilot.documents.libraries.missing", lambda: ["pango-1.0"])

    ok, found, remedy = looked("pdf")

    assert (ok, found) == (False, "Missing: pango-1.0.")
    assert remedy.startswith("Run: apt-get install")


def test_it_sees_a_cache_that_keeps_nothing(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    assert looked("cache") == (False, "It does not keep what it is given.", "Run: manage.py createcachetable")


@pytest.mark.parametrize(
    ("keys", "environment", "ok"),
    [
        ({"a": "A" * 43 + "="}, "production", True),
        ({"a": "short"}, "production", False),
        ({"a": "A" * 43 + "=", "b": "no base64!"}, "production", False),
        (None, "production", False),
        (None, "development", True),
    ],
)
def test_it_sees_keys_that_are_none_or_everybodys(settings, keys, environment, ok):
    settings.SECRET_KEY, settings.ENVIRONMENT = "our own", environment
    settings.FIELD_KEYS = keys or {"development": settings.DEVELOPMENT_FIELD_KEY}

    assert looked("keys")[0] is ok


def test_it_says_so_where_the_database_is_away(monkeypatch):
    def away() -> None:
        raise OperationalError("password authentication failed for jane@db.example.org")

    monkeypatch.setattr("django.db.connection.ensure_connection", away)

    ran = run("check_setup", "--check", "database", "--check", "tables")

    assert (ran.code, "jane" in ran.out + ran.err) == (1, False)
    assert "It does not answer: OperationalError." in ran.out
    assert "See the line “database”." in ran.out


def test_it_knows_what_can_be_looked_at(capsys):
    assert run("check_setup", "--check", "weather").code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_it_names_a_certificate_that_does_not_open(settings):
    settings.SEAL_PASSWORD = "another"

    ok, found, remedy = looked("seal")

    assert not ok
    assert "SEAL_PASSWORD" in found
    assert "make_seal" in remedy


def test_it_names_a_signing_key_that_does_not_open(settings, tmp_path):
    settings.CERTIFICATE_KEY_FILE = tmp_path / "key.pem"
    settings.CERTIFICATE_KEY_FILE.write_text("nothing")

    ok, found, remedy = looked("certificates")

    assert not ok
    assert "CERTIFICATE_KEY_PASSWORD" in found
    assert "make_certificate_key" in remedy
