"""Jobs that nobody would ever move again."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from autopilot import clock
from autopilot.clock import DatabaseNow
from autopilot.doctor.findings import Finding, noted
from autopilot.engine import controls, registry, waits
from autopilot.models import FINAL, Checkpoint, Job, JobStatus, Step, WaitReason
from autopilot.sweep import leases

LATE = timedelta(minutes=1)
LATE_TIMER = timedelta(minutes=5)
SWEEP = "The sweep should have done it: see that a cluster runs (manage.py autopilot)."
# Why a job that waits for this may be woken although nothing came: it looks again, and waits again if it must.
WAKING = {
    WaitReason.CHECKPOINT: "decision",
    WaitReason.TIMER: "timer",
    WaitReason.ANSWER: "answer",
    WaitReason.CHILDREN: "children_done",
}


def expired_leases(everything: bool) -> Iterator[Finding]:
    """Running jobs whose lease ran out more than a minute ago; repaired as the sweep does it."""
    expired = Job.objects.filter(status=JobStatus.RUNNING, lease_until__lte=DatabaseNow(-LATE))
    for job in expired.order_by("lease_until"):
        text = f"Its process {job.lease_owner} has given no sign of life since its lease ran out."
        yield Finding("leases", _name(job), text, SWEEP, noted(job.pk, "leases", partial(leases.reap, job)))


def waits_for_nothing(everything: bool) -> Iterator[Finding]:
    """Waiting jobs without what they wait for: no pending checkpoint, or no time to wake at."""
    asked = Checkpoint.objects.pending().filter(job=OuterRef("pk"))
    nobody = Q(wait_reason=WaitReason.CHECKPOINT) & ~Exists(asked)
    never = Q(wait_reason__in=(WaitReason.TIMER, WaitReason.ANSWER), wake_at=None)
    children = Job.objects.filter(parent=OuterRef("pk"))
    alone = Q(wait_reason=WaitReason.CHILDREN) & ~Exists(children)
    for job in _waiting().filter(nobody | never | alone):
        text = f"It waits for {job.get_wait_reason_display()}, and there is none."
        yield _to_be_woken("waits", job, text)


def satisfied_joins(everything: bool) -> Iterator[Finding]:
    """Jobs that wait for their parts although all of them have ended."""
    children = Job.objects.filter(parent=OuterRef("pk"))
    joined = _waiting().filter(Exists(children), ~Exists(children.live()), wait_reason=WaitReason.CHILDREN)
    for job in joined:
        yield _to_be_woken("joins", job, "All its parts have ended, and it was not told.")


def overdue_timers(everything: bool) -> Iterator[Finding]:
    """Waiting jobs whose time came more than five minutes ago; repaired as the sweep does it."""
    now = clock.now()
    for job in _waiting().filter(wake_at__lte=now - LATE_TIMER):
        wake = partial(waits.wake, job.pk, "timer", wake_at__lte=now)
        text = f"It was to wake at {job.wake_at:%Y-%m-%d %H:%M} UTC."
        yield Finding("timers", _name(job), text, SWEEP, noted(job.pk, "timers", wake))


def orphans(everything: bool) -> Iterator[Finding]:
    """Live parts of jobs that have ended, which are cancelled with a cancelled one; and blocked jobs that block alone."""
    for job in Job.objects.live().filter(parent__status__in=FINAL).select_related("parent").order_by("pk"):
        ended = job.parent.status if job.parent else ""
        cancel = partial(_cancel, job) if ended == JobStatus.CANCELLED else None
        remedy = f"Cancel it if nobody needs it: manage.py jobs cancel {job.pk} --as USERNAME --reason REASON"
        yield Finding("orphans", _name(job), f"The job it is a part of is {ended}.", remedy, cancel)
    for job in Job.objects.filter(status=JobStatus.BLOCKED, parent=None).order_by("pk"):
        remedy = f"Nothing will ever let it go: manage.py jobs cancel {job.pk} --as USERNAME --reason REASON"
        yield Finding("orphans", _name(job), "It is blocked, and belongs to nothing that could let it go.", remedy)


def checkpoints_of_ended_jobs(everything: bool) -> Iterator[Finding]:
    """Checkpoints that ask people about jobs which have ended; repaired by closing them."""
    for checkpoint in Checkpoint.objects.pending().filter(job__status__in=FINAL).select_related("job"):
        repair = noted(checkpoint.job_id, "checkpoints", partial(_close, checkpoint))
        text = f"It asks about the job {checkpoint.job_id}, which is {checkpoint.job.status}."
        yield Finding("checkpoints", f"checkpoint {checkpoint.pk}", text, "Do not decide it.", repair)


def unknown_kinds(everything: bool) -> Iterator[Finding]:
    """Kinds of live jobs that no code at hand performs."""
    unknown = Job.objects.live().exclude(kind__in=registry.kinds())
    for row in unknown.order_by("kind").values("kind").annotate(count=Count("pk")):
        many = f"{row['count']} live job{'' if row['count'] == 1 else 's'}"
        remedy = f"Deploy the code that knows it, or cancel them: manage.py jobs list --kind {row['kind']}"
        yield Finding("kinds", row["kind"], f"No handler is registered for it; of it: {many}.", remedy)


def _waiting() -> QuerySet[Job]:
    return Job.objects.filter(status=JobStatus.WAITING).order_by("waiting_since", "pk")


def _to_be_woken(check: str, job: Job, text: str) -> Finding:
    """Return a finding that is repaired by waking the job, unless nobody knows what an at-most-once step of it did."""
    open_once = job.steps.filter(generation=job.generation, effect=Step.Effect.ONCE, state=Step.State.STARTED)
    if open_once.exists():
        remedy = "A step that may happen once only is open: look at the outside, then cancel and requeue the job."
        return Finding(check, _name(job), text, remedy)
    guard: dict[str, Any] = {"wait_reason": job.wait_reason, "event_seq": job.event_seq}
    wake = partial(waits.wake, job.pk, WAKING[WaitReason(job.wait_reason)], **guard)
    return Finding(
        check, _name(job), text, "Run the doctor: it wakes the job, which looks again.", noted(job.pk, check, wake)
    )


def _cancel(job: Job) -> bool:
    controls.cancel(job.pk, actor=None, reason="The job it is a part of was cancelled.")
    return True


def _close(checkpoint: Checkpoint) -> bool:
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=checkpoint.job_id)
        if not job.is_final:
            return False
        controls.close_checkpoints(job)
    return True


def _name(job: Job) -> str:
    return f"job {job.pk}"
