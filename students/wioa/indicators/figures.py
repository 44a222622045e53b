"""The figures of a report: counts, rates and medians, exact, each with how many were left out and why."""

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from students.wioa.calendar import Window
from students.wioa.indicators.facts import Facts, Gain
from students.wioa.indicators.rules import Indicator, gains_in
from students.wioa.indicators.verdicts import Counted, Verdict
from students.wioa.programs import Program

ALL = "all"
CENT, TENTH = Decimal("0.01"), Decimal("0.1")
PARTS = 1000  # tenths of a percent


@dataclass(frozen=True)
class Figure:
    """One indicator of one program, or of all; None for what it has none of.

    `denominator` counts periods of participation, and `unique` the people behind them. `median` is in dollars.
    """

    program: Program | None
    indicator: Indicator
    window: Window
    denominator: int
    numerator: int | None
    median: Decimal | None
    unique: int
    excluded: Mapping[str, int]
    by_type: Mapping[str, int]

    @property
    def rate(self) -> Decimal | None:
        """Numerator through denominator, to 28 digits; None without a denominator."""
        if self.numerator is None or not self.denominator:
            return None
        return Decimal(self.numerator) / Decimal(self.denominator)

    @property
    def percent(self) -> Decimal | None:
        """The rate in percent, cut and never rounded to a tenth. Source: RSA-TAC-20-02, scores of the adjusted levels."""
        if self.numerator is None or not self.denominator:
            return None
        return (Decimal(self.numerator * PARTS // self.denominator) / 10).quantize(TENTH)

    def row(self) -> dict[str, Any]:
        """Return it as a row of a report: plain values, amounts and rates as text."""
        return {
            "program": self.program.value if self.program else ALL,
            "indicator": self.indicator.value,
            "window_start": self.window.start.isoformat(),
            "window_end": self.window.end.isoformat(),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "rate": None if self.rate is None else f"{self.rate:.6f}",
            "percent": None if self.percent is None else str(self.percent),
            "median": None if self.median is None else str(self.median),
            "unique_participants": self.unique,
            "excluded": sum(self.excluded.values()),
            "excluded_by_reason": dict(self.excluded),
            "gains_by_type": dict(self.by_type),
        }


@dataclass
class Tally:
    """What is counted of one figure while records pass by; it keeps numbers, and nothing of a record."""

    program: Program | None
    indicator: Indicator
    window: Window
    attained: int = 0
    not_attained: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    by_type: Counter[str] = field(default_factory=Counter)
    cents: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, facts: Facts, verdict: Verdict) -> bool:
        """Count a record; returns whether it is in the denominator."""
        if verdict.counted is Counted.EXCLUDED:
            self.excluded[verdict.word] += 1
            return False
        if verdict.counted is Counted.ATTAINED:
            self.attained += 1
            self._note(facts)
        else:
            self.not_attained += 1
        return True

    def _note(self, facts: Facts) -> None:
        if self.indicator is Indicator.EARNINGS_Q2:
            self.cents.append(facts.earnings or 0)
        elif self.indicator is Indicator.GAINS:
            self.by_type.update(gain.name.lower() for gain in gains_in(facts, self.window))

    def figure(self, unique: int) -> Figure:
        """Return the figure, of so many people."""
        of_earnings = self.indicator is Indicator.EARNINGS_Q2
        counts = self.indicator.is_count or of_earnings
        types = {gain.name.lower(): self.by_type[gain.name.lower()] for gain in Gain}
        return Figure(
            self.program,
            self.indicator,
            self.window,
            denominator=self.attained + self.not_attained,
            numerator=None if counts else self.attained,
            median=median(self.cents) if of_earnings else None,
            unique=unique,
            excluded=dict(sorted(self.excluded.items())),
            by_type=types if self.indicator is Indicator.GAINS else {},
        )


def median(cents: "array[int]") -> Decimal | None:
    """Return the middle of amounts in cents, as exact dollars; between two middle ones half their sum. None of none."""
    if not cents:
        return None
    ordered = sorted(cents)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return Decimal(low + high) / 200 if (low + high) % 2 else (Decimal(low + high) / 200).quantize(CENT)
