"""`check_pirl` and `load_pirl_schema`, as an operator runs them."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from autopilot.models import AuditEntry
from students.models import PirlSchema
from students.services.pirl_schemas import schema_named
from students.wioa.pirl.schema import Kind, development_schema
from students.wioa.pirl.writing import lines
from tests.autopilot.admin.people import ensure_groups, member
from tests.students.wioa.participants import PERIOD_END, participants

pytestmark = pytest.mark.django_db
HEADINGS = ["DATA ELEMENT NO.", "DATA ELEMENT NAME", "DATA TYPE/FIELD LENGTH", "CODE VALUE"]
TABLE = [
    ["Section A", "", "", ""],
    ["OBS", "Observation Number", "IN 9", "000000000 (no hyphens)"],
    ["100", "Unique Individual Identifier (WIOA)", "AN 12", ""],
    ["900", "Date of Program Entry (WIOA)", "DT 8", "YYYYMMDD"],
    ["901", "Date of Program Exit (WIOA)", "DT 8", "YYYYMMDD"],
    ["923", "Other Reasons for Exit (WIOA)", "IN 2", "00 = No\n01 = Institutionalized\n02 = Health"],
    ["1704", "Wages 2nd Quarter After Exit Quarter (WIOA)", "DE 8.2", "000000.00"],
]


@pytest.fixture
def pirl(tmp_path):
    """Write records to a file and return its path."""

    def write(records, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(b"".join(lines(records, development_schema())))
        return str(path)

    return write


@pytest.fixture
def sheet(tmp_path):
    """Write a spreadsheet of a schema and return its path."""

    def write(rows, headings=HEADINGS, name="schema.xlsx"):
        path = tmp_path / name
        if name.endswith(".csv"):
            with path.open("w", newline="") as file:
                csv.writer(file).writerows([headings, *rows])
        else:
            book = Workbook()
            for row in [["Department of Labor"], headings, *rows]:
                book.active.append(row)
            book.save(path)
        return str(path)

    return write


@pytest.fixture
def boss():
    ensure_groups()
    return member("stone", is_superuser=True)


def checked(*arguments):
    told = io.StringIO()
    code = 0
    try:
        call_command("check_pirl", *arguments, "--format", "json", stdout=told, stderr=io.StringIO())
    except CommandError as error:
        code = error.returncode
    return code, json.loads(told.getvalue()) if told.getvalue() else None


def loaded(*arguments):
    call_command("load_pirl_schema", *arguments, "--as", "stone", stdout=io.StringIO(), stderr=io.StringIO())


def test_it_ends_with_0_where_a_file_is_clean(pirl):
    code, document = checked(pirl(participants(50)), "--period-end", f"{PERIOD_END}")

    assert code == 0
    assert document["clean"]
    assert document["rows"] == 50
    assert document["schema"] == {"version": "PIRL2018", "columns": 488, "development": True}
    assert document["findings"] == []


def test_it_ends_with_1_and_counts_where_something_is_to_be_repaired(pirl):
    rows = [dict(row) for row in participants(5)]
    rows[2]["201"] = "7"

    code, document = checked(pirl(rows), "--period-end", f"{PERIOD_END}")

    assert code == 1
    assert document["summary"] == {
        "findings": 1,
        "duplicates": 0,
        "by_severity": {"reject": 1, "error": 0, "warn": 0},
        "by_rule": {"EC010": 1},
    }
    assert document["reached"] == "value"
    [finding] = document["findings"]
    assert finding == {
        "rule": "EC010",
        "severity": "reject",
        "stage": "value",
        "obs": "3",
        "row": 3,
        "element": "201",
        "value": "",
        "message": "A value is one of the element’s codes and fits its type and length.",
        "fix": "Use a code of the element, or leave the field blank if it does not apply.",
    }


def test_it_finds_the_period_in_the_file_where_it_is_not_said(pirl):
    code, document = checked(pirl(participants(400)))

    assert code == 0
    assert not document["period_end_given"]
    assert "2026-01-01" < document["period_end"] <= f"{PERIOD_END}"
    assert document["not_run"] == {}


def test_it_finds_what_is_not_yet_available_for_too_long_without_being_told_the_period(pirl):
    late = {"901": "20230131", "900": "20220801", "1004": "20230131", "923": "00", "903": "1", "200": "19900101"}
    waiting = late | {"100": "IN999", "1602": "9", "1603": "5", "1704": "999999.99", "904": "0", "905": "0"}

    _, document = checked(pirl([*participants(50), waiting]))

    assert document["summary"]["by_rule"] == {"EC073": 1}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["nowhere.csv"], "cannot be read"), (["{file}", "--schema", "PIRL1999"], "No schema PIRL1999")],
)
def test_it_ends_with_2_where_it_cannot_be_done(pirl, arguments, told):
    file = pirl(participants(1))

    with pytest.raises(CommandError, match=told) as refused:
        call_command("check_pirl", *[word.format(file=file) for word in arguments])

    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "told"), [(["--period-end", "June"], "not a day"), (["--limit", "0"], "whole number")]
)
def test_it_refuses_an_option_that_says_nothing(pirl, arguments, told):
    with pytest.raises(CommandError, match=told):
        call_command("check_pirl", pirl(participants(1)), *arguments)


def test_it_prints_findings_as_csv_and_as_a_table(pirl, capsys):
    rows = [dict(row) for row in participants(2)]
    rows[1]["201"] = "7"
    file = pirl(rows)

    with pytest.raises(CommandError):
        call_command("check_pirl", file, "--format", "csv")
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    with pytest.raises(CommandError):
        call_command("check_pirl", file)
    told = capsys.readouterr()

    assert [(row["rule"], row["row"], row["element"]) for row in table] == [("EC010", "2", "201")]
    assert "EC010" in told.out
    assert "development schema" in told.err


def test_it_loads_the_agencys_schema_and_uses_it_from_its_first_day_on(sheet, pirl, boss):
    loaded(sheet(TABLE), "--version", "PIRL2025", "--from", "2026-07-01")

    row = PirlSchema.objects.get()
    assert (row.version, row.columns, len(row.digest), row.loaded_by) == ("PIRL2025", 6, 64, boss)
    assert AuditEntry.objects.filter(name="students.pirl_schema.loaded", actor=boss).count() == 1
    schema = schema_named("", PERIOD_END.replace(month=9))
    assert (schema.version, schema.development) == ("PIRL2025", False)
    assert [(element.number, element.kind, element.length) for element in schema.elements[:3]] == [
        ("OBS", Kind.INTEGER, 9),
        ("100", Kind.ALPHANUMERIC, 12),
        ("900", Kind.DATE, 8),
    ]
    assert sorted(schema.elements[4].codes) == ["00", "01", "02"]
    assert schema_named("", PERIOD_END).development


def test_it_checks_by_the_schema_that_was_loaded(sheet, tmp_path, boss):
    loaded(sheet(TABLE, name="schema.csv"), "--version", "PIRL2025")
    file = tmp_path / "file.csv"
    file.write_text("1,IN1,20250101,20250601,00,8450.00\r\n2,IN2,20250101,20240601,00,\r\n")

    code, document = checked(str(file))

    assert code == 1
    assert document["schema"]["version"] == "PIRL2025"
    assert document["summary"]["by_rule"] == {"EC022": 1}
    assert document["not_run"]["EC104"] == "The schema has no element 400."


@pytest.mark.parametrize(
    ("rows", "headings", "version", "told"),
    [
        (TABLE, ["A", "B", "C", "D"], "PIRL2025", "headings"),
        (TABLE[2:], HEADINGS, "PIRL2025", "OBS"),
        ([*TABLE, TABLE[2]], HEADINGS, "PIRL2025", "Element 100 stands there twice"),
        ([*TABLE, ["999", "Something", "??", ""]], HEADINGS, "PIRL2025", "none of IN, AN, DT and DE"),
        ([*TABLE, ["999", "Something", "AN", ""]], HEADINGS, "PIRL2025", "no length"),
        ([*TABLE, ["12X4", "Something", "AN 2", ""]], HEADINGS, "PIRL2025", "no number"),
        (TABLE, HEADINGS, "PIRL2018", "development schema"),
    ],
)
def test_it_refuses_what_is_no_schema(sheet, boss, rows, headings, version, told):
    with pytest.raises(CommandError, match=told) as refused:
        loaded(sheet(rows, headings), "--version", version)

    assert refused.value.returncode == 2
    assert not PirlSchema.objects.exists()


def test_it_loads_a_version_once(sheet, boss):
    loaded(sheet(TABLE), "--version", "PIRL2025")

    with pytest.raises(CommandError, match="loaded already"):
        loaded(sheet(TABLE[:4]), "--version", "PIRL2025")

    assert PirlSchema.objects.get().columns == 6


def test_it_takes_a_retired_version_for_a_draft(sheet, boss):
    loaded(sheet(TABLE), "--version", "PIRL2020")

    assert schema_named("PIRL2020", PERIOD_END).development
    assert schema_named("", PERIOD_END).version == "PIRL2018"


def test_staff_find_the_schemas_that_were_loaded(sheet, boss, client):
    loaded(sheet(TABLE), "--version", "PIRL2025")
    client.force_login(boss)

    page = client.get("/admin/students/pirlschema/")
    detail = client.get(f"/admin/students/pirlschema/{PirlSchema.objects.get().pk}/change/")

    assert "PIRL2025" in page.content.decode()
    assert PirlSchema.objects.get().digest in detail.content.decode()
