"""What the database and the portal say of the jobs under load: how many, how soon, and whether any was lost."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from autopilot import clock
from autopilot.models import Checkpoint, Decision, Job, JobStatus, Submission
from autopilot.models.portals import SubmissionChange
from programs.models import Application

OURS = ("application.process", "application.track")


def in_flight() -> int:
    """Return how many journeys are under way: their job of either kind is not final."""
    return Job.objects.live().filter(kind__in=OURS).count()


def at_work() -> int:
    """Return how many jobs run, or would if there were a worker: those that only wait for people or time left out."""
    return (
        Job.objects.filter(kind__in=OURS, status=JobStatus.RUNNING).count()
        + Job.objects.filter(kind__in=OURS).due(clock.now()).count()
    )


def submission_delays(since: datetime) -> list[float]:
    """Return the seconds from each approval since a time to the start of its submission."""
    approved = dict(
        Decision.objects.filter(at__gte=since, verdict="approve").values_list(
            "checkpoint__job__payload__application_id", "at"
        )
    )
    sent = SubmissionChange.objects.filter(to_status=Submission.Status.SENDING)
    started: dict[str, datetime] = {}
    for subject, at in sent.order_by("-id").values_list("submission__subject_id", "at"):
        started[str(subject)] = at  # the earliest, which comes last
    return [(started[subject] - at).total_seconds() for subject, at in approved.items() if subject in started]


@dataclass(frozen=True)
class Balance:
    """What became of everything: `lost` must be 0."""

    applications: int
    approved: int
    submitted: int
    lost: dict[str, int]


def balance(confirmed: set[str], counts: dict[str, Any]) -> Balance:
    """Compare what applicants were told, what the database holds, and what the portal has received.

    `confirmed` are the references that applicants were shown, `counts` is what the portal says it received.
    """
    applications = Application.objects.all()
    ours = Job.objects.filter(kind__in=OURS, payload__has_key="application_id")  # the others are only history
    working = ours.filter(kind=OURS[0])
    asked = Checkpoint.objects.pending().filter(job=OuterRef("pk"))
    approved = Decision.objects.filter(verdict="approve")
    submitted = Submission.objects.exclude(receipt_number="")
    lost = {
        "confirmed, not stored": len(confirmed - set(applications.values_list("reference", flat=True))),
        "stored, without a job": applications.count() - working.count(),
        "failed or cancelled": ours.filter(status__in=(JobStatus.FAILED, JobStatus.CANCELLED)).count(),
        "waiting for nothing": working.filter(status=JobStatus.WAITING).filter(~Exists(asked)).count(),
        "approved, not submitted": approved.count() - submitted.count(),
        "submitted, not at the portal": submitted.count() - counts["submissions"],
        "twice at the portal": len(counts["duplicates"]),
    }
    return Balance(applications.count(), approved.count(), submitted.count(), lost)
