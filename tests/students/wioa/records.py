"""Records for tests: somebody who entered, trained, exited in 2024 and whose outcomes are known."""

from students.wioa.calendar import Quarter
from students.wioa.indicators.figures import Figure
from students.wioa.indicators.reckoning import Trace, reckon
from students.wioa.indicators.rules import Indicator
from students.wioa.programs import Program

ENDS = Quarter(2026, 2)
EXITER = {
    "OBS": "1",
    "100": "IN00000001",
    "408": "1",
    "900": "20230901",
    "901": "20241001",
    "903": "1",
    "904": "0",
    "905": "0",
    "923": "00",
    "1303": "06",
    "1332": "0",
    "1401": "0",
    "1600": "1",
    "1602": "1",
    "1603": "1",
    "1604": "1",
    "1606": "1",
    "1607": "1",
    "1618": "1",
    "1704": "7500.00",
    "1800": "4",
    "1801": "20241015",
    "1811": "20231001",
    "1813": "20240930",
}
# Served within the four quarters of the report, and in training then.
TRAINEE = {
    "OBS": "2",
    "100": "IN00000002",
    "900": "20250901",
    "903": "1",
    "904": "0",
    "905": "0",
    "923": "",
    "1811": "20251001",
}


def exiter(**changes: str) -> dict[str, str]:
    """Return somebody who exited; `e1602="0"` sets element 1602."""
    return EXITER | {name.removeprefix("e"): text for name, text in changes.items()}


def trainee(**changes: str) -> dict[str, str]:
    """Return somebody in training, with changes as `exiter` takes them."""
    return TRAINEE | {name.removeprefix("e"): text for name, text in changes.items()}


def figure(
    indicator: Indicator, *records: dict[str, str], program: Program | None = Program.ADULT, ends: Quarter = ENDS
) -> Figure:
    """Return one figure of some records."""
    found = reckon(records, ends=ends).figures
    return next(each for each in found if (each.program, each.indicator) == (program, indicator))


def counts(
    indicator: Indicator, *records: dict[str, str], program: Program | None = Program.ADULT, ends: Quarter = ENDS
) -> tuple[int | None, int]:
    """Return numerator and denominator of a figure."""
    found = figure(indicator, *records, program=program, ends=ends)
    return found.numerator, found.denominator


def reason(indicator: Indicator, record: dict[str, str], program: str = "adult") -> str | None:
    """Return why a record counts in an indicator as it does; None where it is not of its population."""
    lines: list[Trace] = []
    reckon([record], ends=ENDS, told=lines.append)
    found = [each.reason for each in lines if (each.program, each.indicator) == (program, indicator.value)]
    return found[0] if found else None
