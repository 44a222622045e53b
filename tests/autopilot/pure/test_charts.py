"""What the charts of the dashboard draw."""

import re

import pytest

from autopilot.views.charts import HEIGHT, SEEN, WIDTH, lines, share_of, stacked

pytestmark = pytest.mark.once


def test_it_stacks_the_two_counts_of_an_hour():
    [column], scale = stacked([(6, 2)], ["6 and 2"])

    assert scale.marks == ["10", "5", "0"]
    assert (column.lower.height, column.upper.height) == (120.0, 40.0)
    assert column.lower.y + column.lower.height == HEIGHT
    assert column.upper.y + column.upper.height == column.lower.y
    assert (column.strip.width, column.hint) == (WIDTH, "6 and 2")


def test_it_lets_one_among_thousands_be_seen_and_none_not():
    [one, none], scale = stacked([(9000, 1), (9000, 0)], ["", ""])

    assert (one.upper.height, none.upper.height) == (SEEN, 0.0)
    assert scale.marks[0] == "10,000"


@pytest.mark.parametrize(
    ("most", "top"), [(0, "4"), (4, "4"), (5, "5"), (10, "10"), (11, "20"), (50, "50"), (51, "100"), (999, "1,000")]
)
def test_it_ends_its_scale_at_a_round_number(most, top):
    _, scale = stacked([(most, 0)], [""])

    assert scale.marks[0] == top


def test_it_draws_nothing_of_nothing():
    columns, scale = stacked([], [])

    assert (columns, scale.marks) == ([], ["4", "2", "0"])
    assert lines([], [])[0] == ["", ""]


def test_it_draws_lengths_on_a_scale_of_powers_of_ten():
    [path], scale = lines([0.1, 1.0, 10.0])

    assert scale.marks == ["10 s", "1 s", "100 ms"]
    assert re.findall(r"L[\d.]+ ([\d.]+)", path) == ["200.0", "100.0", "0.0"]


def test_it_breaks_a_line_where_nothing_was_measured():
    [path], _ = lines([1.0, None, 1.0, 1.0])

    assert path.count("M") == 2
    assert path.count("L") == 3


def test_it_gives_bars_their_share():
    assert [share_of(count, 8) for count in (0, 2, 8)] == [0.0, 25.0, 100.0]
    assert share_of(0, 0) == 0.0
