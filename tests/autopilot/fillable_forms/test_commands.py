"""`manage.py form_fields` and `manage.py fill_form`, as an operator uses them."""

import json
from pathlib import Path
from typing import Any

import pytest
from pikepdf import Array

from tests.autopilot.fillable_forms.eyes import fields_of
from tests.autopilot.fillable_forms.paper import COMB, COMBO, READ_ONLY, Paper
from tests.autopilot.management.calls import Ran, run, run_json

pytestmark = pytest.mark.once


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """A form with a few fields, on disk."""
    paper = Paper()
    paper.write("Edition 08/01/23 Expires 01/31/2020", at=(60, 60))
    paper.add("name", TU="Your name")
    paper.add("ssn", Ff=COMB, MaxLen=9, rect=(60, 600, 260, 620))
    paper.add("state", "Ch", Ff=COMBO, Opt=Array([Array(["CA", "California"])]), rect=(60, 500, 260, 520))
    paper.add("office", Ff=READ_ONLY, V="Richmond", rect=(60, 400, 260, 420))
    file = tmp_path / "form.pdf"
    file.write_bytes(paper.content())
    return file


@pytest.fixture
def lost(tmp_path: Path) -> Path:
    """A form that lost a field."""
    paper = Paper()
    paper.add("kept")
    paper.widget(FT=paper.add("also", rect=(60, 600, 80, 620)).FT, T="lost\x1b[31m")
    file = tmp_path / "lost.pdf"
    file.write_bytes(paper.content())
    return file


def filled(form: Path, values: Any, out: str = "out.pdf") -> Ran:
    """Fill a form with values, or with a text that should be values."""
    file = form.parent / "values.json"
    file.write_text(values if isinstance(values, str) else json.dumps(values))
    return run("fill_form", form, file, form.parent / out)


def test_it_lists_fields_with_all_that_binds_them(form):
    ran = run_json("form_fields", form)

    name, ssn, state, office = ran.json
    assert (name["name"], name["type"], name["page"], name["label"]) == ("name", "text", 1, "Your name")
    assert name["rect"] == [60.0, 700.0, 260.0, 720.0]
    assert ssn["limits"] == {"max_length": 9, "comb": True}
    assert state["options"] == [{"value": "CA", "label": "California"}]
    assert (office["limits"], office["value"]) == ({"read_only": True}, "Richmond")
    assert ran.code == 0


def test_it_lists_them_for_people_and_spreadsheets(form):
    table, sheet = run("form_fields", form), run("form_fields", form, "--format", "csv")

    assert table.out.splitlines()[2].split() == ["ssn", "text", "1", "max_length", "9,", "comb"]
    assert "CA = California" in table.out
    assert sheet.out.splitlines()[1] == "name,text,1,,,Your name,"


def test_it_says_what_kind_of_form_it_is(form):
    ran = run_json("form_fields", form, "--triage")

    assert (ran.json["kind"], ran.json["pages"], ran.json["edition"]) == ("acroform", 1, "08/01/23")
    assert "expired on 01/31/2020" in ran.err


def test_it_tells_why_a_form_cannot_be_filled(lost):
    ran = run_json("form_fields", lost)

    assert ran.code == 1
    assert [row["name"] for row in ran.json] == ["kept", "also"]
    assert "orphan_widgets: lost [31m" in ran.err


@pytest.mark.parametrize("command", ["form_fields", "fill_form"])
def test_it_tells_what_is_no_form(command, tmp_path):
    file = tmp_path / "form.pdf"
    file.write_bytes(b"GIF89a")

    ran = run("form_fields", file) if command == "form_fields" else filled(file, {})

    assert ran.code == 2
    assert "not a PDF" in ran.err


def test_it_tells_that_there_is_no_file(tmp_path):
    assert "cannot be read" in run("form_fields", tmp_path / "none.pdf").err
    assert run("fill_form", tmp_path / "a", tmp_path / "b", tmp_path / "c").code == 2


def test_it_fills_a_form(form):
    ran = filled(form, {"name": "Łukasz", "ssn": "900123456", "state": "California"})

    out = form.parent / "out.pdf"
    assert (ran.code, ran.json["written"], ran.json["filled"], ran.json["refused"]) == (0, True, 3, [])
    assert {name: field.value for name, field in fields_of(out.read_bytes()).items()} == {
        "name": "Łukasz",
        "ssn": "900123456",
        "state": "CA",
        "office": "Richmond",
    }
    assert out.stat().st_mode & 0o077 == 0


def test_it_writes_what_it_accepts_and_prints_each_refusal(form):
    ran = filled(form, {"name": "李", "ssn": "900-12-3456", "state": "CA", "office": "x", "nme": "x"})

    assert ran.code == 1
    assert [(each["field"], each["reason"]) for each in ran.json["refused"]] == [
        ("name", "missing_glyph"),
        ("ssn", "too_long"),
        ("office", "read_only"),
        ("nme", "unknown_field"),
    ]
    assert ran.json["refused"][0]["characters"] == ["李"]
    assert "4 of 5 values refused" in ran.err
    after = fields_of((form.parent / "out.pdf").read_bytes())
    assert (after["name"].value, after["ssn"].value, after["state"].value) == ("", "", "CA")


def test_it_writes_nothing_for_a_form_that_cannot_be_filled(lost):
    ran = filled(lost, {"kept": "x"})

    assert ran.code == 2
    assert ran.json["written"] is False
    assert (ran.json["refused"][0]["field"], ran.json["refused"][0]["reason"]) == (None, "orphan_widgets")
    assert not (lost.parent / "out.pdf").exists()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("[1]", "one object of JSON"),
        ("{", "one object of JSON"),
        ('{"a": 1, "a": 2}', "These names stand twice: a"),
        ("[" * 100_000, "one object of JSON"),
        ("\udcff", "one object of JSON"),
    ],
)
def test_it_wants_one_object_of_values(form, values, told):
    file = form.parent / "values.json"
    file.write_bytes(values.encode("utf-8", "surrogateescape"))

    ran = run("fill_form", form, file, form.parent / "out.pdf")

    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


def test_it_leaves_the_original_alone(form):
    before = form.read_bytes()

    ran = filled(form, {"name": "x"}, out="form.pdf")

    assert (ran.code, form.read_bytes()) == (2, before)
    assert "another file" in ran.err


def test_it_tells_that_it_cannot_write(form):
    ran = filled(form, {"name": "x"}, out="none/out.pdf")

    assert ran.code == 2
    assert "cannot be written" in ran.err
