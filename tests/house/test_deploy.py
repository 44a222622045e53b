"""The files of a deployment, as far as they can be tried without building or starting what they describe."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import dev
from config.env import ROOT

pytestmark = pytest.mark.once

DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
KNOWN = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
# Those of Python, pip and the shell, and those of the image of PostgreSQL.
FOREIGN = re.compile(r"(PIP_|PYTHON|POSTGRES_)\w+|PATH")


def instructions(name):
    """Return the arguments of every instruction of a kind in the Dockerfile, each in one line."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} (.*)$", joined, re.MULTILINE)


def compose():
    """Return what the compose file describes."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def unit(path):
    """Return the settings of a unit; of a name that comes several times, the last."""
    return dict(re.findall(r"^(\w+)=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_image_is_built_from_pinned_bases_with_hashed_packages():
    bases = [line.split()[0] for line in instructions("FROM")]

    assert bases
    assert all(re.fullmatch(r"[\w./-]+:\d[\w.-]*", base) for base in bases), bases
    assert "--require-hashes" in DOCKERFILE
    assert not re.search(r":latest\b|\bADD\b|\bsudo\b|curl [^|]*\|", DOCKERFILE)


def test_the_image_runs_as_nobody_special_with_an_init_and_a_probe():
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]

    assert re.search(r"^USER (?!root|0)\w+$", last, re.MULTILINE)
    assert last.index("USER provost") < last.index("CMD [")
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["tini", "--"]
    probe = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])
    assert "/healthz" in probe[-1]
    compile(probe[-1], "probe", "exec")


def test_the_image_brings_the_libraries_that_the_checks_ask_for():
    installed = " ".join(instructions("RUN"))
    assert all(package in installed for package in dev.PDF_LIBRARIES.values())


def test_the_image_copies_only_what_is_there_and_is_not_left_out():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    command = json.loads(instructions("CMD")[-1])

    for name in ("requirements.txt", "docs/deploy/gunicorn.conf.py"):
        assert (ROOT / name).is_file()
    assert "docs/deploy/gunicorn.conf.py" in command
    assert "!docs/deploy/gunicorn.conf.py" in ignored
    assert {".*", "*.sqlite3*", "var"} <= set(ignored)


def test_every_variable_it_sets_is_one_that_the_settings_read():
    named = set(re.findall(r"\b([A-Z][A-Z_]+[A-Z])=", DOCKERFILE))
    for service in compose()["services"].values():
        named |= set(service.get("environment", {}))

    unknown = {name for name in named - KNOWN if not FOREIGN.fullmatch(name)}
    assert unknown == set()


def test_the_services_start_in_order_and_stop_in_time():
    services = compose()["services"]

    assert set(services) == {"db", "migrate", "web", "cluster"}
    assert services["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    for name in ("web", "cluster"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert int(services[name]["stop_grace_period"].rstrip("s")) > 30
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert re.fullmatch(r"postgres:\d[\w.-]*", services["db"]["image"])
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_the_web_server_opens_no_socket_for_control():
    settings = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", str(DEPLOY / "gunicorn.conf.py")]

    done = subprocess.run([*command, "--print-config"], cwd=ROOT, capture_output=True, text=True, check=True)

    shown = dict(line.split("=", 1) for line in done.stdout.replace(" ", "").splitlines() if "=" in line)
    assert settings["control_socket_disable"] is True
    assert shown["control_socket_disable"] == "True"
    assert (shown["worker_class"], shown["threads"], shown["graceful_timeout"]) == ("gthread", "8", "30")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_is_hardened(path):
    settings = unit(path)

    assert settings["User"] not in ("root", "")
    assert settings["ProtectSystem"] == "strict"
    assert settings["NoNewPrivileges"] == "yes"
    assert settings["EnvironmentFile"] == "/etc/provost/provost.env"


@pytest.mark.parametrize("name", ["web", "cluster"])
def test_a_unit_signals_one_process_and_waits_for_it(name):
    settings = unit(DEPLOY / "systemd" / f"provost-{name}.service")

    assert settings["KillMode"] == "mixed"
    assert int(settings["TimeoutStopSec"]) > 30
    assert settings["Restart"] == "always"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_reads_the_units():
    files = [str(path) for path in sorted((DEPLOY / "systemd").iterdir())]

    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)

    # Provost is not installed on the machine that tests it.
    complaints = [line for line in done.stderr.splitlines() if "/opt/provost/" not in line]
    assert not complaints, complaints


def test_the_proxy_says_who_asks_and_how():
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")

    assert text.count("{") == text.count("}")
    for line in ("X-Forwarded-For $proxy_add_x_forwarded_for;", "X-Forwarded-Proto $scheme;", "Host $host;"):
        assert f"proxy_set_header {line}" in text
    assert "TRUSTED_PROXY_COUNT=1" in text


def test_static_files_are_collected_under_hashed_names(tmp_path):
    production = {
        "PROVOST_ENVIRONMENT": "production",
        "SECRET_KEY": "only-for-this-command",
        "FIELD_KEYS": f"build={'A' * 43}=",
        "DATABASE_URL": "sqlite://",
        "STATIC_ROOT": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    # The API's own pages and other people's libraries are half a minute of compression.
    left_out = [f"--ignore={name}" for name in ("drf_spectacular_sidecar", "rest_framework", "vendor")]
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0", *left_out],
        cwd=ROOT,
        env=os.environ | production,
        check=True,
    )

    manifest = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    named = manifest["provost/admin.css"]
    assert re.fullmatch(r"provost/admin\.[0-9a-f]{12}\.css", named)
    assert (tmp_path / named).is_file()
    assert Path(tmp_path / f"{named}.gz").is_file()
