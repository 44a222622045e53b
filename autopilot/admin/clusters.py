"""The processes that run jobs, as they last reported themselves, and what the watchdog had to do."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from autopilot import __version__, clock, reports
from autopilot.admin.base import ReadOnlyAdmin
from autopilot.models import ClusterHeartbeat, ClusterRestart


@admin.register(ClusterHeartbeat)
class ClusterHeartbeatAdmin(ReadOnlyAdmin[ClusterHeartbeat]):
    """Who is alive: one page for all, because a cluster is only understood as a whole."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show every cluster with its processes, and the newest restarts."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Clusters",
            "opts": self.opts,
            "now": clock.now(),
            "version": __version__,
            "overview": reports.clusters(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/autopilot/clusters.html", context)


@admin.register(ClusterRestart)
class ClusterRestartAdmin(ReadOnlyAdmin[ClusterRestart]):
    """When the supervisor had to start a cluster again, and why."""

    list_display = ["reason", "cluster", "at"]
    list_display_links = None
