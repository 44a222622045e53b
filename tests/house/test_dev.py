"""The one command, as far as it can be tried without installing anything; `.ci/run` is the rest of the trial."""

import ast
import glob
import os
import shutil
import socket
import stat
import subprocess
import sys

import psycopg
import pytest

import dev
from config.env import ROOT

pytestmark = pytest.mark.once

SPAWN_A_STUBBORN_FAMILY = """
import subprocess, sys, time
import dev

dev.GRACE = 1
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {stubborn!r}], start_new_session=True)"
subprocess.run([sys.executable, "-c", parent], env=dev.environment(), check=True)
while not dev.family():
    time.sleep(0.05)
before = dev.family()
dev.end_family()
print(len(before), len(dev.family()))
"""


@pytest.fixture
def project(tmp_path):
    """A project that has nothing yet but what dev.py itself needs."""
    for name in ("dev.py", ".env.example"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run(folder, *arguments, **variables):
    """Run Python in a folder and return how it ended."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False)


def test_it_explains_itself_when_asked_for_nothing(project):
    done = run(project, "dev.py")

    assert done.returncode == 0
    assert "dev.py up" in done.stdout
    assert not (project / ".venv").exists()


def test_it_can_be_read_by_the_pythons_it_has_to_turn_away():
    source = (ROOT / "dev.py").read_text(encoding="utf-8")

    assert ast.parse(source, feature_version=(3, 8))


def test_it_imports_nothing_but_the_standard_library(project):
    without_packages = "-S"

    done = run(project, without_packages, "-c", "import dev")

    assert done.returncode == 0, done.stderr


def test_it_writes_settings_for_their_owner_alone(project):
    run(project, "-c", "import dev; dev.write_settings()")

    written = (project / ".env").read_text()
    assert stat.S_IMODE((project / ".env").stat().st_mode) == 0o600
    assert "\nSECRET_KEY=\n" not in written
    assert "\nFIELD_KEYS=first=" in written
    assert "\nOUTBOUND_PRIVATE_HOSTS=127.0.0.1:8090\n" in written
    assert "\nPORTAL_SECRETS=sandbox=whsec_" in written


def test_it_leaves_settings_alone_that_are_there(project):
    (project / ".env").write_text("SECRET_KEY=mine\n")

    run(project, "-c", "import dev; dev.write_settings()")

    assert (project / ".env").read_text() == "SECRET_KEY=mine\n"


def test_it_makes_secrets_that_differ_from_those_of_others():
    assert dev.fresh_settings()["SECRET_KEY"] != dev.fresh_settings()["SECRET_KEY"]
    assert dev.fresh_settings()["FIELD_KEYS"] != dev.fresh_settings()["FIELD_KEYS"]
    assert dev.fresh_settings()["PORTAL_SECRETS"] != dev.fresh_settings()["PORTAL_SECRETS"]


def test_it_says_that_a_port_is_taken_before_it_does_anything(project):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        done = run(project, "dev.py", "up", "--port", str(port))

    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr
    assert "--port" in done.stderr
    assert not (project / ".venv").exists()


@pytest.mark.parametrize(
    "name",
    ["PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS", "PYTEST_ADDOPTS", "DJANGO_SETTINGS_MODULE", "PIP_TARGET"],
)
def test_it_hands_on_nothing_that_leads_astray(monkeypatch, name):
    monkeypatch.setenv(name, "/elsewhere")

    assert name not in dev.environment()


def test_it_hands_on_no_empty_home_and_no_foreign_environment(monkeypatch):
    monkeypatch.setenv("HOME", "")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")

    variables = dev.environment()

    assert "HOME" not in variables
    assert variables["VIRTUAL_ENV"] == str(dev.VENV)


def test_it_keeps_the_callers_settings_and_databases_out_of_the_tests(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://production/")
    monkeypatch.setenv("EMAIL_HOST", "mail.example.org")
    monkeypatch.setenv("PGHOST", "production")
    monkeypatch.setenv("LANG", "C.UTF-8")

    variables = dev.test_environment()

    assert {"DATABASE_URL", "EMAIL_HOST", "PGHOST"} & variables.keys() == set()
    assert variables["LANG"] == "C.UTF-8"


def test_it_ends_children_that_left_the_session_and_ignore_the_polite_signal(project):
    done = run(project, "-c", SPAWN_A_STUBBORN_FAMILY)

    assert done.stdout.split()[-2:] == ["1", "0"], done.stderr


@pytest.mark.skipif(not glob.glob(dev.POSTGRES_PROGRAMS), reason="PostgreSQL is not installed")
def test_it_runs_a_postgresql_and_leaves_nothing_of_it():
    with dev.throwaway_postgres() as url:
        with psycopg.connect(url) as connection:
            folder = connection.execute("SELECT current_setting('data_directory')").fetchone()[0]

        assert os.path.exists(folder)

    assert not os.path.exists(os.path.dirname(folder))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)
