"""Workers: whether they run, and their limits."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse

from autopilot import workers
from autopilot.admin.base import ConfigurationAdmin, badge, staff
from autopilot.admin.deeds import Answers, Deed, ReasonForm, offer
from autopilot.engine import registry
from autopilot.models import Job, Worker

STATES = {Worker.Pause.NONE: "Runs", Worker.Pause.DRAIN: "Paused", Worker.Pause.STOP: "Stopped"}


class PauseForm(ReasonForm):
    """Why a worker is paused, and what becomes of the jobs that run."""

    mode = forms.ChoiceField(
        label="Jobs that run now",
        widget=forms.RadioSelect,
        initial=Worker.Pause.DRAIN,
        choices=[(Worker.Pause.DRAIN, "Finish"), (Worker.Pause.STOP, "Stop at their next step, and go on later")],
    )


def _pause(by: User, worker: Worker, answers: Answers) -> str:
    workers.pause(worker, by=by, reason=answers["reason"], mode=answers["mode"])
    return "None of its jobs is started until somebody resumes it."


def _resume(by: User, worker: Worker, answers: Answers) -> str:
    workers.resume(worker, by=by)
    return "Its jobs are started again."


PAUSE = Deed("Pause", "Paused", "Jobs of a paused worker wait, and lose nothing.", _pause, form=PauseForm)
RESUME = Deed("Resume", "Resumed", "Jobs of a resumed worker are started again.", _resume, form=None)


@admin.register(Worker)
class WorkerAdmin(ConfigurationAdmin[Worker]):
    """The families of kinds, whether they run, and their limits."""

    list_display = ["name", "state", "jobs_in_hand", "why_paused", "concurrency", "max_attempts", "description"]
    fields = [
        "name", "kinds", "state", "why_paused", "description", "concurrency", "max_attempts",
        "retry_base_seconds", "retry_cap_seconds",
    ]  # fmt: skip
    readonly_fields = ["name", "kinds", "state", "why_paused"]
    list_select_related = ["paused_by"]
    actions = ["pause_workers", "resume_workers"]
    change_form_template = "admin/autopilot/worker.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        """Return the workers, each with the number of its jobs that are not final."""
        live = Job.objects.live().filter(worker=OuterRef("name")).order_by().values("worker")
        count = Subquery(live.annotate(count=Count("pk")).values("count"))
        return super().get_queryset(request).annotate(live_jobs=Coalesce(count, 0))

    @admin.display(description="Jobs in hand", ordering="live_jobs")
    def jobs_in_hand(self, worker: Worker) -> int:
        """Show how many of its jobs are not final."""
        return int(getattr(worker, "live_jobs", 0))

    @admin.display(description="State", ordering="enabled")
    def state(self, worker: Worker) -> str:
        """Show whether it runs, as a badge."""
        return badge("enabled" if worker.enabled else "held", STATES[Worker.Pause(worker.pause)])

    @admin.display(description="Why it is paused")
    def why_paused(self, worker: Worker) -> str:
        """Show who paused it, and why."""
        return "—" if worker.enabled else f"{worker.paused_by or 'Somebody'}: {worker.pause_reason}"

    @admin.display(description="Kinds")
    def kinds(self, worker: Worker) -> str:
        """Show what its jobs do."""
        return ", ".join(kind for kind in registry.kinds() if registry.worker_of(kind) == worker.name)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the worker's settings, with what can be done to it at once."""
        worker = self.get_object(request, unquote(object_id))
        deeds = [("pause_workers", "Pause…")] if worker and worker.enabled else [("resume_workers", "Resume")]
        more = {"deeds": deeds if self.has_control_permission(request) else [], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, more)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a worker comes with its handlers."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a worker goes with its handlers."""
        return False

    def has_control_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may pause and resume."""
        return staff(request).has_perm("autopilot.control_worker")

    @admin.action(description="Pause…", permissions=["control"])
    def pause_workers(self, request: HttpRequest, rows: QuerySet[Worker]) -> HttpResponse | None:
        """Ask why, and let nothing new of the chosen workers start."""
        return offer(self, request, rows, PAUSE)

    @admin.action(description="Resume", permissions=["control"])
    def resume_workers(self, request: HttpRequest, rows: QuerySet[Worker]) -> HttpResponse | None:
        """Let the chosen workers go on."""
        return offer(self, request, rows, RESUME)
