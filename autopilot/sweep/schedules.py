"""Enqueue what the calendar says: each slot once, a missed run caught up once, one bad schedule stopping no other."""

import logging
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction

from autopilot import clock, schedules
from autopilot.engine import enqueue
from autopilot.engine.slots import latest_missed, next_slot
from autopilot.exceptions import AutopilotError
from autopilot.models.jobs import Job
from autopilot.models.workers import Schedule
from autopilot.storable import to_storable
from autopilot.tenants import NETWORK

logger = logging.getLogger(__name__)
LONGEST_PROBLEM = 500


def run() -> int:
    """Enqueue a job for every enabled schedule whose time has come; returns how many.

    What cannot run says why in its `problem`, and catches up once when that is mended.
    """
    enabled = Schedule.objects.filter(enabled=True, worker__enabled=True)
    return sum(attend(pk) for pk in enabled.values_list("pk", flat=True))


def attend(schedule_id: int) -> bool:
    """Enqueue what one schedule missed; returns whether it did. What is wrong with it is noted as its problem."""
    try:
        with transaction.atomic():
            return advance(Schedule.objects.select_for_update().get(pk=schedule_id))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 (whatever is wrong with one schedule must not stop the others)
        _report(schedule_id, error)
        return False


def advance(schedule: Schedule) -> bool:
    """Enqueue the latest slot that came since the schedule last ran, if one did, and note the next; returns whether.

    The schedule's row is locked by the caller. Raises ValueError, which says what to write, for one that cannot run.
    """
    schedules.check(schedule.kind, schedule.payload)
    now = clock.now()
    slot = latest_missed(schedule.cron, schedule.time_zone, since=schedule.last_slot or schedule.created_at, until=now)
    if slot is not None:
        schedule.last_job, schedule.last_run_at, schedule.last_slot = _enqueue(schedule, slot), now, slot
    schedule.next_run_at = next_slot(schedule.cron, schedule.time_zone, after=now)
    schedule.problem = ""
    schedule.save(update_fields=["last_job", "last_run_at", "last_slot", "next_run_at", "problem"])
    return slot is not None


def _enqueue(schedule: Schedule, slot: datetime) -> Job:
    return enqueue(
        schedule.kind,
        tenant_id=NETWORK,
        requester_label=f"schedule {schedule.name}",
        unique_key=f"schedule:{schedule.pk}:{slot.isoformat()}",
        **schedule.payload,
    )


def _report(schedule_id: int, error: Exception) -> None:
    """Show on the schedule why it cannot run, and log it when that is news."""
    told = str(error) if isinstance(error, ValueError | AutopilotError) else f"{type(error).__name__}: {error}"
    problem = str(to_storable(told))[:LONGEST_PROBLEM]
    if Schedule.objects.filter(pk=schedule_id).exclude(problem=problem).update(problem=problem, next_run_at=None):
        logger.error("schedule %s cannot run: %s", schedule_id, type(error).__name__)
