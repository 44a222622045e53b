"""The settings as a fresh process reads them, in a project of its own that has no `.env` but what the test writes."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import ROOT

pytestmark = pytest.mark.once

SHOW = """
import json
from config import settings
print(json.dumps({name: getattr(settings, name) for name in dir(settings) if name.isupper()}, default=repr))
"""
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
PRODUCTION = {"PROVOST_ENVIRONMENT": "production", "SECRET_KEY": "a-key", "FIELD_KEYS": "k1=" + "A" * 43 + "="}


class Project:
    """A copy of `config/` alone, whose settings are read by a process with an environment of its own."""

    def __init__(self, home: Path):
        self.home = home
        shutil.copytree(ROOT / "config", home / "config", ignore=shutil.ignore_patterns("__pycache__"))

    def load(self, **variables):
        return subprocess.run(
            [sys.executable, "-c", SHOW], cwd=self.home, env=variables, capture_output=True, text=True, check=False
        )

    def settings(self, **variables):
        loaded = self.load(**variables)
        assert loaded.returncode == 0, loaded.stderr
        return json.loads(loaded.stdout)

    def refusal(self, **variables):
        loaded = self.load(**variables)
        assert loaded.returncode, "The settings were accepted."
        return loaded.stderr.strip().splitlines()[-1]


@pytest.fixture
def project(tmp_path):
    """A project without `.env`."""
    return Project(tmp_path)


def test_it_starts_with_no_environment_at_all(project):
    settings = project.settings()

    assert settings["ENVIRONMENT"] == "development"
    assert settings["DATABASES"]["default"]["NAME"] == str(project.home / "provost.sqlite3")


def test_it_opens_sqlite_in_wal_mode_with_immediate_transactions(project):
    options = project.settings()["DATABASES"]["default"]["OPTIONS"]

    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "journal_mode=WAL" in options["init_command"]


def test_it_takes_postgresql_with_the_options_of_its_url(project):
    database = project.settings(DATABASE_URL="postgres://me:word@db:5433/x?sslmode=require")["DATABASES"]["default"]

    assert (database["ENGINE"], database["HOST"], database["PORT"]) == ("config.postgresql", "db", 5433)
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["connect_timeout"] == 2


def test_it_lets_the_url_say_how_long_a_vanished_database_is_waited_for(project):
    chosen = "postgres://me:word@db/x?tcp_user_timeout=5000"
    default, other = (
        project.settings(DATABASE_URL=url)["DATABASES"]["default"]["OPTIONS"] for url in (chosen.split("?")[0], chosen)
    )

    assert (default["tcp_user_timeout"], default["keepalives_idle"]) == (10_000, 10)
    assert (other["tcp_user_timeout"], other["keepalives_idle"]) == (5000, 10)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "neither sqlite"),
        ("DATABASE_URL", "provost.sqlite3", "neither sqlite"),
        ("PROVOST_ENVIRONMENT", "staging", "not one of development, production, test"),
        ("DEBUG", "perhaps", "neither on nor off"),
        ("AUTOPILOT_WORKERS", "0", "at least 1"),
        ("EMAIL_PORT", "smtp", "not a whole number"),
        ("PORTAL_SECRETS", "hunter2", "name=value"),
        ("SECRET_KEY", "", "SECRET_KEY"),
    ],
)
def test_it_refuses_what_it_does_not_understand(project, name, value, says):
    refusal = project.refusal(**{name: value})

    assert says in refusal
    assert name in refusal
    assert "hunter2" not in refusal


def test_it_refuses_production_without_a_key(project):
    assert "SECRET_KEY is not set" in project.refusal(PROVOST_ENVIRONMENT="production")


def test_it_refuses_production_with_the_key_of_development(project):
    published = project.settings()["SECRET_KEY"]

    assert "SECRET_KEY" in project.refusal(PROVOST_ENVIRONMENT="production", SECRET_KEY=published)


def test_it_refuses_production_with_the_field_key_of_development(project):
    published = next(iter(project.settings()["FIELD_KEYS"].values()))

    assert "FIELD_KEYS is not set" in project.refusal(**PRODUCTION | {"FIELD_KEYS": ""})
    assert "FIELD_KEYS is not set" in project.refusal(**PRODUCTION | {"FIELD_KEYS": f"k1={published}"})


def test_it_insists_on_https_in_production(project):
    settings = project.settings(**PRODUCTION)

    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] == 31_536_000


def test_it_lets_probes_ask_by_http_in_production(project):
    exempt = project.settings(**PRODUCTION)["SECURE_REDIRECT_EXEMPT"]

    assert all(any(re.search(pattern, page) for pattern in exempt) for page in ("healthz", "readyz"))
    assert not any(re.search(pattern, "admin/readyz") for pattern in exempt)


def test_it_reads_the_file_but_lets_the_environment_win(project):
    (project.home / ".env").write_text("AUTOPILOT_WORKERS=3\nEMAIL_PORT=587\n")

    settings = project.settings(AUTOPILOT_WORKERS="4")

    assert (settings["AUTOPILOT_WORKERS"], settings["EMAIL_PORT"]) == (4, 587)


def test_it_leaves_the_file_unread_in_tests(project):
    (project.home / ".env").write_text("AUTOPILOT_WORKERS=3\n")

    assert project.settings(PROVOST_ENVIRONMENT="test")["AUTOPILOT_WORKERS"] != 3


def test_it_refuses_a_misspelled_name_in_the_file(project):
    (project.home / ".env").write_text("AUTOPILOT_WORKER=3\n")

    assert "Did you mean AUTOPILOT_WORKERS?" in project.refusal()


def test_its_example_states_the_defaults(project):
    stated = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    del stated["DATABASE_URL"]  # its line is an example; the default holds the path of the project

    assert project.settings(**stated) == project.settings()


def test_its_example_works_as_the_file_once_the_key_is_filled_in(project):
    (project.home / ".env").write_text(EXAMPLE.replace("\nSECRET_KEY=\n", "\nSECRET_KEY=fresh\n"))

    assert project.settings()["SECRET_KEY"] == "fresh"
