"""The suite's own plugin: tests for one database, and skips that count as failures."""

import os
import subprocess
import sys

import pytest

from config.env import ROOT

pytestmark = pytest.mark.once

SKIPPING = """
import pytest

def test_it_passes():
    assert True

def test_it_skips():
    pytest.skip("too tired")

@pytest.mark.skipif(True, reason="too early")
def test_it_is_skipped():
    assert True

@pytest.mark.xfail(reason="known", strict=True)
def test_it_fails_as_expected():
    assert False
"""
SKIPPED_MODULE = 'import pytest\npytest.skip("too late", allow_module_level=True)\n'
UNSPEAKABLE = """
def test_it_is_about_text_that_no_file_holds():
    raise ValueError(chr(0xD800))
"""
DIVIDED = """
import pytest

@pytest.mark.sqlite_only
def test_on_sqlite():
    assert True

@pytest.mark.postgresql_only
def test_on_postgresql():
    assert True

@pytest.mark.once
def test_once():
    assert True
"""


def run(folder, code, **variables):
    """Run pytest, with the plugin of this suite, on a piece of code and return what it says."""
    (folder / "test_it.py").write_text(code)
    plugin = [
        "-p",
        "tests.conftest",
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(folder),
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", *plugin, str(folder)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": "sqlite://", "PROVOST_NO_SKIPS": "0", "PYTEST_ADDOPTS": ""} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_it_lets_skips_pass_on_a_developers_machine(tmp_path):
    status, said = run(tmp_path, SKIPPING)

    assert status == 0, said
    assert "1 passed, 2 skipped, 1 xfailed" in said


def test_it_fails_skips_where_nothing_may_be_skipped(tmp_path):
    status, said = run(tmp_path, SKIPPING, PROVOST_NO_SKIPS="1")

    assert status == 1, said
    assert "1 failed, 1 passed, 1 xfailed, 1 error" in said
    assert "too tired" in said
    assert "too early" in said


def test_it_fails_the_skip_of_a_whole_module(tmp_path):
    status, said = run(tmp_path, SKIPPED_MODULE, PROVOST_NO_SKIPS="1")

    assert status not in {0, 5}, said
    assert "too late" in said


def test_it_reports_a_failure_from_another_process_whatever_it_says(tmp_path):
    status, said = run(tmp_path, UNSPEAKABLE, PYTEST_ADDOPTS="-n 1")

    assert status == 1, said
    assert "1 failed" in said
    assert "INTERNALERROR" not in said


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("sqlite://", {"test_on_sqlite", "test_once"}),
        ("postgres://nobody@127.0.0.1:1/nothing", {"test_on_postgresql"}),
    ],
)
def test_it_leaves_out_what_says_nothing_about_the_database(tmp_path, url, left):
    status, said = run(tmp_path, DIVIDED, DATABASE_URL=url, PROVOST_NO_SKIPS="1")

    assert status == 0, said
    assert {line.rpartition("::")[2] for line in said.splitlines() if line.startswith("PASSED")} == left
    assert f"{3 - len(left)} deselected" in said
