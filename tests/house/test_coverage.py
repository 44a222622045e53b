"""docs/coverage.md has a row for every capability, and names only files that are there."""

import re

import pytest

from tests.house.source import ROOT

pytestmark = pytest.mark.once

TEXT = (ROOT / "docs" / "coverage.md").read_text()
ROWS = re.findall(r"^\| (F\d{3})-(\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", TEXT, re.MULTILINE)
SOURCES = {"F000": 105, "F001": 42, "F002": 39, "F003": 51, "F004": 64}
FILES = re.compile(r"`((?:autopilot|programs|config|tests)/[\w/.]+)`")


@pytest.mark.parametrize(("source", "count"), SOURCES.items())
def test_it_has_one_row_for_every_capability(source, count):
    numbers = [int(number) for known, number, *_ in ROWS if known == source]

    assert numbers == list(range(1, count + 1))


def test_it_names_only_files_that_are_there():
    missing = sorted(name for name in set(FILES.findall(TEXT)) if not (ROOT / name).exists())

    assert missing == []


def test_it_names_a_test_for_all_that_is_built():
    unproven = [
        f"{source}-{number}" for source, number, _, where, test in ROWS if where != "not yet" and not FILES.search(test)
    ]

    assert unproven == []


def test_it_would_notice_a_file_that_is_gone():
    assert FILES.findall("| F000-1 | x | `autopilot/gone.py` | |") == ["autopilot/gone.py"]
    assert not (ROOT / "autopilot/gone.py").exists()
