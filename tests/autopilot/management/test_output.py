"""What commands print: for people, for machines, and safely."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.core.management.base import OutputWrapper

from autopilot.management.output import tracked, written, written_one
from tests.autopilot.management.calls import Terminal

pytestmark = pytest.mark.once

AT = datetime(2026, 11, 20, 17, 5, 6, tzinfo=UTC)
KEY = UUID("01a1fa11-e3c1-72e9-9acc-c84b27c2d770")
ROWS: list[dict[str, Any]] = [
    {"id": KEY, "name": "plain", "at": AT, "count": -3, "on": True, "more": {"a": [1]}},
    {"id": None, "name": "two\nlines \x1b[31m", "at": None, "count": 0.5, "on": False, "more": []},
]
COLUMNS = ("id", "name", "at", "count", "on", "more")


def test_it_writes_one_document_of_json():
    first, second = json.loads(written(ROWS, COLUMNS, "json"))

    assert first == {
        "id": str(KEY),
        "name": "plain",
        "at": "2026-11-20T17:05:06+00:00",
        "count": -3,
        "on": True,
        "more": {"a": [1]},
    }
    assert (second["id"], second["name"]) == (None, "two\nlines \x1b[31m")
    assert json.loads(written([], COLUMNS, "json")) == []


def test_it_writes_csv_that_reads_back():
    lines = list(csv.reader(io.StringIO(written(ROWS, COLUMNS, "csv"), newline="")))

    assert lines[0] == list(COLUMNS)
    assert lines[1] == [str(KEY), "plain", "2026-11-20T17:05:06+00:00", "-3", "yes", '{"a": [1]}']
    assert lines[2][:4] == ["", "two\nlines  [31m", "", "0.5"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_it_lets_no_spreadsheet_compute_what_people_wrote(text):
    _, line = csv.reader(io.StringIO(written([{"a": text}], ["a"], "csv"), newline=""))

    assert line == ["'" + text.replace("\t", " ").replace("\r", " ")]


def test_it_aligns_a_table_and_disarms_what_moves_a_cursor():
    head, first, second = written(ROWS, ("name", "at", "count"), "table").splitlines()

    assert head.split() == ["name", "at", "count"]
    assert first.split() == ["plain", "2026-11-20", "12:05:06", "EST", "-3"]
    assert "\x1b" not in second
    assert head.index("at") == first.index("2026")


def test_it_writes_a_table_for_a_terminal():
    plain = written(ROWS, ("name", "count"), "table", terminal=True, color=False)

    assert "plain" in plain
    assert "\x1b[31m" not in plain


def test_it_takes_brackets_for_what_they_are():
    assert "[red]x[/red]" in written([{"a": "[red]x[/red]"}], ["a"], "table", terminal=True, color=False)


def test_it_writes_one_thing_with_all_its_members():
    assert written_one({"a": 1, "b": None}, "table") == "field  value\na      1\nb\n"
    assert json.loads(written_one({"a": 1, "b": None}, "json")) == {"a": 1, "b": None}
    assert written_one({"a": 1, "b": None}, "csv") == "a,b\r\n1,\r\n"


def test_it_shows_progress_at_a_terminal_and_never_on_a_pipe(capsys):
    pipe = io.StringIO()
    assert list(tracked([1, 2], 2, "Things", OutputWrapper(pipe))) == [1, 2]
    assert (pipe.getvalue(), capsys.readouterr().err) == ("", "")

    assert list(tracked([1, 2], 2, "Things", OutputWrapper(Terminal()))) == [1, 2]
    assert "Things" in capsys.readouterr().err
