"""A wrong deployment says so: every check is broken once, and content with what is right."""

import base64
from datetime import timedelta

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.test import override_settings

from autopilot import clock
from autopilot.models import ClusterHeartbeat
from config import settings as ours

RIGHT = {
    "ALLOWED_HOSTS": ["provost.example.org", ".example.net"],
    "BASE_URL": "https://provost.example.org",
    "CSRF_TRUSTED_ORIGINS": ["https://provost.example.org"],
    "TRUSTED_PROXY_COUNT": 1,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "SECRET_KEY": "0123456789abcdef" * 4,
    "FIELD_KEYS": {"first": base64.b64encode(bytes(range(32))).decode()},
    "METRICS_TOKEN": "m" * 32,
    "API_PUMP_SECRET": "",
    "BACKUP_KEY": "",
    "STAFF_MFA_REQUIRED": True,
    "DEBUG": False,
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "config_cache"}},
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
}
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def found(**changes):
    """Return what the checks of a deployment say of the right settings with these changes, by id."""
    with override_settings(**RIGHT | changes):
        messages = run_checks(tags=[Tags.security], include_deployment_checks=True)
    return {message.id: message for message in messages if message.id.startswith("provost.")}


@pytest.mark.once
def test_it_is_content_with_a_right_deployment(tmp_path):
    assert found(ARCHIVE_ROOT=tmp_path / "archive") == {}


@pytest.mark.once
@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ("provost.E001", {"ALLOWED_HOSTS": ["*"]}),
        ("provost.E001", {"ALLOWED_HOSTS": ["provost.example.org", "*.example.org"]}),
        ("provost.E002", {"BASE_URL": "http://provost.example.org"}),
        ("provost.E003", {"BASE_URL": "https://elsewhere.example.org"}),
        ("provost.E004", {"CSRF_TRUSTED_ORIGINS": ["http://provost.example.org"]}),
        ("provost.E005", {"TRUSTED_PROXY_COUNT": 0}),
        ("provost.E006", {"SECURE_PROXY_SSL_HEADER": None}),
        ("provost.E007", {"SECRET_KEY": "django-insecure-" + "x" * 60}),
        ("provost.E007", {"SECRET_KEY": ours.DEVELOPMENT_KEY}),
        ("provost.E008", {"FIELD_KEYS": {"first": ours.DEVELOPMENT_FIELD_KEY}}),
        ("provost.E008", {"FIELD_KEYS": {"first": base64.b64encode(bytes(16)).decode()}}),
        ("provost.E008", {"FIELD_KEYS": {"first": "no Base64!"}}),
        ("provost.E009", {"METRICS_TOKEN": "short"}),
        ("provost.E009", {"API_PUMP_SECRET": "s" * 31}),
        ("provost.E010", {"BACKUP_KEY": "short"}),
        ("provost.E011", {"STAFF_MFA_REQUIRED": False}),
        ("provost.E012", {"MFA_TOTP_INSECURE_BYPASS_CODE": "123456"}),
        ("provost.E013", {"DEBUG": True}),
        ("provost.E014", {"CACHES": LOCAL}),
        ("provost.W015", {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}),
        ("provost.W015", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
    ],
)
def test_it_finds_what_is_wrong_and_says_what_to_do(expected, changes):
    messages = found(**changes)

    assert list(messages) == [expected]
    assert messages[expected].hint or "Make one with" in messages[expected].msg


@pytest.mark.once
def test_it_finds_an_archive_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")

    assert list(found(ARCHIVE_ROOT=tmp_path / "file" / "archive")) == ["provost.E016"]


@pytest.mark.once
def test_it_shows_no_secret():
    messages = found(METRICS_TOKEN="hunter2", BACKUP_KEY="hunter2", FIELD_KEYS={"first": "hunter2"})

    assert len(messages) == 3
    assert not any("hunter2" in f"{message.msg} {message.hint}" for message in messages.values())


def beat(process, seconds=0):
    """Make a process that reported so many seconds ago."""
    seen = clock.now() - timedelta(seconds=seconds)
    return ClusterHeartbeat.objects.create(process=process, cluster=process, role="pump", seen_at=seen)


def asked():
    """Return the ids of what the checks of the database find."""
    return [each.id for each in run_checks(tags=[Tags.database], databases=["default"]) if "provost" in each.id]


@pytest.mark.django_db
def test_it_refuses_one_sqlite_file_for_two_machines_alone():
    beat("one:1")
    beat("one:2")
    beat("gone:3", seconds=600)
    assert asked() == []

    beat("two:1")

    assert asked() == (["provost.E017"] if connection.vendor == "sqlite" else [])


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_a_cluster_does_not_start_beside_one_of_another_machine():
    beat("one:1")
    beat("two:1")

    with pytest.raises(SystemCheckError, match=r"provost\.E017"):
        call_command("autopilot")


@pytest.mark.django_db
def test_it_misses_the_table_of_the_shared_cache():
    with override_settings(CACHES=RIGHT["CACHES"]):
        assert asked() == ["provost.W018"]
    assert asked() == []
