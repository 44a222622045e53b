"""The floors of the house, as import-linter's contracts in pyproject.toml draw them."""

import shutil
import subprocess
import sys

import pytest

from config.env import ROOT
from tests.house.source import PACKAGES

pytestmark = pytest.mark.once

LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
PLANTED = {
    "autopilot/clock.py": "import programs.codes",
    "autopilot/storable.py": "import autopilot.models",
    "autopilot/engine/signals.py": "import autopilot.engine.executor",
    "autopilot/models/jobs.py": "import rest_framework",
    "autopilot/audit.py": "import django_q",
    "programs/codes.py": "import programs.services",
    "programs/models/findings.py": "import autopilot.engine.transitions",
    "programs/services/packets.py": "import autopilot.outbound",
    "students/apps.py": "import programs.handlers",
}


def lint(folder):
    """Return what import-linter says about the packages in a folder."""
    command = [sys.executable, "-c", LINT, "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_it_keeps_every_contract():
    linted = lint(ROOT)

    assert linted.returncode == 0, linted.stdout


def test_every_contract_breaks_when_an_import_goes_the_wrong_way(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, line in PLANTED.items():
        with (tmp_path / name).open("a") as file:
            file.write(f"\n{line}\n")

    said = lint(tmp_path).stdout

    assert " 0 kept" in said, said
