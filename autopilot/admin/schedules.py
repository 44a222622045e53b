"""Schedules: what runs by the calendar."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from autopilot import clock, workers
from autopilot.admin.base import ConfigurationAdmin, badge
from autopilot.admin.filters import WorkerFilter
from autopilot.engine import registry
from autopilot.engine.slots import next_slot
from autopilot.models import Schedule
from autopilot.reports.moments import when

if TYPE_CHECKING:
    ScheduleModelForm = forms.ModelForm[Schedule]
else:  # Django's own class takes no parameter when it runs
    ScheduleModelForm = forms.ModelForm

SOME_SLOTS = 3


class ScheduleForm(ScheduleModelForm):
    """A schedule whose kind exists, whose payload fits it and whose times come."""

    kind = forms.ChoiceField(help_text="What is enqueued; its worker follows from it.")
    time_zone = forms.ChoiceField(help_text="Whose clock the times are read on.")

    class Meta:
        model = Schedule
        fields = ["name", "kind", "payload", "cron", "time_zone", "enabled"]
        widgets = {"payload": forms.Textarea(attrs={"rows": 4, "cols": 60})}
        help_texts = {"payload": "What the kind is given, as a JSON object; {} for nothing."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "payload" in self.fields:  # not for those who may only look
            self.fields["payload"].show_hidden_initial = False
        # One that is stored is offered even if nothing knows it any more, so that it is refused and not replaced.
        self._offer("kind", registry.kinds(), self.instance.kind)
        self._offer("time_zone", sorted(available_timezones()), self.instance.time_zone)

    def clean(self) -> dict[str, Any]:
        """Refuse, beside its field, what could not run."""
        entered = super().clean() or self.cleaned_data
        if not isinstance(entered.get("payload"), dict) and "payload" in entered:
            self.add_error("payload", 'Write a JSON object, as {} or {"subject": "monthly"}.')
        elif "kind" in entered and "payload" in entered:
            self._check("payload", lambda: workers.check_schedule(entered["kind"], entered["payload"]))
        if "cron" in entered and "time_zone" in entered:
            self._check("cron", lambda: next_slot(entered["cron"], entered["time_zone"], clock.now()))
        return entered

    def save(self, commit: bool = True) -> Schedule:
        """Save the schedule under the worker of its kind; the sweep works out its next time anew."""
        self.instance.worker_id = registry.worker_of(self.cleaned_data["kind"])
        return super().save(commit)

    def _check(self, name: str, check: Callable[[], object]) -> None:
        try:
            check()
        except ValueError as problem:
            self.add_error(name, str(problem))

    def _offer(self, name: str, values: list[str], stored: str) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            offered = values if stored in values or not stored else [stored, *values]
            field.choices = [(value, value) for value in offered]
            field.initial = stored


@admin.register(Schedule)
class ScheduleAdmin(ConfigurationAdmin[Schedule]):
    """What runs by the calendar."""

    form = ScheduleForm
    list_display = ["name", "kind", "cron", "time_zone", "state", "next_run", "last_run_at"]
    list_filter = ["enabled", WorkerFilter]
    search_fields = ["name", "kind"]
    fields = ["name", "kind", "payload", "cron", "time_zone", "enabled", "next_runs", "last_run_at", "problem"]
    readonly_fields = ["next_runs", "last_run_at", "problem"]

    @admin.display(description="State", ordering="enabled")
    def state(self, schedule: Schedule) -> str:
        """Show whether it runs, or what keeps it from running."""
        if schedule.problem:
            return format_html("{} {}", badge("fail", "Cannot run"), schedule.problem)
        return badge("enabled", "Runs") if schedule.enabled else badge("held", "Off")

    @admin.display(description="Next run")
    def next_run(self, schedule: Schedule) -> str:
        """Show when it runs next."""
        return self._slots(schedule, 1) if schedule.enabled else "—"

    @admin.display(description="Next runs")
    def next_runs(self, schedule: Schedule) -> str:
        """Show the next few times, so that a mistaken expression is seen."""
        return self._slots(schedule, SOME_SLOTS) if schedule.pk else "Shown once it is saved."

    def get_readonly_fields(self, request: HttpRequest, obj: Schedule | None = None) -> list[str]:
        """Return what nobody enters."""
        return ["next_runs", "last_run_at", "problem"]

    def _slots(self, schedule: Schedule, count: int) -> str:
        slots, after = [], clock.now()
        try:
            for _ in range(count):
                after = next_slot(schedule.cron, schedule.time_zone, after)
                slots.append(when(after))
        except ValueError as problem:
            return str(problem)
        return "; ".join(slots)
