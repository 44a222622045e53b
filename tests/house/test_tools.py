"""The tools that watch over the house, each run once and as a developer would run it."""

import os
import subprocess
import sys

import pytest

import dev
from config.env import ROOT

pytestmark = pytest.mark.once

MYPY = ["mypy", "config", "autopilot", "programs", "students", "instructors", "tests", "dev.py", "manage.py"]
DEVELOPMENT = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": "sqlite://"}


def says(*command, **variables):
    """Run a Python program in the project and return what it says, or the empty string if it is content."""
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    return f"{done.stdout}{done.stderr}" if done.returncode else ""


def test_it_passes_the_linter():
    complaints = says("-m", "ruff", "check", "--output-format=concise", ".")

    assert not complaints, complaints


def test_it_is_formatted():
    complaints = says("-m", "ruff", "format", "--check", ".")

    assert not complaints, complaints


def test_it_passes_the_type_checker():
    complaints = says("-m", *MYPY)

    assert not complaints, complaints


def test_it_has_a_migration_for_every_model():
    complaints = says("manage.py", "makemigrations", "--check", "--dry-run", **DEVELOPMENT)

    assert not complaints, complaints


@pytest.mark.skipif(
    bool(dev.missing_libraries(dev.PDF_LIBRARIES)), reason="a check warns that the PDF libraries are missing"
)
def test_it_passes_the_checks_of_django():
    complaints = says("manage.py", "check", "--fail-level", "WARNING", **DEVELOPMENT)

    assert not complaints, complaints


@pytest.mark.skipif(
    bool(dev.missing_libraries(dev.PDF_LIBRARIES)), reason="a check warns that the PDF libraries are missing"
)
def test_it_passes_the_checks_of_a_deployment():
    production = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PROVOST_ENVIRONMENT": "production",
        "SECRET_KEY": "for-this-check-alone-" + "0123456789abcdef" * 4,
        "FIELD_KEYS": f"first={'A' * 43}=",
        "ALLOWED_HOSTS": "provost.example.org",
        "BASE_URL": "https://provost.example.org",
        "DATABASE_URL": "postgres://provost@127.0.0.1:1/provost",
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example.org",
    }

    complaints = says("manage.py", "check", "--deploy", "--fail-level", "WARNING", **production)

    assert not complaints, complaints
