"""How a figure stands to the level that was negotiated for it."""

from decimal import Decimal
from enum import Enum

from students.wioa.indicators.figures import Figure
from students.wioa.indicators.rules import Indicator

TENTH = Decimal("0.1")


class Standing(Enum):
    """How far a figure is from its target; by the part of the target that it reaches, in percent."""

    EXCEEDS = "exceeds"  # 110 or more
    MEETS = "meets"  # 100 or more
    BELOW = "below"  # 80 or more
    CRITICAL = "critical"
    UNKNOWN = "unknown"  # without a figure or without a target


FROM: tuple[tuple[int, Standing], ...] = ((110, Standing.EXCEEDS), (100, Standing.MEETS), (80, Standing.BELOW))


def level_of(figure: Figure) -> Decimal | None:
    """Return what is compared with a target: percent, or for median earnings dollars; None without anybody counted."""
    return figure.median if figure.indicator is Indicator.EARNINGS_Q2 else figure.percent


def reached(level: Decimal | None, target: Decimal | None) -> Decimal | None:
    """Return how much of a target a level reaches, in percent cut to a tenth; None where one of them is missing."""
    if level is None or not target:
        return None
    return (level * 1000 // target / 10).quantize(TENTH)


def standing(level: Decimal | None, target: Decimal | None) -> Standing:
    """Return how a level stands to its target: cut, and never rounded up into a better standing."""
    part = reached(level, target)
    if part is None:
        return Standing.UNKNOWN
    return next((found for least, found in FROM if part >= least), Standing.CRITICAL)
