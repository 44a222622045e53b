"""Cells that no spreadsheet takes for a formula."""

import csv
import io

import openpyxl
import pytest

from autopilot.spreadsheets import csv_lines, safe_cell, workbook

pytestmark = pytest.mark.once


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\ufeff="])
def test_it_puts_an_apostrophe_before_what_might_be_a_formula(begin):
    assert safe_cell(f"{begin}1+1") == f"'{begin}1+1"


@pytest.mark.parametrize(("value", "cell"), [("a=b", "a=b"), (-3, -3), (0.5, 0.5), (None, ""), ("", ""), (True, True)])
def test_it_leaves_what_is_harmless(value, cell):
    assert safe_cell(value) == cell


def test_it_writes_lines_that_read_back():
    rows = [["a", 'say "hi", you'], ["=x", "two\nlines"]]

    read = list(csv.reader(io.StringIO("".join(csv_lines(rows)))))

    assert read == [["a", 'say "hi", you'], ["'=x", "two\nlines"]]


def test_it_writes_a_workbook_without_formulas():
    rows = [["Name", "Hours"], ["=1+1", 4], ["a\x00b", 0.5]]

    sheet = openpyxl.load_workbook(io.BytesIO(workbook(rows, title="A/B"))).active

    assert [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()] == [
        [("Name", "s"), ("Hours", "s")],
        [("'=1+1", "s"), (4, "n")],
        [("a b", "s"), (0.5, "n")],
    ]
    assert sheet.title == "A B"
