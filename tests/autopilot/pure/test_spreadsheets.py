"""Cells that no spreadsheet takes for a formula."""

import csv
import io

import pytest

from autopilot.spreadsheets import csv_lines, safe_cell

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
