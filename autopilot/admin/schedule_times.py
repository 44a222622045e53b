"""When schedules run and ran, as people read it: on the schedule's own clock, and on theirs where that differs."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.html import format_html

from autopilot import schedules
from autopilot.admin.base import badge
from autopilot.models import Schedule
from autopilot.reports.moments import brief

PREVIEWED = 5
AS_PEOPLE_READ_IT = "D, N j, Y, g:i a T"


class Times:
    """The next times of a schedule; what keeps it from running is said instead of them."""

    def __init__(self, schedule: Schedule, count: int = 1) -> None:
        self.problem, self.slots = "", list[str]()
        try:
            slots = schedules.upcoming(schedule.cron, schedule.time_zone, count)
        except ValueError as problem:
            self.problem = str(problem)
        else:
            self.slots = [on_both_clocks(slot, schedule.time_zone) for slot in slots]

    def __str__(self) -> str:
        return self.problem or "; ".join(self.slots)


def on_both_clocks(at: datetime, zone: str) -> str:
    """Return a time as the clock of a zone shows it, and in brackets as the reader's does, if that is another."""
    there, here = at.astimezone(ZoneInfo(zone)), timezone.localtime(at)
    shown = dateformat.format(there, AS_PEOPLE_READ_IT)
    same = there.replace(tzinfo=None) == here.replace(tzinfo=None)
    return shown if same else f"{shown} ({dateformat.format(here, 'D, g:i a T')} here)"


def last_run(schedule: Schedule) -> str:
    """Return when a schedule last ran, and what became of its job."""
    if schedule.last_run_at is None:
        return "Never"
    if schedule.last_job is None:
        return format_html('{} <span class="quiet">its job is deleted</span>', brief(schedule.last_run_at))
    job = schedule.last_job
    address = reverse("admin:autopilot_job_change", args=[job.pk])
    outcome = badge(job.status, job.get_status_display())
    return format_html('<a href="{}">{}</a> {}', address, brief(schedule.last_run_at), outcome)
