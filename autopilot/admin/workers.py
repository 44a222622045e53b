"""Workers: whether they run, how they do, and their limits."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from autopilot import reports
from autopilot.admin.base import ConfigurationAdmin, badge, staff
from autopilot.admin.deeds import offer
from autopilot.admin.schedule_times import Times, last_run
from autopilot.admin.worker_deeds import PAUSE, RESUME, RUN_WORKER
from autopilot.engine import registry
from autopilot.models import JobStatus, Worker
from autopilot.reports.failures import failure_groups
from autopilot.reports.moments import brief
from autopilot.reports.workers import MOST_COUNTED, Figures

if TYPE_CHECKING:
    WorkerModelForm = forms.ModelForm[Worker]
else:  # Django's own class takes no parameter when it runs
    WorkerModelForm = forms.ModelForm

STATES = {Worker.Pause.NONE: "Runs", Worker.Pause.DRAIN: "Paused", Worker.Pause.STOP: "Stopped"}
NOTHING = Figures()
MOST = 10_000
MOST_GROUPS = 5
MOST_SECONDS = 2_592_000  # thirty days


class WorkerForm(WorkerModelForm):
    """The limits of a worker; the row itself refuses what would stop it for good, and this what nobody can mean."""

    class Meta:
        labels = {
            "concurrency": "Jobs at once",
            "max_attempts": "Attempts",
            "retry_base_seconds": "First wait, seconds",
            "retry_cap_seconds": "Longest wait, seconds",
            "review_quorum": "Quorum",
            "review_due_hours": "Due after, hours",
            "alert_failed": "Failed in an hour",
            "alert_depth": "Due jobs",
            "alert_run_seconds": "Run, seconds",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.IntegerField):
                field.validators.append(MaxValueValidator(MOST_SECONDS if name.endswith("seconds") else MOST))

    def clean(self) -> dict[str, Any]:
        """Refuse a longest wait that is shorter than the first."""
        entered = super().clean() or self.cleaned_data
        base, cap = entered.get("retry_base_seconds"), entered.get("retry_cap_seconds")
        if base is not None and cap is not None and cap < base:
            self.add_error("retry_cap_seconds", f"The longest wait must be at least the first one, {base} seconds.")
        return entered


@admin.register(Worker)
class WorkerAdmin(ConfigurationAdmin[Worker]):
    """The families of kinds, whether they run, how they do, and their limits."""

    form = WorkerForm
    list_display = ["name", "state", "due", "running", "failed", "succeeded", "oldest", "description"]
    fieldsets = [
        ("About", {"fields": ["description", "kinds"]}),
        ("Limits", {"fields": ["concurrency", "max_attempts"]}),
        ("Retries", {"fields": ["retry_base_seconds", "retry_cap_seconds"]}),
        ("Reviews", {"fields": ["review_quorum", "review_due_hours"]}),
        ("Alerts", {"fields": ["alert_failed", "alert_depth", "alert_run_seconds"]}),
    ]
    readonly_fields = ["kinds"]
    list_select_related = ["paused_by"]
    actions = ["pause_workers", "resume_workers", "run_workers"]
    change_form_template = "admin/autopilot/worker.html"

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Return the list, each of its rows with its figures."""
        listed = super().get_changelist_instance(request)
        figures = reports.worker_figures()
        for worker in listed.result_list:
            worker.figures = figures.get(worker.name, NOTHING)
        return listed

    @admin.display(description="State", ordering="enabled")
    def state(self, worker: Worker) -> str:
        """Show whether it runs, or who paused it, why and when."""
        shown = badge("enabled" if worker.enabled else "held", STATES[Worker.Pause(worker.pause)])
        return shown if worker.enabled else format_html('{} <span class="quiet">{}</span>', shown, _why(worker))

    @admin.display(description="Due")
    def due(self, worker: Worker) -> str:
        """Show how many jobs could be started now."""
        due = _figures(worker).due
        return f"{due:,} or more" if due >= MOST_COUNTED else f"{due:,}"

    @admin.display(description="Running")
    def running(self, worker: Worker) -> str:
        """Show how many jobs run, and how many may."""
        running = _figures(worker).running
        return f"{running} of {worker.concurrency}" if worker.concurrency else str(running)

    @admin.display(description="Failed in the last hour")
    def failed(self, worker: Worker) -> str:
        """Show how many jobs failed lately, with the way to them."""
        failed = _figures(worker).failed
        return format_html('<a href="{}">{}</a>', _failures_of(worker), failed) if failed else "0"

    @admin.display(description="Last success")
    def succeeded(self, worker: Worker) -> str:
        """Show when a job was last completed."""
        at = _figures(worker).succeeded_at
        return brief(at) if at else "—"

    @admin.display(description="Oldest due")
    def oldest(self, worker: Worker) -> str:
        """Show since when its oldest due job waits."""
        at = _figures(worker).oldest_due
        return brief(at) if at else "—"

    @admin.display(description="Kinds")
    def kinds(self, worker: Worker) -> str:
        """Show what its jobs do."""
        return ", ".join(kind for kind in registry.kinds() if registry.worker_of(kind) == worker.name) or "—"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show how the worker does and what can be done to it at once, and below that its settings."""
        worker = self.get_object(request, unquote(object_id))
        more = self._standing(request, worker) if worker is not None else {}
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a worker comes with its handlers."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a worker goes with its handlers."""
        return False

    def has_control_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may pause, resume and run."""
        return staff(request).has_perm("autopilot.control_worker")

    @admin.action(description="Pause…", permissions=["control"])
    def pause_workers(self, request: HttpRequest, rows: QuerySet[Worker]) -> HttpResponse | None:
        """Ask why, and let nothing new of the chosen workers start."""
        return offer(self, request, rows, PAUSE)

    @admin.action(description="Resume…", permissions=["control"])
    def resume_workers(self, request: HttpRequest, rows: QuerySet[Worker]) -> HttpResponse | None:
        """Ask why, and let the chosen workers go on."""
        return offer(self, request, rows, RESUME)

    @admin.action(description="Run now…", permissions=["control"])
    def run_workers(self, request: HttpRequest, rows: QuerySet[Worker]) -> HttpResponse | None:
        """Ask why, and enqueue what the schedules of the chosen workers enqueue."""
        return offer(self, request, rows, RUN_WORKER)

    def _standing(self, request: HttpRequest, worker: Worker) -> dict[str, Any]:
        schedules = worker.schedules.select_related("last_job")
        groups = failure_groups(worker.name).groups
        return {
            "deeds": self._deeds(worker) if self.has_control_permission(request) else [],
            "why_paused": _why(worker) if not worker.enabled else "",
            "stops": worker.pause == Worker.Pause.STOP,
            "figures": reports.worker_figures().get(worker.name, NOTHING),
            "schedules": [(each, Times(each), last_run(each)) for each in schedules],
            "failures": [(each, _failures_of(worker, each.filters)) for each in groups[:MOST_GROUPS]],
            "failures_address": _failures_of(worker),
        }

    def _deeds(self, worker: Worker) -> list[tuple[str, str]]:
        state = ("pause_workers", "Pause…") if worker.enabled else ("resume_workers", "Resume…")
        return [state, ("run_workers", "Run now…")]


def _figures(worker: Worker) -> Figures:
    figures: Figures = getattr(worker, "figures", NOTHING)
    return figures


def _why(worker: Worker) -> str:
    when = f", {brief(worker.paused_at)}" if worker.paused_at else ""
    return (
        f"{worker.paused_by or 'Somebody'}: {worker.pause_reason} ({STATES[Worker.Pause(worker.pause)].lower()}{when})"
    )


def _failures_of(worker: Worker, filters: dict[str, str] | None = None) -> str:
    chosen = {"status__exact": JobStatus.FAILED, "worker": worker.name} | (filters or {})
    return f"{reverse('admin:autopilot_job_changelist')}?{urlencode(chosen)}"
