"""A table for a spreadsheet holds no formula, whatever people wrote."""

import csv

import pytest

from autopilot.spreadsheets import lines

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "text", ["=1+1", "==HYPERLINK()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＠x", "\u00a0=1"]
)
def test_it_takes_the_edge_off_a_formula(text):
    (_, row) = csv.reader(lines(["a"], [[text]]))

    assert row == [f"'{text}"]


@pytest.mark.parametrize("text", ["plain", "", "a=b", "1-1", "“=1”", 'with "quotes", and commas'])
def test_it_leaves_harmless_text_alone(text):
    (_, row) = csv.reader(lines(["a", "b"], [[text, 7]]))

    assert row == [text, "7"]


def test_it_writes_nothing_for_none():
    assert list(lines(["a", "b"], [[None, 1]])) == ["a,b\r\n", ",1\r\n"]
