"""The windows of the reports, as they are printed for three program years, and what holds for every day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.wioa.calendar import (
    Population,
    Quarter,
    Window,
    annual_report_due,
    annual_window,
    program_year,
    quarter_after_exit,
    report_window,
    year_window,
)

pytestmark = pytest.mark.once
SERVED, EXITED, SECOND, FOURTH = Population
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))
QUARTERS = st.builds(Quarter.of, DAYS)

ANNUAL = [
    (2024, SERVED, "2024-07-01", "2025-06-30"),
    (2024, EXITED, "2024-04-01", "2025-03-31"),
    (2024, SECOND, "2023-07-01", "2024-06-30"),
    (2024, FOURTH, "2023-01-01", "2023-12-31"),
    (2025, SERVED, "2025-07-01", "2026-06-30"),
    (2025, EXITED, "2025-04-01", "2026-03-31"),
    (2025, SECOND, "2024-07-01", "2025-06-30"),
    (2025, FOURTH, "2024-01-01", "2024-12-31"),
    (2026, SERVED, "2026-07-01", "2027-06-30"),
    (2026, EXITED, "2026-04-01", "2027-03-31"),
    (2026, SECOND, "2025-07-01", "2026-06-30"),
    (2026, FOURTH, "2025-01-01", "2025-12-31"),
]
QUARTERLY = [
    (Quarter(2026, 3), SERVED, "2025-10-01", "2026-09-30"),
    (Quarter(2026, 3), EXITED, "2025-07-01", "2026-06-30"),
    (Quarter(2026, 3), SECOND, "2024-10-01", "2025-09-30"),
    (Quarter(2026, 3), FOURTH, "2024-04-01", "2025-03-31"),
    (Quarter(2026, 4), SERVED, "2026-01-01", "2026-12-31"),
    (Quarter(2026, 4), EXITED, "2025-10-01", "2026-09-30"),
    (Quarter(2026, 4), SECOND, "2025-01-01", "2025-12-31"),
    (Quarter(2026, 4), FOURTH, "2024-07-01", "2025-06-30"),
    (Quarter(2027, 1), SERVED, "2026-04-01", "2027-03-31"),
    (Quarter(2027, 1), EXITED, "2026-01-01", "2026-12-31"),
    (Quarter(2027, 1), SECOND, "2025-04-01", "2026-03-31"),
    (Quarter(2027, 1), FOURTH, "2024-10-01", "2025-09-30"),
    (Quarter(2027, 2), SERVED, "2026-07-01", "2027-06-30"),
    (Quarter(2027, 2), EXITED, "2026-04-01", "2027-03-31"),
    (Quarter(2027, 2), SECOND, "2025-07-01", "2026-06-30"),
    (Quarter(2027, 2), FOURTH, "2025-01-01", "2025-12-31"),
]


def window(start: str, end: str) -> Window:
    return Window(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(("year", "population", "start", "end"), ANNUAL)
def test_it_gives_the_windows_of_the_annual_reports(year, population, start, end):
    assert annual_window(year, population) == window(start, end)


@pytest.mark.parametrize(("ends", "population", "start", "end"), QUARTERLY)
def test_it_gives_the_windows_of_the_quarterly_reports(ends, population, start, end):
    assert report_window(ends, population) == window(start, end)


@pytest.mark.parametrize(("number", "quarter"), [(1, "2026 Q2"), (2, "2026 Q3"), (3, "2026 Q4"), (4, "2027 Q1")])
@pytest.mark.parametrize("exited", [date(2026, 1, 1), date(2026, 3, 31)])
def test_it_counts_quarters_from_the_one_of_the_exit(exited, number, quarter):
    assert str(quarter_after_exit(exited, number)) == quarter


@pytest.mark.parametrize(
    ("year", "due"),
    [(2025, "2026-10-01"), (2026, "2027-10-01"), (2027, "2028-10-02"), (2021, "2022-10-03"), (2022, "2023-10-02")],
)
def test_it_moves_a_due_day_on_a_weekend_to_monday(year, due):
    assert annual_report_due(year) == date.fromisoformat(due)


@pytest.mark.parametrize("number", [0, 5])
def test_it_knows_four_quarters(number):
    with pytest.raises(ValueError, match="1 to 4"):
        Quarter(2026, number)


@given(DAYS)
def test_every_day_is_in_one_quarter_and_one_program_year(day):
    quarter = Quarter.of(day)

    assert quarter.start <= day <= quarter.end
    assert quarter.plus(1).start == quarter.end + timedelta(days=1)
    assert day in year_window(program_year(day))
    assert day not in year_window(program_year(day) + 1)


@given(QUARTERS, st.integers(-200, 200))
def test_going_on_and_back_leads_to_the_same_quarter(quarter, number):
    assert quarter.plus(number).plus(-number) == quarter
    assert (quarter.plus(number) > quarter) == (number > 0)


@given(QUARTERS, st.sampled_from(Population))
def test_every_window_has_four_whole_quarters(ends, population):
    found = report_window(ends, population)

    assert Quarter.of(found.start).start == found.start
    assert Quarter.of(found.start).plus(3).end == found.end
    assert Quarter.of(found.end).plus(population.lag) == ends


@given(QUARTERS, DAYS)
def test_an_exit_is_in_the_second_quarter_window_when_that_quarter_ends_two_before_the_report(ends, exited):
    counted = exited in report_window(ends, Population.SECOND_QUARTER)

    assert counted == (ends.plus(-5) <= quarter_after_exit(exited, 2) <= ends.plus(-2))


@given(DAYS, DAYS, DAYS)
def test_spans_overlap_when_they_share_a_day(start, one, other):
    end = max(start, one)
    year = year_window(program_year(other))

    shares = start <= year.end and end >= year.start

    assert year.overlaps(start, end) == shares
    assert year.overlaps(start, None) == (start <= year.end)
