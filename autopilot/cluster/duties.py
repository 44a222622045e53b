"""Give each turn of a periodic duty to one process of the whole installation."""

from collections.abc import Callable
from datetime import timedelta

from autopilot import clock
from autopilot.clock import DatabaseNow
from autopilot.models.clusters import Duty


def take(name: str, interval: timedelta) -> bool:
    """Return whether it is time for a duty and this process is the one to do it; the next turn is `interval` later.

    The database's clock decides, so that a host whose own is wrong cannot keep the turn from the others.
    """
    turn = {"next_at": DatabaseNow(interval), "started_at": clock.now()}
    if Duty.objects.filter(name=name, next_at__lte=DatabaseNow()).update(**turn):
        return True
    if Duty.objects.filter(name=name).exists():
        return False
    _, created = Duty.objects.get_or_create(name=name, defaults=turn)
    return created


def perform(name: str, interval: timedelta, duty: Callable[[], object]) -> bool:
    """Do a duty if it is this process's turn; returns whether it did."""
    if not take(name, interval):
        return False
    duty()
    Duty.objects.filter(name=name).update(finished_at=clock.now())
    return True
