"""Cells that no spreadsheet takes for a formula."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from autopilot.spreadsheets import csv_lines, safe_cell, workbook

pytestmark = pytest.mark.once


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\ufeff="])
def test_it_puts_an_apostrophe_before_what_might_be_a_formula(begin):
    assert safe_cell(f"{begin}1+1") == f"'{begin}1+1"


@pytest.mark.parametrize(
    ("value", "cell"),
    [("a=b", "a=b"), (-3, -3), (0.5, 0.5), (Decimal("-3.10"), Decimal("-3.10")), (None, ""), ("", ""), (True, True)],
)
def test_it_leaves_what_is_harmless(value, cell):
    assert safe_cell(value) == cell


def test_it_writes_lines_that_read_back():
    rows = [["a", 'say "hi", you'], ["=x", "two\nlines"]]

    read = list(csv.reader(io.StringIO("".join(csv_lines(rows)))))

    assert read == [["a", 'say "hi", you'], ["'=x", "two\nlines"]]


def test_it_writes_a_workbook_without_formulas():
    rows: list[list[Any]] = [
        ["Name", "Amount", "Day"],
        ["=1+1", Decimal("-3.10"), date(2026, 11, 20)],
        ["a\x00b", None, ""],
    ]

    sheet = load_workbook(io.BytesIO(workbook(rows, title="All: [of] it"))).active

    assert [cell.value for cell in sheet[2]][:2] == ["'=1+1", -3.1]
    assert sheet["C2"].value.date() == date(2026, 11, 20)
    assert sheet["A3"].value == "a b"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
