"""A panel: several people who decide about the same jobs at the same time."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group, User
from django.db import connection

from autopilot.engine import amend, decide
from autopilot.exceptions import DecisionRefused
from autopilot.models.checkpoints import Checkpoint

PEOPLE = 4


class Panel:
    """Rejects every fifth job, amends every third of the others before it approves, and approves the rest."""

    def __init__(self, jobs: list[UUID]) -> None:
        self._number = {job: number for number, job in enumerate(jobs)}
        self._people = [User.objects.create_user(f"member-{number}") for number in range(PEOPLE)]
        for member in self._people:
            member.groups.set(Group.objects.filter(name="Reviewer"))

    def decide_all(self, seconds: float) -> None:
        """Let everybody decide whatever is pending, all at once, until each job was decided."""
        end = time.monotonic() + seconds
        with ThreadPoolExecutor(PEOPLE) as threads:
            for working in [threads.submit(self._decide_until_over, number, end) for number in range(PEOPLE)]:
                working.result()

    def ending(self, job: UUID) -> tuple[str, dict[str, Any] | None]:
        """Return the status and the result that a job must have in the end."""
        amount = self._amount(job)
        return ("failed", None) if amount is None else ("completed", {"amount": amount, "key": f"{job}:1:call"})

    def effects(self) -> Counter[tuple[UUID, str]]:
        """Return how often each local effect of each job must have happened: once."""
        wanted: Counter[tuple[UUID, str]] = Counter()
        for job in self._number:
            amount = self._amount(job)
            after = [] if amount is None else [f"approved {amount}", "end"]
            wanted.update((job, name) for name in ["begin", *after])
        return wanted

    def _amount(self, job: UUID) -> int | None:
        """Return the amount that is to be approved; None for what is to be rejected."""
        number = self._number[job]
        if number % 5 == 0:
            return None
        return number if number % 3 == 0 else 0

    def _decide_until_over(self, member: int, end: float) -> None:
        decided = Checkpoint.objects.filter(job__in=self._number).exclude(status=Checkpoint.Status.PENDING)
        while decided.count() < len(self._number):
            assert time.monotonic() < end, f"only {decided.count()} of {len(self._number)} are decided"
            for checkpoint in Checkpoint.objects.pending().order_by("?")[:20]:
                with suppress(DecisionRefused):  # somebody else was first, or has edited it last
                    self._decide(checkpoint, self._people[member])
            time.sleep(0.02)
        connection.close()

    def _decide(self, checkpoint: Checkpoint, member: User) -> None:
        amount, version = self._amount(checkpoint.job_id), checkpoint.payload_version
        if amount is None:
            decide(checkpoint.pk, actor=member, verdict="reject", version=version, comment="No.")
        elif amount and version == 1:
            amend(checkpoint.pk, actor=member, version=1, edits={"amount": amount})
        else:
            decide(checkpoint.pk, actor=member, verdict="approve", version=version)
