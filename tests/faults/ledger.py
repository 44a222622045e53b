"""What an office's books must show, whatever happened to its processes."""

from collections import Counter
from uuid import UUID

from autopilot.engine.transitions import chain_hash
from autopilot.models.jobs import Event, Job
from tests.faults.app.models import Effect


def effects() -> Counter[tuple[UUID, str]]:
    """Return how often each local effect of each job happened."""
    return Counter(Effect.objects.values_list("job_id", "name"))


def broken_chains() -> list[Job]:
    """Return the jobs whose events do not follow one upon the other, up to the job as it stands."""
    return [job for job in Job.objects.all() if not _is_chained(job)]


def _is_chained(job: Job) -> bool:
    status, last = "", ""
    events = list(Event.objects.filter(job=job).order_by("seq"))
    for number, event in enumerate(events, start=1):
        if (event.seq, event.from_status, event.previous_hash) != (number, status, last):
            return False
        if event.hash != chain_hash(event):
            return False
        status, last = event.to_status, event.hash
    return (status, len(events), last) == (job.status, job.event_seq, job.event_hash)
