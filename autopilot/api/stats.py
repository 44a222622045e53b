"""Figures of the queue: how many jobs stand where, how many are due, how long the oldest has waited."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot import clock, reports
from autopilot.api.permissions import HasScope
from autopilot.api.schemas import answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView
from autopilot.models import FINAL, Event, Job
from autopilot.models.tokens import Scope

LATELY = timedelta(hours=1)
SAMPLE = {
    "active": {"pending": 3, "waiting": 12},
    "ended_within_an_hour": {"completed": 41, "failed": 1},
    "due": 2,
    "due_by_worker": {"application": 2},
    "oldest_due_seconds": 4.2,
}


class StatsSerializer(StrictSerializer):
    """Figures of the queue."""

    active = serializers.DictField(
        child=serializers.IntegerField(), help_text="Jobs that are not final, by status; one that is missing is zero."
    )
    ended_within_an_hour = serializers.DictField(
        child=serializers.IntegerField(), help_text="Jobs that ended within the last hour, by status."
    )
    due = serializers.IntegerField(help_text="Jobs that could be started now.")
    due_by_worker = serializers.DictField(child=serializers.IntegerField(), help_text="The same, by worker.")
    oldest_due_seconds = serializers.FloatField(
        allow_null=True, help_text="How long the oldest of them has been due; null if none is."
    )


class Stats(ApiView):
    """The figures."""

    subject = "stats"
    permission_classes = [HasScope]
    scopes = {"GET": Scope.JOBS_READ}
    right = "autopilot.view_job"

    @operation(
        "read_stats",
        "Read the figures of the queue",
        {200: answer(StatsSerializer, "The figures, as of now.", SAMPLE)},
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """Count jobs by status, those that are due, and how long the oldest has waited to be started."""
        return Response({"active": reports.active_counts(), "ended_within_an_hour": _ended(), **_due()})


def _ended() -> dict[str, int]:
    # By events, which have an index by time: to count all that ever ended would read all of it.
    ended = Event.objects.filter(at__gte=clock.now() - LATELY, to_status__in=FINAL).exclude(from_status__in=FINAL)
    return {row["to_status"]: row["n"] for row in ended.order_by().values("to_status").annotate(n=Count("pk"))}


def _due() -> dict[str, Any]:
    now = clock.now()
    rows = Job.objects.due(now).order_by().values("worker").annotate(n=Count("pk"), oldest=Min("scheduled_for"))
    by_worker = {row["worker"]: (row["n"], row["oldest"]) for row in rows}
    oldest = min((since for _, since in by_worker.values()), default=None)
    return {
        "due": sum(count for count, _ in by_worker.values()),
        "due_by_worker": {name: count for name, (count, _) in by_worker.items()},
        "oldest_due_seconds": None if oldest is None else round((now - oldest).total_seconds(), 1),
    }
