"""The periodic duties: what no wake-up brought along, one duty a file, each safe to run at any time by anybody."""

import logging
import traceback
from collections.abc import Callable

from django.db import InterfaceError, OperationalError

from autopilot.sweep import (
    escalations,
    expiry,
    heartbeats,
    leases,
    ledger,
    outbox,
    reminders,
    retention,
    schedules,
    tallies,
    timers,
    webhooks,
)
from autopilot.sweep import start_by as unstarted

logger = logging.getLogger(__name__)

Duty = Callable[[], int]

# The urgent ones cost a look at a small index; a pump runs them every few seconds, between two jobs.
URGENT: dict[str, Duty] = {"leases": leases.run, "timers": timers.run}
DUTIES: dict[str, Duty] = URGENT | {
    "start_by": unstarted.run,
    "expiry": expiry.run,
    "schedules": schedules.run,
    "reminders": reminders.run,
    "escalations": escalations.run,
    "outbox": outbox.run,
    "webhooks": webhooks.run,
    "retention": retention.run,
    "heartbeats": heartbeats.run,
    "tallies": tallies.run,
    "ledger": ledger.run,
}


def run(duties: dict[str, Duty] = DUTIES) -> dict[str, int]:
    """Run the duties one after the other; returns how much each did. One that fails is logged and stops no other.

    Raises OperationalError or InterfaceError only, when the database itself is away.
    """
    done: dict[str, int] = {}
    for name, duty in duties.items():
        try:
            done[name] = duty()
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001 (a broken duty must not keep the others from theirs)
            _report(name, error)
    return done


def _report(name: str, error: Exception) -> None:
    # The frames and the type, not the text: a database quotes whole rows in its.
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("the duty %s failed: %s\n%s", name, type(error).__name__, frames)
