"""Uploaded tables: read as they were meant, or refused with what to do; a bomb costs little, and only its process."""

import io
import time
import zipfile
from datetime import datetime

import openpyxl
import pytest

from autopilot.sheets.desk import LIMITS, MOST_BYTES, read_table
from autopilot.sheets.shapes import SheetRow, SheetUnusable

pytestmark = pytest.mark.once
OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
BILLION = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + "ha" * 50 + '">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 50}">' for before, name in zip("abcdefg", "bcdefgh", strict=True))
    + ']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&h;</t></is></c></row></sheetData></worksheet>'
)  # fmt: skip


def workbook(*rows):
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def with_sheet(sheet: bytes) -> bytes:
    """Return a workbook whose first sheet is other XML."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["x"]))) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, sheet if part.filename.endswith("sheet1.xml") else old.read(part.filename))
    return made.getvalue()


def refused(content, name="roster.csv"):
    with pytest.raises(SheetUnusable) as refusal:
        read_table(content, name)
    assert len(str(refusal.value)) > 20
    return refusal.value


@pytest.mark.parametrize(
    "content",
    [
        "Name,City\r\nJosé,Gary\r\n".encode(),
        "Name;City\nJosé;Gary\n".encode("utf-8-sig"),
        "Name\tCity\nJosé\tGary\n".encode("utf-16"),
        '\n"Name",City\n\n José ," Gary"\n,\n'.encode(),
    ],
)
def test_it_reads_text(content):
    rows = read_table(content, "Roster.CSV")

    assert [row.cells for row in rows] == [("Name", "City"), ("José", "Gary")]


def test_it_tells_the_line_on_which_a_row_begins():
    rows = read_table(b'a,b\n"two\nlines",x\n\nlast,y\n', "a.csv")

    assert [(row.line, row.cells[0]) for row in rows] == [(1, "a"), (2, "two\nlines"), (5, "last")]


def test_it_reads_the_first_sheet_of_a_workbook():
    content = workbook(
        ["Name", "Born", "Number"], ["José", datetime(2001, 2, 3), 7.0], [None, None, None], ["x", "y", True]
    )

    rows = read_table(content, "a.xlsx")

    assert [(row.line, row.cells) for row in rows] == [
        (1, ("Name", "Born", "Number")), (2, ("José", "2001-02-03", "7")), (4, ("x", "y", "True")),
    ]  # fmt: skip


def test_it_names_formulas_and_never_reckons_them():
    rows = read_table(workbook(["a", "b"], ["=1+1", '=HYPERLINK("http://x")']), "a.xlsx")

    assert rows[1] == SheetRow(2, ("=1+1", '=HYPERLINK("http://x")'), frozenset({0, 1}))


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"a,b", "a.xls", "no_table"),
        (b"", "a.csv", "size"),
        (b"x" * (MOST_BYTES + 1), "a.csv", "size"),
        (b"a,b\n\0,x", "a.csv", "no_table"),
        (b"a,b\nx\ny\xe9\n", "a.csv", "encoding"),
        (b'a,b\n"open', "a.csv", "damaged"),
        (b"a,b\nc,d", "a.xlsx", "no_table"),
        (with_sheet(OPEN + b"<row>"), "a.xlsx", "damaged"),
        (b"a\n" + b"x\n" * 10_001, "a.csv", "too_many_rows"),
    ],
)
def test_it_says_what_to_do_about_what_it_cannot_read(content, name, code):
    assert refused(content, name).code == code


def test_it_names_the_line_that_is_in_another_encoding():
    assert "Line 3 " in str(refused(b"a,b\nx\ny\xe9\n"))


FLOOD = OPEN + b"<row><c><v>1</v></c></row>" * 2_900_000
BOMBS = {
    "unpacks to 150 MB": lambda: with_sheet(FLOOD * 2),
    "three million rows": lambda: with_sheet(FLOOD),
    "a billion laughs": lambda: with_sheet(BILLION.encode()),
}


@pytest.mark.alone
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_the_limits(name):
    content = BOMBS[name]()
    assert len(content) < MOST_BYTES
    began = time.monotonic()

    refusal = refused(content, "a.xlsx")

    assert time.monotonic() - began < 5
    assert refusal.code in {"too_much", "too_many_rows", "damaged"}
    assert LIMITS.memory_bytes <= 300_000_000


@pytest.mark.alone
def test_a_huge_cell_is_cut():
    cell = b'<c r="A1" t="inlineStr"><is><t>' + b"x" * 70_000_000 + b"</t></is></c>"
    content = with_sheet(OPEN + b'<row r="1">' + cell + b"</row></sheetData></worksheet>")

    rows = read_table(content, "a.xlsx")

    assert [len(each) for each in rows[0].cells] == [1000]


def test_ten_thousand_rows_are_no_bomb():
    rows = [["Ann", f"Lee {number}", f"ann{number}@example.org", "", "wioa", f"R-{number}"] for number in range(10_000)]

    read = read_table(workbook(["a", "b", "c", "d", "e", "f"], *rows), "a.xlsx")

    assert len(read) == 10_001
