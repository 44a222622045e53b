"""Where a job stands, and everything that happened to it."""

from typing import Any

from django.db.models import Count

from autopilot.models import Checkpoint, Event, Job, JobStatus, OutboxMessage, Step, WaitReason, Worker
from autopilot.reports.moments import Moment, decided, when

MOST_MOMENTS = 200

WHY = {
    "advance": "Let go by the jobs before it",
    "amended": "Amended",
    "answer": "Woken by an answer from outside",
    "attempts_exhausted": "Failed: its last attempt did not work either",
    "cancel": "Cancelled",
    "children_done": "Woken: its parts are done",
    "claim": "Started",
    "crash_loop": "Failed: its process was lost too often",
    "deadline": "Took too long",
    "decision": "Woken by a decision",
    "done": "Completed",
    "enqueue": "Enqueued",
    "expired": "Ended: nobody decided in time",
    "expiry": "Woken: nobody decided in time",
    "give_back": "Given back by its process",
    "hold": "Held",
    "invalid": "Failed: this can never work",
    "lease_expired": "Its process was lost; it is taken up again",
    "rejected": "Ended: a person rejected it",
    "release": "Released",
    "requeue": "Requeued",
    "retry": "Did not work; it is tried again",
    "snooze": "Not yet; it is looked at again",
    "start_by_passed": "Failed: not started in time",
    "suspend": "Put down to wait, with no process beside it",
    "timer": "Woken by the clock",
}
TOLD_ELSEWHERE = {"checkpoint", "mode", "generation"}


def active_counts() -> dict[str, int]:
    """Return how many jobs stand where, final ones left out: cheap at any size."""
    rows = Job.objects.live().values("status").annotate(count=Count("pk")).order_by()
    return {row["status"]: row["count"] for row in rows}


def waiting_for(job: Job) -> str:
    """Say in one sentence what a job waits for and who can move it."""
    if job.held_at is not None:
        return f"Held by {job.held_by or 'an operator'}: {_bare(job.hold_reason)}. An operator can release it."
    if job.status == JobStatus.WAITING:
        return _waiting_for(job)
    if job.status == JobStatus.PENDING:
        return _due(job)
    return {
        JobStatus.RUNNING: f"Running in {job.lease_owner}{'; it stops at its next step' if job.cancel_requested_at else ''}.",
        JobStatus.BLOCKED: "Blocked until others have finished.",
        JobStatus.COMPLETED: "Completed. It waits for nothing.",
        JobStatus.FAILED: f"Failed: {job.reason.replace('_', ' ')}. An operator can requeue it.",
        JobStatus.CANCELLED: "Cancelled. An operator can requeue it.",
        JobStatus.SKIPPED: "Skipped. It waits for nothing.",
    }[JobStatus(job.status)]


def job_history(job: Job) -> list[Moment]:
    """Return what happened to a job, oldest first: events, steps, checkpoints, decisions and mails.

    Of a long history the newest 200 moments are returned.
    """
    moments = _events(job) + _steps(job) + _checkpoints(job) + _mails(job)
    return sorted(moments, key=lambda moment: moment.at)[-MOST_MOMENTS:]


def _due(job: Job) -> str:
    paused = Worker.objects.filter(name=job.worker, enabled=False).select_related("paused_by").first()
    if paused is not None:
        who = paused.paused_by or "an operator"
        return f"The worker {paused.name} is paused by {who}: {_bare(paused.pause_reason)}. An operator can resume it."
    return f"Due {when(job.scheduled_for)}; the next free process runs it."


def _bare(reason: str) -> str:
    """Return a reason without its full stop, to stand inside a sentence."""
    return reason.strip().rstrip(".")


def _waiting_for(job: Job) -> str:
    if job.wait_reason == WaitReason.CHECKPOINT:
        return f"Waits for a decision by {_reviewers(job) or 'a reviewer'}."
    if job.wait_reason == WaitReason.ANSWER:
        return f"Waits for an answer from outside; asks again {when(job.wake_at)}."
    if job.wait_reason == WaitReason.TIMER:
        return f"Waits until {when(job.wake_at)}."
    return f"Waits for {job.get_wait_reason_display()}."


def _reviewers(job: Job) -> str:
    pending = Checkpoint.objects.pending().filter(job=job).prefetch_related("reviewers").first()
    return ", ".join(group.name for group in pending.reviewers.all()) if pending else ""


def _events(job: Job) -> list[Moment]:
    return [_event(each) for each in job.events.order_by("-seq")[:MOST_MOMENTS]]


def _event(event: Event) -> Moment:
    title = WHY.get(event.why, event.why.replace("_", " ").capitalize())
    status = event.to_status if event.from_status != event.to_status else _noted(event.why)
    return Moment(event.at, status, title, event.actor, _text(event.detail))


def _noted(why: str) -> str:
    return {"amended": "amended", "hold": "held", "release": "released"}.get(why, "noted")


def _text(detail: dict[str, Any]) -> str:
    told = {name: value for name, value in detail.items() if value not in ("", None) and name not in TOLD_ELSEWHERE}
    reason = told.pop("reason", "")
    rest = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items())
    return ". ".join(filter(None, (str(reason), rest[:1].upper() + rest[1:])))


def _steps(job: Job) -> list[Moment]:
    return [_step(each) for each in job.steps.order_by("-pk")[:MOST_MOMENTS]]


def _step(step: Step) -> Moment:
    done = step.state == Step.State.DONE
    title = f"Step “{step.key}” {'done' if done else 'begun'}"
    return Moment(step.finished_at or step.created_at, step.state, title, text=step.get_effect_display().capitalize())


def _checkpoints(job: Job) -> list[Moment]:
    moments = []
    for each in job.checkpoints.prefetch_related("decisions").order_by("-created_at")[:MOST_MOMENTS]:
        moments.append(Moment(each.created_at, "review", f"Checkpoint “{each.key}” opened", text=each.title))
        moments += decided(each.decisions.all())
    return moments


def _mails(job: Job) -> list[Moment]:
    messages = OutboxMessage.objects.filter(job_id=job.pk).order_by("-created_at")[:MOST_MOMENTS]
    return [_mail(each) for each in messages]


def _mail(message: OutboxMessage) -> Moment:
    about = message.topic.rpartition(".")[2].replace("_", " ")
    title = f"Mail “{about}” {message.get_status_display().lower()}"
    return Moment(message.sent_at or message.created_at, message.status, title)
