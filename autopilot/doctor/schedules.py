"""Schedules that do not run when they should."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from autopilot import clock, schedules
from autopilot.doctor.findings import Finding
from autopilot.engine.slots import check_cron
from autopilot.models import Schedule
from autopilot.scrubbing import scrubbed
from autopilot.sweep.schedules import attend

LATE = timedelta(minutes=5)


def silent_schedules(everything: bool) -> Iterator[Finding]:
    """Enabled schedules of enabled workers that cannot be read, or are five minutes late; these catch up once."""
    for schedule in Schedule.objects.filter(enabled=True, worker__enabled=True).order_by("pk"):
        name = f"schedule {schedule.pk}"
        if problem := _problem(schedule):
            yield Finding("schedules", name, f"It cannot run: {scrubbed(problem)}", "Mend it in the list of schedules.")
        elif schedule.next_run_at is not None and schedule.next_run_at <= clock.now() - LATE:
            text = f"It should have run at {schedule.next_run_at:%Y-%m-%d %H:%M} UTC."
            remedy = "See that a cluster runs (manage.py autopilot): its sweep reads the schedules."
            yield Finding("schedules", name, text, remedy, partial(attend, schedule.pk))


def _problem(schedule: Schedule) -> str:
    try:
        check_cron(schedule.cron, schedule.time_zone)
        schedules.check(schedule.kind, schedule.payload)
    except ValueError as error:
        return str(error)
    return schedule.problem
