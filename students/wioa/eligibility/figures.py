"""The figures that low income is measured by, each for the days on which it holds.

Sources: the poverty guidelines of the Department of Health and Human Services, published every January, and 70 percent of
the lower living standard income level (LLSIL), which the Department of Labor publishes by area and size of family. The
limit is the higher of the two: WIOA 3(36)(A)(ii).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from students.wioa.eligibility.rules import day, read_rows

REGIONS = {"AK": "alaska", "HI": "hawaii"}
CONTIGUOUS = "contiguous"
TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})  # for which no guideline is published


@dataclass(frozen=True)
class PovertyGuideline:
    """A year's income in dollars at which poverty ends, in a region: so much for one person and for each further one."""

    region: str
    first_person: Decimal
    each_further_person: Decimal
    effective_from: date
    effective_to: date | None
    source: str

    def of(self, family_size: int) -> Decimal:
        """Return it for a family."""
        return self.first_person + self.each_further_person * (family_size - 1)


@dataclass(frozen=True)
class LivingStandard:
    """70 percent of the LLSIL: a year's income in dollars for a family of one size in one area."""

    area: str
    family_size: int
    amount: Decimal
    effective_from: date
    effective_to: date | None
    source: str


@dataclass(frozen=True)
class Limit:
    """How much a family may earn in a year to have low income; None is a figure that is not on record."""

    poverty: Decimal | None
    standard: Decimal | None
    sources: tuple[str, ...]

    @property
    def known(self) -> list[Decimal]:
        """The figures on record."""
        return [amount for amount in (self.poverty, self.standard) if amount is not None]

    @property
    def whole(self) -> bool:
        """Whether both figures are on record, so that nothing above the higher of them can be within the limit."""
        return self.poverty is not None and self.standard is not None

    def admits(self, income: Decimal) -> bool | None:
        """Return whether a year's income is within the limit; None while the figure that might admit it is not known."""
        if any(income <= amount for amount in self.known):
            return True
        return False if self.whole else None


@dataclass(frozen=True)
class IncomeFigures:
    """All the figures on record; where several hold on a day, the one that began last counts."""

    guidelines: tuple[PovertyGuideline, ...] = ()
    standards: tuple[LivingStandard, ...] = ()

    def limit(self, *, state: str | None, area: str | None, family_size: int, on: date) -> Limit:
        """Return the limit for a family on a day; `state` is two letters, `area` one of the lower living standard."""
        guideline = self._guideline(_region(state), on)
        standard = self._standard(area, family_size, on)
        return Limit(
            guideline.of(family_size) if guideline else None,
            standard.amount if standard else None,
            tuple(each.source for each in (guideline, standard) if each),
        )

    def _guideline(self, region: str | None, on: date) -> PovertyGuideline | None:
        fitting = (each for each in self.guidelines if each.region == region and _holds(each, on))
        return max(fitting, key=_begin, default=None)

    def _standard(self, area: str | None, size: int, on: date) -> LivingStandard | None:
        fitting = (each for each in self.standards if each.area == area and each.family_size == size)
        return max((each for each in fitting if _holds(each, on)), key=_begin, default=None)


def shipped_guidelines() -> tuple[PovertyGuideline, ...]:
    """Return the poverty guidelines that come with the product."""
    return tuple(_guidelines(read_rows("poverty_guidelines.csv")))


def _guidelines(rows: Iterable[dict[str, str]]) -> Iterable[PovertyGuideline]:
    for row in rows:
        yield PovertyGuideline(
            row["region"],
            Decimal(row["first_person"]),
            Decimal(row["each_further_person"]),
            date.fromisoformat(row["effective_from"]),
            day(row["effective_to"]),
            row["source"],
        )


def _region(state: str | None) -> str | None:
    if state is None or state in TERRITORIES:
        return None
    return REGIONS.get(state, CONTIGUOUS)


def _holds(figure: PovertyGuideline | LivingStandard, on: date) -> bool:
    return figure.effective_from <= on and (figure.effective_to is None or on <= figure.effective_to)


def _begin(figure: PovertyGuideline | LivingStandard) -> date:
    return figure.effective_from
