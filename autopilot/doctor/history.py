"""Whether the histories of jobs are whole: each event bears the hash of the one before it."""

from collections.abc import Iterator
from random import getrandbits
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from autopilot.doctor.findings import Finding
from autopilot.engine.transitions import chain_hash
from autopilot.models import Job

NEWEST, AT_RANDOM = 200, 50
REMEDY = "Somebody wrote past the engine: keep the database as it is, and compare it with a backup."


def broken_chains(everything: bool) -> Iterator[Finding]:
    """Jobs whose history was altered: among the newest 200 and 50 at random, or among all."""
    for job in all_jobs().iterator(chunk_size=200) if everything else _sample():
        if problem := problem_of(job):
            yield Finding("events", f"job {job.pk}", problem, REMEDY)


def all_jobs() -> QuerySet[Job]:
    """Return all jobs, newest first, as much of them as the check needs."""
    return Job.objects.order_by("-pk").only("pk", "status", "event_seq", "event_hash")


def problem_of(job: Job) -> str:
    """Return what is wrong with a job's history, or an empty text; it may go on meanwhile."""
    if not _problem(job):
        return ""
    with transaction.atomic():  # again, while nobody can write to it
        locked = all_jobs().select_for_update().filter(pk=job.pk).first()
        return _problem(locked) if locked else ""


def _problem(job: Job) -> str:
    count, last_hash, status = 0, "", ""
    for event in job.events.order_by("seq").iterator(chunk_size=200):
        count += 1
        if event.seq != count:
            return f"Event {count} is missing."
        if event.previous_hash != last_hash or event.from_status != status:
            return f"Event {count} does not follow from the one before it."
        if event.hash != chain_hash(event):
            return f"Event {count} was altered."
        last_hash, status = event.hash, event.to_status
    if (count, last_hash) != (job.event_seq, job.event_hash):
        return f"Of {job.event_seq} events, {count} are there."
    return "" if status == job.status else f"It is {job.status}, and its history says {status}."


def _sample() -> Iterator[Job]:
    seen = set()
    for job in all_jobs()[:NEWEST]:
        seen.add(job.pk)
        yield job
    oldest, newest = all_jobs().last(), all_jobs().first()
    if oldest is None or newest is None or len(seen) < NEWEST:
        return
    for _ in range(AT_RANDOM):
        picked = all_jobs().filter(pk__lte=_between(oldest.pk, newest.pk)).first()
        if picked is not None and picked.pk not in seen:
            seen.add(picked.pk)
            yield picked


def _between(first: UUID, last: UUID) -> UUID:
    """Return an id between two; ids begin with their time, so old and new ones are as likely."""
    return UUID(int=first.int + getrandbits(128) % (last.int - first.int + 1))
