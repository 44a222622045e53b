"""Jobs as staff see them: what each waits for, all that happened to it, and the few things that can be done."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from autopilot import clock
from autopilot.admin import job_page
from autopilot.admin.base import badge
from autopilot.admin.deeds import offer
from autopilot.admin.failures import FailurePage
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
from autopilot.admin.job_bulk import FILTERS, JobDeeds
from autopilot.admin.job_deeds import CANCEL, DEEDS, HOLD, RELEASE, REQUEUE, RETRY, deeds_of
from autopilot.admin.job_exports import JobExports
from autopilot.admin.searches import SavedSearches
from autopilot.models import Job, JobStatus, Worker
from autopilot.reports.job_search import search_jobs
from autopilot.reports.moments import brief

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
class JobAdmin(SavedSearches[Job], JobDeeds, JobExports, FailurePage):
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
    actions = ["retry_jobs", "requeue_jobs", "cancel_jobs", "hold_jobs", "release_jobs"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that searches by index."""
        return JobList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        """Leave the search to the list, which knows all filters."""
        return queryset, False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Add each row's menu for who may act on jobs."""
        return [*self.list_display, self._menu(request)] if self.has_control_permission(request) else self.list_display

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, and above it which workers are paused."""
        paused = Worker.objects.filter(enabled=False).select_related("paused_by")
        deeds = [(name, deed.button) for name, deed in DEEDS.items()] if self.has_control_permission(request) else []
        shown = {
            "paused_workers": paused,
            "deeds_to_all": deeds,
            "all_menu": "admin/autopilot/job_all_menu.html",
            "filters": _without_page(request),
        }
        return super().changelist_view(request, shown | (extra_context or {}))

    @admin.display(description="Job")
    def name(self, job: Job) -> str:
        """Show the kind, and the end of the id, by which jobs of a kind are told apart."""
        return format_html('{} <span class="quiet">…\u2060{}</span>', *_named(job))

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
        return job_page.context(row, request.GET.get("show", "")) | {"deeds": self._deeds(request, row)}

    @admin.action(description="Retry…", permissions=["control"])
    def retry_jobs(self, request: HttpRequest, jobs: QuerySet[Job]) -> HttpResponse | None:
        """Ask why, and let the chosen jobs go on where they stopped."""
        return offer(self, request, jobs, RETRY)

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
        """Return the addresses of what this person can do to a job, with their labels."""
        if not self.has_control_permission(request):
            return []
        return [(reverse("admin:job_deed", args=[job.pk, name]), f"{deed.button}…") for name, deed in deeds_of(job)]

    def _menu(self, request: HttpRequest) -> Callable[[Job], str]:
        """Return the column with each row's menu, whose links lead back to the list as it is filtered."""
        filters = urlencode({FILTERS: request.GET.urlencode()})

        @admin.display(description="Actions")
        def menu(job: Job) -> str:
            links = [(f"{address}?{filters}", label) for address, label in self._deeds(request, job)]
            return (
                render_to_string("admin/autopilot/job_menu.html", {"links": links, "name": _named(job)})
                if links
                else ""
            )

        return menu


def _named(job: Job) -> tuple[str, str]:
    """Return a job's kind and the end of its id."""
    return job.kind, str(job.pk)[-LAST_DIGITS:]


def _without_page(request: HttpRequest) -> str:
    """Return the filters of a list, wherever in it the reader is."""
    asked = request.GET.copy()
    asked.pop(PAGE_VAR, None)
    return asked.urlencode()
