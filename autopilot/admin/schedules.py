"""Schedules: what runs by the calendar, when, and what became of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from autopilot import schedules
from autopilot.admin.base import ConfigurationAdmin, badge, staff
from autopilot.admin.deeds import offer
from autopilot.admin.filters import WorkerFilter
from autopilot.admin.schedule_times import PREVIEWED, Times, last_run, on_both_clocks
from autopilot.admin.worker_deeds import ENABLE_SCHEDULE, PAUSE_SCHEDULE, RUN_SCHEDULE
from autopilot.engine import registry
from autopilot.models import AuditEntry, Schedule
from autopilot.reports.moments import brief

if TYPE_CHECKING:
    ScheduleModelForm = forms.ModelForm[Schedule]
else:  # Django's own class takes no parameter when it runs
    ScheduleModelForm = forms.ModelForm

PREVIEW = "_preview"


class ScheduleForm(ScheduleModelForm):
    """A schedule whose kind exists, whose payload fits it and whose times come."""

    kind = forms.ChoiceField(help_text="What is enqueued; its worker follows from it.")
    time_zone = forms.ChoiceField(help_text="Whose clock the times are read on.")

    class Meta:
        model = Schedule
        fields = ["name", "kind", "payload", "cron", "time_zone"]
        widgets = {"payload": forms.Textarea(attrs={"rows": 4, "cols": 60})}
        help_texts = {"payload": "What the kind is given, as a JSON object; {} for nothing."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "payload" in self.fields:  # not for those who may only look
            self.fields["payload"].show_hidden_initial = False
        self.preview: list[str] = []
        # One that is stored is offered even if nothing knows it any more, so that it is refused and not replaced.
        self._offer("kind", registry.kinds(), self.instance.kind)
        self._offer("time_zone", sorted(available_timezones()), self.instance.time_zone)

    def clean(self) -> dict[str, Any]:
        """Refuse, beside its field, what could not run."""
        entered = super().clean() or self.cleaned_data
        if not isinstance(entered.get("payload"), dict) and "payload" in entered:
            self.add_error("payload", 'Write a JSON object, as {} or {"subject": "monthly"}.')
        elif "kind" in entered and "payload" in entered:
            self._check("payload", lambda: schedules.check(entered["kind"], entered["payload"]))
        if "cron" in entered and "time_zone" in entered:
            self._check("cron", lambda: self._look_ahead(entered["cron"], entered["time_zone"]))
        return entered

    def is_valid(self) -> bool:
        """Return whether the schedule can be saved: never while its times are only looked at."""
        return super().is_valid() and PREVIEW not in self.data

    def save(self, commit: bool = True) -> Schedule:
        """Save the schedule under the worker of its kind; the sweep works out its next time anew."""
        self.instance.worker_id = registry.worker_of(self.cleaned_data["kind"])
        return super().save(commit)

    def _look_ahead(self, cron: str, zone: str) -> None:
        self.preview = [on_both_clocks(slot, zone) for slot in schedules.upcoming(cron, zone, PREVIEWED)]

    def _check(self, name: str, check: Callable[[], object]) -> None:
        try:
            check()
        except ValueError as problem:
            self.add_error(name, str(problem))

    def _offer(self, name: str, values: list[str], stored: str) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            offered = values if stored in values or not stored else [stored, *values]
            field.choices = [(value, value) for value in offered]
            field.initial = stored


@admin.register(Schedule)
class ScheduleAdmin(ConfigurationAdmin[Schedule]):
    """What runs by the calendar."""

    form = ScheduleForm
    list_display = ["name", "kind", "times", "state", "next_run", "last_run"]
    list_filter = ["enabled", WorkerFilter]
    list_select_related = ["last_job", "worker"]
    search_fields = ["name", "kind"]
    fields = ["name", "kind", "payload", "cron", "time_zone"]
    actions = ["run_schedules", "pause_schedules", "enable_schedules"]
    change_form_template = "admin/autopilot/schedule.html"

    class Media:
        css = {"all": ["provost/operations.css"]}

    @admin.display(description="State", ordering="enabled")
    def state(self, schedule: Schedule) -> str:
        """Show whether it runs, or what keeps it from running."""
        if not schedule.enabled:
            return badge("held", "Paused")
        if schedule.problem:
            return format_html("{} {}", badge("fail", "Cannot run"), schedule.problem)
        if not schedule.worker.enabled:
            return format_html("{} {}", badge("held", "Waits"), "its worker is paused")
        return badge("enabled", "Runs")

    @admin.display(description="Cron")
    def times(self, schedule: Schedule) -> str:
        """Show its expression in one line."""
        return format_html('<code class="unbroken">{}</code>', schedule.cron)

    @admin.display(description="Next run", ordering="next_run_at")
    def next_run(self, schedule: Schedule) -> str:
        """Show when it runs next, on its own clock and on the reader's."""
        return str(Times(schedule)) if schedule.enabled and not schedule.problem else "—"

    @admin.display(description="Last run", ordering="last_run_at")
    def last_run(self, schedule: Schedule) -> str:
        """Show when it last ran, and what became of that."""
        return last_run(schedule)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show how the schedule stands and what can be done to it at once, and below that its settings."""
        schedule = self.get_object(request, unquote(object_id))
        more = self._standing(request, schedule) if schedule is not None else {}
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def has_control_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may run, pause and enable."""
        return staff(request).has_perm(schedules.PERMISSION)

    @admin.action(description="Run now…", permissions=["control"])
    def run_schedules(self, request: HttpRequest, rows: QuerySet[Schedule]) -> HttpResponse | None:
        """Ask why, and enqueue what the chosen schedules enqueue."""
        return offer(self, request, rows, RUN_SCHEDULE)

    @admin.action(description="Pause…", permissions=["control"])
    def pause_schedules(self, request: HttpRequest, rows: QuerySet[Schedule]) -> HttpResponse | None:
        """Ask why, and let the calendar pass the chosen schedules by."""
        return offer(self, request, rows, PAUSE_SCHEDULE)

    @admin.action(description="Enable…", permissions=["control"])
    def enable_schedules(self, request: HttpRequest, rows: QuerySet[Schedule]) -> HttpResponse | None:
        """Ask why, and let the chosen schedules run at their times again."""
        return offer(self, request, rows, ENABLE_SCHEDULE)

    def _standing(self, request: HttpRequest, schedule: Schedule) -> dict[str, Any]:
        state = ("pause_schedules", "Pause…") if schedule.enabled else ("enable_schedules", "Enable…")
        deeds = [("run_schedules", "Run now…"), state]
        return {
            "deeds": deeds if self.has_control_permission(request) else [],
            "state": self.state(schedule),
            "why_paused": "" if schedule.enabled else _why_paused(schedule),
            "times": Times(schedule, PREVIEWED),
            "last": last_run(schedule),
        }


def _why_paused(schedule: Schedule) -> str:
    """Return who paused a schedule, why and when, as the audit knows it."""
    deeds = AuditEntry.objects.filter(subject_type=Schedule._meta.label, subject_id=str(schedule.pk))
    entry = deeds.filter(name="autopilot.schedule.paused").first()
    return f"{entry.actor_label}: {entry.data.get('reason', '')} ({brief(entry.at)})" if entry else ""
