"""The processes that run jobs, as they last reported themselves."""

from datetime import timedelta

from django.contrib import admin

from autopilot import clock
from autopilot.admin.base import ReadOnlyAdmin, badge
from autopilot.models import ClusterHeartbeat, ClusterRestart

SILENT_AFTER = timedelta(minutes=1)


@admin.register(ClusterHeartbeat)
class ClusterHeartbeatAdmin(ReadOnlyAdmin[ClusterHeartbeat]):
    """Who is alive."""

    list_display = ["process", "state", "role", "cluster", "version", "started_at", "seen_at", "claims"]
    list_display_links = None
    list_filter = ["role"]

    @admin.display(description="State", ordering="seen_at")
    def state(self, heartbeat: ClusterHeartbeat) -> str:
        """Show whether the process reported itself within the last minute."""
        silent = heartbeat.seen_at < clock.now() - SILENT_AFTER
        return badge("lost", "Silent") if silent else badge("enabled", "Alive")


@admin.register(ClusterRestart)
class ClusterRestartAdmin(ReadOnlyAdmin[ClusterRestart]):
    """When the supervisor had to start a cluster again, and why."""

    list_display = ["reason", "cluster", "at"]
    list_display_links = None
