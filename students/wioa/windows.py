"""The windows of the annual and the quarterly reports, as rows to print."""

from typing import Any

from students.wioa.calendar import (
    QUARTERS,
    Population,
    Quarter,
    annual_report_due,
    report_window,
    year_window,
)

COLUMNS = ("report", "population", "lag_quarters", "window_start", "window_end")
COUNTED = {
    Population.SERVED: "Participants served / MSG",
    Population.EXITED: 'Exiters counted as "exited"',
    Population.SECOND_QUARTER: "ERQ2 and median earnings (exit window)",
    Population.FOURTH_QUARTER: "ERQ4, credential, ESE (exit window)",
}


def annual_rows(year: int) -> list[dict[str, Any]]:
    """Return the windows of the annual report of a program year."""
    report = f"PY{year} annual (due {annual_report_due(year)})"
    return _rows(report, Quarter.of(year_window(year).end))


def quarterly_rows(year: int) -> list[dict[str, Any]]:
    """Return the windows of the four quarterly reports whose periods end in a program year."""
    first = Quarter.of(year_window(year).start)
    ends = [first.plus(number) for number in range(QUARTERS)]
    return [row for quarter in ends for row in _rows(f"QPR quarter ending {quarter.end} (rolling 4 quarters)", quarter)]


def _rows(report: str, ends: Quarter) -> list[dict[str, Any]]:
    windows = {population: report_window(ends, population) for population in Population}
    return [
        {
            "report": report,
            "population": COUNTED[population],
            "lag_quarters": population.lag,
            "window_start": window.start.isoformat(),
            "window_end": window.end.isoformat(),
        }
        for population, window in windows.items()
    ]
