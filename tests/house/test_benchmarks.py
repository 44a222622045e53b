"""The benchmarks: each says how it is run, has a quick run, ends in one line of JSON, and stays on this machine."""

import ast
import os
import re
import subprocess
import sys

import pytest

from config.env import ROOT

pytestmark = pytest.mark.once

FOLDER = ROOT / "benchmarks"
SCRIPTS = sorted(file for file in FOLDER.glob("*.py") if file.name != "__init__.py")
ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\w+://(?:[^\s\"'/{}@]*@)?([a-z0-9.-]+\.[a-z]{2,})")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_it_says_how_it_is_run_and_ends_through_finish(script):
    tree = ast.parse(script.read_text(encoding="utf-8"))

    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}

    said = ast.get_docstring(tree) or ""
    assert f"benchmarks/{script.name}" in said
    assert "--quick" in said
    assert {"options", "finish"} <= called


def test_they_answer_when_asked_for_help():
    environment = os.environ | {"DATABASE_URL": "sqlite://:memory:", "PROVOST_ENVIRONMENT": "test"}

    asked = [
        subprocess.Popen(
            [sys.executable, script, "--help"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        for script in SCRIPTS
    ]
    answers = [process.communicate(timeout=60)[0] for process in asked]

    assert [process.returncode for process in asked] == [0] * len(SCRIPTS)
    assert all("--quick" in answer for answer in answers)


def test_they_name_no_address_but_that_of_this_machine():
    named = {
        (file.name, found.group())
        for file in FOLDER.rglob("*.py")
        for found in ADDRESS.finditer(file.read_text(encoding="utf-8"))
    }

    assert {address for _, address in named} <= {"127.0.0.1"}, named
