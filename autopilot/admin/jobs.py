"""Jobs as staff see them: what each waits for, all that happened to it, and the few things that can be done."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from autopilot import clock, reports
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.admin.deeds import offer
from autopilot.admin.filters import (
    CreatedFilter,
    FingerprintFilter,
    KeyFilter,
    KindFilter,
    ParentFilter,
    PriorityFilter,
    ReasonFilter,
    TenantFilter,
    WaitFilter,
    WorkerFilter,
)
from autopilot.admin.job_deeds import CANCEL, HOLD, RELEASE, REQUEUE
from autopilot.models import FINAL, Job, JobStatus, Worker
from autopilot.reports.job_search import search_jobs
from autopilot.reports.jobs import MOST_MOMENTS
from autopilot.reports.moments import brief

MOST_RUNS = 50
LAST_DIGITS = 8


class JobList(ChangeList):
    """The list, and how it understood what was searched for."""

    search_told = ""

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str | None] | None = None) -> QuerySet[Job]:
        """Return the jobs that the filters leave, and of those the ones that are searched for."""
        rows: QuerySet[Job] = super().get_queryset(request, exclude_parameters)
        if self.query.strip():
            rows, self.search_told = search_jobs(rows, self.query)
        return rows


@admin.register(Job)
class JobAdmin(PageAdmin[Job]):
    """The list of jobs, and one of them with its history."""

    list_display = ["name", "state", "waiting", "priority", "runs", "asked_by", "created_at"]
    list_filter = [
        "status", WorkerFilter, KindFilter, CreatedFilter, WaitFilter, PriorityFilter,
        FingerprintFilter, ReasonFilter, KeyFilter, ParentFilter, TenantFilter,
    ]  # fmt: skip
    search_fields = ["pk"]  # there is a search; what it means is told by `search_jobs`
    search_help_text = "An id or its end, a unique key, a kind, a fingerprint, or a part of an error"
    sortable_by = ["created_at"]  # by anything else, a million jobs would be sorted
    page_template = "admin/autopilot/job.html"
    actions = ["cancel_jobs", "hold_jobs", "release_jobs", "requeue_jobs"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that searches by index."""
        return JobList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        """Leave the search to the list, which knows all filters."""
        return queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, and above it which workers are paused."""
        paused = Worker.objects.filter(enabled=False).select_related("paused_by")
        return super().changelist_view(request, {"paused_workers": paused, **(extra_context or {})})

    @admin.display(description="Job")
    def name(self, job: Job) -> str:
        """Show the kind, and the end of the id, by which jobs of a kind are told apart."""
        return format_html('{} <span class="quiet">…\u2060{}</span>', job.kind, str(job.pk)[-LAST_DIGITS:])

    @admin.display(description="Status")
    def state(self, job: Job) -> str:
        """Show the status as a badge; a held job is shown as held."""
        return badge("held", "Held") if job.held_at else badge(job.status, job.get_status_display())

    @admin.display(description="Detail")
    def waiting(self, job: Job) -> str:
        """Show what a waiting job waits for, and why a failed one failed."""
        if job.held_at:
            return job.hold_reason
        if job.status == JobStatus.PENDING:
            return "A free process" if job.scheduled_for <= clock.now() else brief(job.scheduled_for)
        if job.status == JobStatus.RUNNING:
            return "Its own end"
        return (job.get_wait_reason_display() if job.wait_reason else job.reason.replace("_", " ")).capitalize()

    @admin.display(description="Attempts")
    def runs(self, job: Job) -> str:
        """Show how many of its attempts are used."""
        return f"{job.attempt} of {job.max_attempts}"

    @admin.display(description="Requested by")
    def asked_by(self, job: Job) -> str:
        """Show who asked for it."""
        return job.requester_label or "Nobody signed in"

    def page_context(self, request: HttpRequest, row: Job) -> dict[str, Any]:
        """Return what the page of a job shows."""
        checkpoints = list(row.checkpoints.all())
        attempts = list(row.attempts.order_by("-epoch")[:MOST_RUNS])
        return {
            "subtitle": row.kind,
            "headline": reports.waiting_for(row),
            "history": reports.job_history(row),
            "most_moments": MOST_MOMENTS,
            "checkpoints": checkpoints,
            "submissions": reports.submissions_of(checkpoints),
            "attempts": attempts[::-1],
            "payload_text": _indented(row.payload),
            "result_text": _indented(row.result) if row.result is not None else "",
            "deeds": self._deeds(request, row),
        }

    def has_control_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may cancel, hold, release and requeue."""
        return staff(request).has_perm("autopilot.control_job")

    @admin.action(description="Cancel…", permissions=["control"])
    def cancel_jobs(self, request: HttpRequest, jobs: QuerySet[Job]) -> HttpResponse | None:
        """Ask why, and cancel the chosen jobs."""
        return offer(self, request, jobs, CANCEL)

    @admin.action(description="Hold…", permissions=["control"])
    def hold_jobs(self, request: HttpRequest, jobs: QuerySet[Job]) -> HttpResponse | None:
        """Ask why, and keep the chosen jobs from being run."""
        return offer(self, request, jobs, HOLD)

    @admin.action(description="Requeue…", permissions=["control"])
    def requeue_jobs(self, request: HttpRequest, jobs: QuerySet[Job]) -> HttpResponse | None:
        """Ask why and from where, and put the chosen jobs back in the queue."""
        return offer(self, request, jobs, REQUEUE)

    @admin.action(description="Release…", permissions=["control"])
    def release_jobs(self, request: HttpRequest, jobs: QuerySet[Job]) -> HttpResponse | None:
        """Ask why, and let the chosen jobs go on."""
        return offer(self, request, jobs, RELEASE)

    def _deeds(self, request: HttpRequest, job: Job) -> list[tuple[str, str]]:
        if not self.has_control_permission(request):
            return []
        if job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
            return [("requeue_jobs", "Requeue…")]
        if job.status in FINAL:
            return []
        hold = [] if job.status == JobStatus.RUNNING else [("hold_jobs", "Hold…")]
        return [*([("release_jobs", "Release…")] if job.held_at else hold), ("cancel_jobs", "Cancel…")]


def _indented(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
