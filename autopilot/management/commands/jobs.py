"""Look at jobs, and retry, cancel and purge them."""

from argparse import Namespace
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from autopilot import clock, engine, redaction, reports
from autopilot.engine import Requeue, registry
from autopilot.exceptions import ControlRefused
from autopilot.management.base import (
    Verbs,
    VerbsCommand,
    an_id,
    at_least_one,
    attempted,
    misused,
    person_of,
    refusals,
    said,
)
from autopilot.models import Job, JobStatus
from autopilot.scrubbing import scrubbed
from autopilot.sweep import retention

LISTED = ("id", "kind", "status", "wait_reason", "reason", "attempt", "scheduled_for", "created_at", "finished_at")
DONE = ("id", "kind", "status", "effects_done", "outcome", "why")
PURGED = ("id", "kind", "status", "finished_at", "outcome")
MOST_IDS = 100
Deed = Callable[[UUID], str]


class Command(VerbsCommand):
    """What the pages of jobs do, without a browser."""

    help = "Lists, shows, retries, cancels and purges jobs."

    def add_verbs(self, verbs: Verbs) -> None:
        """Add the five verbs."""
        listing = verbs.add("list", self.list_jobs, "List jobs, newest first.", limit="most jobs to list")
        listing.add_argument("--status", choices=JobStatus.values, help="only those that stand there")
        listing.add_argument("--kind", type=said, help="only those of a kind")
        listing.add_argument("--worker", choices=registry.workers(), metavar="WORKER", help="only those of a worker")
        listing.add_argument("--fingerprint", type=said, help="only those that failed of one cause")
        showing = verbs.add("show", self.show_job, "Show one job: where it stands, why, and its masked payload.")
        showing.add_argument("id", type=an_id, metavar="ID", help="its id")
        retry = verbs.add_deed(
            "retry", self.retry_jobs, "Put failed or cancelled jobs back in the queue.", limit="most jobs to retry"
        )
        retry.add_argument("ids", nargs="*", type=an_id, metavar="ID", help="their ids")
        retry.add_argument("--fingerprint", type=said, help="those that failed of one cause, newest first, instead")
        start = retry.add_mutually_exclusive_group()
        start.add_argument("--from-step", type=said, metavar="STEP", help="keep only what was stored before a step")
        start.add_argument("--restart", action="store_true", help="keep nothing of what was stored")
        cancel = verbs.add_deed("cancel", self.cancel_jobs, "Cancel jobs and their parts.")
        cancel.add_argument("ids", nargs="+", type=an_id, metavar="ID", help="their ids")
        purge = verbs.add_deed(
            "purge", self.purge_jobs, "Delete jobs that ended long ago, oldest first.", limit="most jobs to delete"
        )
        purge.add_argument(
            "--older-than", type=at_least_one, required=True, metavar="DAYS", help="days since they ended"
        )

    def list_jobs(self, options: Namespace) -> None:
        """Print the newest jobs that fit."""
        filters = {
            "status": options.status,
            "kind": options.kind,
            "worker": options.worker,
            "error_fingerprint": options.fingerprint,
        }
        jobs = Job.objects.filter(**{name: value for name, value in filters.items() if value})
        rows = list(jobs.order_by("-created_at", "-id").values(*LISTED)[: options.limit])
        if options.kind and not rows and options.kind not in registry.kinds():
            raise misused(f"There is no kind {options.kind!r}. Known: {', '.join(registry.kinds())}.")
        self.print_rows(rows, LISTED)

    def show_job(self, options: Namespace) -> None:
        """Print one job."""
        job = Job.objects.select_related("held_by").filter(pk=options.id).first()
        if job is None:
            raise misused(f"There is no job {options.id}. List them: manage.py jobs list")
        self.print_one(_shown(job))

    def retry_jobs(self, options: Namespace) -> str | None:
        """Requeue jobs one by one."""
        if bool(options.ids) == bool(options.fingerprint):
            raise misused("Name the jobs to retry: their ids, or --fingerprint for those that failed of one cause.")
        mode = Requeue.FROM_STEP if options.from_step else Requeue.RESTART if options.restart else Requeue.RESUME
        person, step = person_of(options), options.from_step or ""

        def retry(job_id: UUID) -> str:
            engine.requeue(job_id, actor=person, reason=options.reason, mode=mode, step=step)
            return "requeued"

        return self._do_each(options.ids or _of_one_cause(options), retry)

    def cancel_jobs(self, options: Namespace) -> str | None:
        """Cancel jobs one by one."""
        person = person_of(options)

        def cancel(job_id: UUID) -> str:
            before = Job.objects.get(pk=job_id)
            if before.is_final and before.status != JobStatus.CANCELLED:
                raise ControlRefused(f"It is {before.status} already.")
            status = engine.cancel(job_id, actor=person, reason=options.reason)
            return "cancelled" if status == JobStatus.CANCELLED else "asked to stop at its next step"

        return self._do_each(options.ids, cancel)

    def purge_jobs(self, options: Namespace) -> str | None:
        """Delete ended jobs through the retention duty, which keeps what must be kept."""
        person, purged = person_of(options), list[Job]()
        before = clock.now() - timedelta(days=options.older_than)

        def purge() -> str:
            purged.extend(retention.purge_ended(before=before, limit=options.limit, by=person, reason=options.reason))
            return "purged"

        outcome, why = attempted(purge, dry_run=options.dry_run)
        self.print_rows([{**_facts(job), "outcome": outcome} for job in purged], PURGED)
        return why or None

    def _do_each(self, ids: list[UUID], deed: Deed) -> str | None:
        if len(ids) > MOST_IDS:
            raise misused(f"{len(ids)} jobs are too many at once; name at most {MOST_IDS}.")
        rows = [self._done(job_id, deed) for job_id in self.tracked(ids, len(ids), "Jobs")]
        self.print_rows(rows, DONE)
        return refusals(rows)

    def _done(self, job_id: UUID, deed: Deed) -> dict[str, Any]:
        job = Job.objects.filter(pk=job_id).first()
        effects = len(engine.effects_done(job)) if job else None
        outcome, why = attempted(lambda: deed(job_id), dry_run=self.options.dry_run)
        if job is not None:
            job.refresh_from_db(fields=["status"])
        facts = {"id": job_id, "kind": job and job.kind, "status": job and job.status}
        return {**facts, "effects_done": effects, "outcome": outcome, "why": why}


