"""What puts a student at risk, as arithmetic: no database. Severities are low, medium and high as warn, escalate, critical."""

from collections.abc import Iterable
from decimal import Decimal

ON_TRACK, BEHIND, NO_ACTIVITY = "on_track", "behind", "no_activity"
WARN, ESCALATE, CRITICAL = "warn", "escalate", "critical"
HUNDRED = Decimal(100)


def streak_of(presences: Iterable[str]) -> int:
    """Return how many absences in a row end a student's attendance; `presences` are the newest first.

    Who was excused was neither there nor missing: such a session is passed over.
    """
    streak = 0
    for presence in presences:
        if presence in ("present", "late"):
            return streak
        streak += presence == "absent"
    return streak


def level_of_streak(streak: int) -> str:
    """Return how pressing so many absences in a row are: the first is watched, from the third on somebody acts today."""
    return WARN if streak == 1 else ESCALATE if streak == 2 else CRITICAL


def verdict(required: Decimal, logged: Decimal, least_percent: int) -> str:
    """Return how a week went, by the hours that were taught and those that a student was there.

    `least_percent` is the school's own rule, 100 where it has none. A week without sessions is on track.
    """
    if not required:
        return ON_TRACK
    if not logged:
        return NO_ACTIVITY
    return ON_TRACK if logged * HUNDRED >= required * least_percent else BEHIND


def level_of_missing(days_over: int) -> str:
    """Return how pressing a paper is whose day has passed so many days ago."""
    return WARN if days_over < 4 else ESCALATE if days_over < 11 else CRITICAL


def level_of_late(days_over: int) -> str:
    """Return how pressing it is that something required is not done so many days after a cohort ended."""
    return WARN if days_over < 7 else ESCALATE if days_over < 14 else CRITICAL
