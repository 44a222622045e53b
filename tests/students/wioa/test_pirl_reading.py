"""A file from elsewhere, whatever is wrong with it: findings, never an error of ours."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.wioa.pirl.engine import Engine
from students.wioa.pirl.reading import LONGEST_ROW, read_rows
from students.wioa.pirl.schema import development_schema
from students.wioa.pirl.writing import Unwritable, file_name, lines
from tests.students.wioa.participants import PERIOD_END, participants

pytestmark = pytest.mark.once
SCHEMA = development_schema()
ENGINE = Engine(SCHEMA, PERIOD_END)
ROWS = list(lines(participants(3), SCHEMA))


def rules(content: bytes) -> dict[str, int]:
    return ENGINE.check_file(io.BytesIO(content)).by_rule


def test_it_reads_both_ends_of_line_and_a_last_row_without_one():
    content = b"".join(ROWS)

    assert rules(content) == {}
    assert rules(content.replace(b"\r\n", b"\n")) == {}
    assert rules(content.removesuffix(b"\r\n")) == {}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", {"PV06": 1}),
        (b"\xef\xbb\xbf" + ROWS[0], {"PV02": 1}),
        (b"OBS,100\r\n" + ROWS[0], {"PV03": 1}),
        (ROWS[0].replace(b"\r\n", b",\r\n"), {"EC001": 1}),
        (ROWS[0].replace(b",", b"", 1), {"EC001": 1}),
        (b"\r\n", {"EC001": 1}),
        (ROWS[0].replace(b",,", b", ,", 1), {"EC003": 1}),
        (ROWS[0].replace(b",IN,", b',"IN ",', 1), {"EC003": 1, "PV04": 1}),
        (ROWS[0].replace(b",IN,", b",\xc9N,"), {"PV01": 1}),
        (ROWS[0].replace(b",IN,", b",\x00N,"), {"PV01": 1}),
        (ROWS[0].replace(b",IN,", b',"IN",'), {"PV04": 1}),
        (ROWS[0].replace(b",IN,", b',"IN,'), {"PV04": 1, "PV05": 1}),
        (b"1" * 3 * LONGEST_ROW, {"EC001": 1}),
        ("".join(ROWS[0].decode()).encode("utf-16"), {"PV01": 2, "PV02": 1}),
    ],
)
def test_it_names_what_is_wrong_with_the_layout(content, expected):
    assert rules(content) == expected


def test_it_reads_a_quoted_field_all_the_same():
    column = SCHEMA.index["1301"]
    fields = ROWS[0].split(b",")
    fields[column] = b'"Example, Inc."'

    report = ENGINE.check_file(io.BytesIO(b",".join(fields)))

    assert report.by_rule == {"PV04": 1}
    assert report.clean


@given(st.binary(max_size=3000))
def test_it_reads_anything(content):
    report = ENGINE.check_file(io.BytesIO(content))

    assert not report.clean
    assert sum(1 for _ in read_rows(io.BytesIO(content), 488)) == report.rows


def test_it_writes_the_columns_of_the_schema_and_nothing_else():
    [row] = lines([{"100": "IN1", "923": "00", "1704": "8450.00", "elsewhere": "x"}], SCHEMA)

    fields = row.decode().removesuffix("\r\n").split(",")
    assert len(fields) == 488
    assert {SCHEMA.elements[column].number: value for column, value in enumerate(fields) if value} == {
        "OBS": "1",
        "100": "IN1",
        "923": "00",
        "1704": "8450.00",
    }


@pytest.mark.parametrize("value", ["1234567890123", "Muñoz", "a,b", 'a"b', "a\nb"])
def test_it_writes_no_value_that_a_row_cannot_hold(value):
    with pytest.raises(Unwritable, match="Element 100") as refused:
        list(lines([{"100": value}], SCHEMA))

    assert value not in str(refused.value)


def test_it_stamps_the_name_of_a_draft_and_never_its_rows():
    assert file_name(SCHEMA, "2026-06-30") == "PIRL2018-2026-06-30-DRAFT.csv"
    assert b"DRAFT" not in b"".join(ROWS)
