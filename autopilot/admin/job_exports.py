"""What of jobs can be taken along: the list as CSV, one job with its history as JSON; both redacted and bounded."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from autopilot.admin import job_page
from autopilot.admin.base import PageAdmin, filtered
from autopilot.models import Job
from autopilot.redaction import shown_error
from autopilot.spreadsheets import csv_lines

MOST_EXPORTED = 10_000
AT_A_TIME = 500
COLUMNS = (
    "id", "kind", "worker", "status", "wait_reason", "reason", "priority", "attempt", "max_attempts",
    "requester_label", "unique_key", "tenant_id", "created_at", "scheduled_for", "finished_at", "error_fingerprint",
)  # fmt: skip


class JobExports(PageAdmin[Job]):
    """The addresses of the exports, for who may view jobs."""

    def get_urls(self) -> list[URLPattern]:
        """Add the exports."""
        one, listed = (self.admin_site.admin_view(require_safe(view)) for view in (self.export_view, self.csv_view))
        exports = [
            path("<uuid:pk>/history.json", one, name="job_export"),
            path("jobs.csv", listed, name="job_csv"),
        ]
        return exports + super().get_urls()

    def export_view(self, request: HttpRequest, pk: UUID) -> JsonResponse:
        """Return a job and its history as a file."""
        job = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        name = {"Content-Disposition": f'attachment; filename="job-{pk}.json"', "Cache-Control": "private, no-store"}
        return JsonResponse(
            job_page.exported(job), json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=name
        )

    def csv_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """Return the newest 10,000 of the jobs that the filters leave, as a stream."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = filtered(self, request).get_queryset(request)[:MOST_EXPORTED]
        lines = csv_lines(_rows(rows))
        name = {"Content-Disposition": 'attachment; filename="jobs.csv"', "Cache-Control": "private, no-store"}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=name)


def _rows(jobs: QuerySet[Job]) -> Iterator[list[Any]]:
    """Give the header, each job, and a last line if there may be more of them."""
    yield [*COLUMNS, "error"]
    left = MOST_EXPORTED
    for job in jobs.iterator(chunk_size=AT_A_TIME):
        yield [*(getattr(job, name) for name in COLUMNS), shown_error(job)]
        left -= 1
    if not left:
        yield [f"These are the newest {MOST_EXPORTED}; filter for the others."]
