"""Forget processes that have not reported for a day."""

from datetime import timedelta

from autopilot import clock
from autopilot.models.clusters import ClusterHeartbeat

SILENT = timedelta(days=1)


def run() -> int:
    """Delete the heartbeats of processes long gone; returns how many."""
    deleted, _ = ClusterHeartbeat.objects.filter(seen_at__lte=clock.now() - SILENT).delete()
    return deleted