def _of_one_cause(options: Namespace) -> list[UUID]:
    failed = Job.objects.filter(status=JobStatus.FAILED, error_fingerprint=options.fingerprint)
    return list(_newest(failed).values_list("pk", flat=True)[: min(options.limit, MOST_IDS)])


def _newest(jobs: QuerySet[Job]) -> QuerySet[Job]:
    return jobs.order_by("-created_at", "-id")


def _facts(job: Job) -> dict[str, Any]:
    return {"id": job.pk, "kind": job.kind, "status": job.status, "finished_at": job.finished_at}


def _shown(job: Job) -> dict[str, Any]:
    names = ("id", "tenant_id", "kind", "status", "reason", "priority", "attempt", "max_attempts", "crashes",
             "generation", "epoch", "unique_key", "created_at", "scheduled_for", "first_started_at", "waiting_since",
             "wake_at", "held_at", "finished_at", "purge_after", "error_fingerprint")  # fmt: skip
    return {
        **{name: getattr(job, name) for name in names},
        "waiting_for": scrubbed(reports.waiting_for(job)),
        "error": scrubbed(job.error),
        "payload": redaction.shown_payload(job),
        "result": redaction.shown_result(job),
        "steps": list(job.steps.filter(generation=job.generation).order_by("pk").values("key", "effect", "state")),
        "checkpoints": [str(each) for each in job.checkpoints.order_by("created_at").values_list("pk", flat=True)],
        "events": job.event_seq,
    }
