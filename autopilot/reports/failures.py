"""Failed jobs by their cause, and how the one of each cause fares that was tried again first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q

from autopilot import canaries
from autopilot.engine import registry
from autopilot.models import AuditEntry, Job, JobStatus, Worker
from autopilot.redaction import shown_error

MOST_COUNTED = 10_000
MOST_GROUPS = 50
MOST_CANARIES = 20
PEOPLES_CHOICE = "rejected"  # a person said no: that is an answer, not a failure

Group = tuple[str, str, str]


@dataclass(frozen=True)
class Canary:
    """A job that was tried again for its group, as it stands now."""

    job: Job
    group: Group
    by: str
    at: datetime


@dataclass(frozen=True)
class FailureGroup:
    """Failed jobs of one kind and cause: `fingerprint` is empty where no error was left behind, as by a lost process."""

    kind: str
    fingerprint: str
    reason: str
    count: int
    first: datetime
    last: datetime
    sample: Job
    error: str
    canary: Canary | None

    @property
    def worker(self) -> str:
        """The family of its kind."""
        return self.sample.worker

    @property
    def filters(self) -> dict[str, str]:
        """The filters of the list of jobs that leave exactly this group."""
        cause = {"fingerprint": self.fingerprint} if self.fingerprint else {"reason": self.reason}
        return {"status__exact": JobStatus.FAILED, "kind": self.kind, **cause}


@dataclass(frozen=True)
class Failures:
    """The groups, the greatest first; `complete` is False where older failures or smaller groups are left out."""

    groups: list[FailureGroup]
    canaries: list[Canary]
    complete: bool


def failure_groups(worker: str = "") -> Failures:
    """Return the failures by their cause: those of the newest 10,000 failed jobs, in at most 50 groups.

    With a `worker`, those of its jobs alone. What people rejected is no failure and is left out.
    """
    failed = Job.objects.filter(status=JobStatus.FAILED, **({"worker": worker} if worker else {})).order_by(
        "-created_at"
    )
    oldest = list(failed.values_list("created_at", flat=True)[MOST_COUNTED - 1 : MOST_COUNTED])
    counted = failed.filter(created_at__gte=oldest[0]) if oldest else failed
    found = list(_counted(counted))
    rows = found[:MOST_GROUPS]
    sent = _canaries()
    samples = _samples(rows)
    latest = {each.group: each for each in reversed(sent)}
    groups = [_group(row, samples[_of(row)], latest.get(_of(row))) for row in rows if _of(row) in samples]
    return Failures(groups, sent, complete=not oldest and len(found) <= MOST_GROUPS)


def _counted(failed: Any) -> Iterable[dict[str, Any]]:
    groups = failed.exclude(reason=PEOPLES_CHOICE).order_by().values("kind", "error_fingerprint", "reason")
    counts = groups.annotate(count=Count("pk"), first=Min("created_at"), last=Max("created_at"))
    return list(counts.order_by("-count", "-last")[: MOST_GROUPS + 1])


def _of(row: dict[str, Any]) -> Group:
    return row["kind"], row["error_fingerprint"], row["reason"]


def _samples(rows: Iterable[dict[str, Any]]) -> dict[Group, Job]:
    """Return the newest job of each group."""
    newest = Q(pk__in=[])
    for row in rows:
        kind, fingerprint, reason = _of(row)
        newest |= Q(kind=kind, error_fingerprint=fingerprint, reason=reason, created_at=row["last"])
    found = Job.objects.filter(newest, status=JobStatus.FAILED).order_by("pk")
    return {(job.kind, job.error_fingerprint, job.reason): job for job in found}


def _group(row: dict[str, Any], sample: Job, canary: Canary | None) -> FailureGroup:
    kind, fingerprint, reason = _of(row)
    error = shown_error(sample)
    return FailureGroup(kind, fingerprint, reason, row["count"], row["first"], row["last"], sample, error, canary)


def _canaries() -> list[Canary]:
    """Return the canaries that were sent last, newest first; those whose job is gone are left out."""
    workers = {*registry.workers(), *Worker.objects.values_list("pk", flat=True)}
    sent = AuditEntry.objects.filter(subject_type=Worker._meta.label, subject_id__in=workers, name=canaries.SENT)
    entries = list(sent.order_by("-pk")[:MOST_CANARIES])
    jobs = Job.objects.in_bulk([UUID(entry.data["job"]) for entry in entries])
    return [_canary(entry, jobs[job]) for entry in entries if (job := UUID(entry.data["job"])) in jobs]


def _canary(entry: AuditEntry, job: Job) -> Canary:
    group = entry.data["kind"], entry.data["fingerprint"], entry.data["failure"]
    return Canary(job, group, entry.actor_label, entry.at)
