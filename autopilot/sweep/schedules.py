"""Enqueue what the calendar says: each slot once, a missed run caught up once, one bad schedule stopping no other."""

import logging

from django.db import DatabaseError, transaction

from autopilot import clock
from autopilot.engine import enqueue
from autopilot.engine.slots import latest_missed, next_slot
from autopilot.models.workers import Schedule
from autopilot.tenants import NETWORK

logger = logging.getLogger(__name__)


def run() -> int:
    """Enqueue a job for every enabled schedule whose time has come; returns how many."""
    enabled = Schedule.objects.filter(enabled=True, worker__enabled=True)
    return sum(_attend(pk) for pk in enabled.values_list("pk", flat=True))


def _attend(schedule_id: int) -> bool:
    try:
        with transaction.atomic():
            return advance(Schedule.objects.select_for_update().get(pk=schedule_id))
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever is wrong with one schedule must not stop the others)
        logger.error("schedule %s cannot run: %s", schedule_id, type(error).__name__)
        Schedule.objects.filter(pk=schedule_id).update(problem=f"{type(error).__name__}: {error}"[:500])
        return False


def advance(schedule: Schedule) -> bool:
    """Enqueue the latest slot that came since the schedule last ran, if one did, and note the next."""
    now = clock.now()
    slot = latest_missed(
        schedule.cron, schedule.time_zone, since=schedule.last_slot or schedule.created_at, until=now
    )
    if slot is not None:
        unique_key = f"schedule:{schedule.pk}:{slot.isoformat()}"
        job = enqueue(
            schedule.kind, tenant_id=NETWORK, requester_label=f"schedule {schedule.name}", unique_key=unique_key,
            **schedule.payload,
        )  # fmt: skip
        schedule.last_job, schedule.last_run_at, schedule.last_slot = job, now, slot
    schedule.next_run_at = next_slot(schedule.cron, schedule.time_zone, after=now)
    schedule.problem = ""
    schedule.save(update_fields=["last_job", "last_run_at", "last_slot", "next_run_at", "problem"])
    return slot is not None
