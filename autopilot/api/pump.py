"""The pump's door, for hosts on which nothing but an HTTP timer can be set: each call performs a few due jobs."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from threading import Lock

from django.db import IntegrityError, transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot import sweep
from autopilot.api.authentication import PumpAuthentication
from autopilot.api.permissions import IsPump
from autopilot.api.schemas import answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView
from autopilot.cluster import heartbeats
from autopilot.cluster.pump import Pump

MOST_JOBS = 10
LONGEST = timedelta(seconds=20)
_in_use = Lock()
FAILED = {"rejected", "expired", "invalid", "attempts_exhausted"}
TOLD = {"completed": "completed", "suspended": "waiting", "cancelled": "cancelled"}
SAMPLE = {"performed": 3, "completed": 1, "waiting": 1, "failed": 1, "cancelled": 0, "put_back": 0, "more": False}


class PumpedSerializer(StrictSerializer):
    """What one call has done, each job counted once."""

    performed = serializers.IntegerField(help_text=f"Jobs that ran, at most {MOST_JOBS}.")
    completed = serializers.IntegerField(help_text="Of these, completed.")
    waiting = serializers.IntegerField(help_text="Put down to wait for a person, a time or an answer.")
    failed = serializers.IntegerField(help_text="Failed for good.")
    cancelled = serializers.IntegerField(help_text="Cancelled while they ran.")
    put_back = serializers.IntegerField(help_text="Put back in the queue, to be tried again.")
    more = serializers.BooleanField(help_text="Whether this call ended before the queue was empty: call again.")


class RunPump(ApiView):
    """One pull at the pump."""

    subject = "pump"
    authentication_classes = [PumpAuthentication]
    permission_classes = [IsPump]

    @operation(
        "run_pump",
        "Perform due jobs",
        {200: answer(PumpedSerializer, "What was done.", SAMPLE)},
    )
    def post(self, request: Request) -> Response:
        """Do the periodic duties, then perform at most ten due jobs, and begin none after 20 seconds. The bearer is the
        secret API_PUMP_SECRET; while it is unset every call is refused. Call it every minute from a timer; calls at the
        same time share the work."""
        # One at a time in each process: whoever looks after the lease of the job in hand looks after one.
        if not _in_use.acquire(blocking=False):
            return Response(_told([], more=True))
        try:
            return Response(_pumped())
        finally:
            _in_use.release()


def _pumped() -> dict[str, int | bool]:
    end = time.monotonic() + LONGEST.total_seconds()
    outcomes: list[str] = []
    pump = Pump(told=lambda job, outcome: outcomes.append(outcome))
    sweep.run()
    empty = False
    while not empty and len(outcomes) < MOST_JOBS and time.monotonic() < end:
        empty = not pump.run_one()
    _show_life(pump, len(outcomes))
    return _told(outcomes, more=not empty)


def _told(outcomes: Sequence[str], *, more: bool) -> dict[str, int | bool]:
    counts = Counter(_word(outcome) for outcome in outcomes)
    words = ("completed", "waiting", "failed", "cancelled", "put_back")
    return {"performed": len(outcomes), **{word: counts[word] for word in words}, "more": more}


def _show_life(pump: Pump, claims: int) -> None:
    """Say that somebody performs jobs here, so that no alert says that nobody does."""
    # Two threads of one process may say it for the first time at the same moment.
    with suppress(IntegrityError), transaction.atomic():
        heartbeats.report(pump.name, cluster=pump.cluster, role=heartbeats.Role.PUMP, claims=claims)


def _word(outcome: str) -> str:
    return "failed" if outcome in FAILED else TOLD.get(outcome, "put_back")
