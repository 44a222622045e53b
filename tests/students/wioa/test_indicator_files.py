"""PIRL files as others write them: line ends, marks, headings, quotes, and rows that nobody can read."""

import io

import pytest

from students.wioa.indicators.facts import NEEDED
from students.wioa.indicators.files import LONGEST_ROW, read_rows, rows_of

pytestmark = pytest.mark.once
COLUMNS = [*NEEDED, "9999"]
WHOLE = ",".join("1" if element == "OBS" else "" for element in COLUMNS)


def rows(text: str):
    return [(row.line, row.record.get("OBS"), row.problem) for row in rows_of(io.StringIO(text, newline=None), COLUMNS)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_it_reads_lines_that_end_in_any_way(end):
    assert rows(f"{WHOLE}{end}{WHOLE}{end}") == [(1, "1", ""), (2, "1", "")]
    assert rows(f"{WHOLE}{end}{WHOLE}") == [(1, "1", ""), (2, "1", "")]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_it_reads_a_file_with_and_without_a_byte_order_mark(tmp_path, mark):
    file = tmp_path / "pirl.csv"
    file.write_bytes(mark + WHOLE.encode() + b"\r\n")

    assert [row.record["OBS"] for row in read_rows(file, COLUMNS)] == ["1"]


def test_it_reads_a_file_in_another_encoding(tmp_path):
    file = tmp_path / "pirl.csv"
    file.write_bytes(WHOLE.encode() + "café".encode("latin-1") + b"\n")

    assert [(row.record["OBS"], row.problem) for row in read_rows(file, COLUMNS)] == [("1", "")]


def test_it_keeps_only_what_the_indicators_ask_for():
    (row,) = rows_of(io.StringIO(WHOLE + "secret"), COLUMNS)

    assert set(row.record) == set(NEEDED)


def test_it_passes_over_blank_lines_and_a_heading():
    assert rows(f"OBS{WHOLE[1:]}\n\n{WHOLE}\n  \n") == [(3, "1", "")]


def test_it_reads_quoted_cells_and_takes_blanks_from_around_them():
    assert rows('" 1 "' + WHOLE[1:] + "\n" + '"1"' + WHOLE[1:-1] + ',"a, b"\n') == [(1, "1", ""), (2, "1", "")]


@pytest.mark.parametrize("bad", ["1,2,3", WHOLE + ",", "no comma", '"' + WHOLE, "\x00"])
def test_it_names_a_row_that_has_other_columns_and_goes_on(bad):
    found = rows(f"{WHOLE}\n{bad}\n{WHOLE}\n")

    assert [(line, obs) for line, obs, _ in found] == [(1, "1"), (2, None), (3, "1")]
    assert f"columns, and the schema has {len(COLUMNS)}" in found[1][2]


def test_it_keeps_no_more_of_a_line_than_shows_that_it_is_too_long():
    found = rows(f"{WHOLE}\n{'x' * (2 * LONGEST_ROW + 7)}\n{WHOLE}\n")

    assert [line for line, _, _ in found] == [1, 2, 3]
    assert "longer than" in found[1][2]
    assert found[2][1] == "1"
