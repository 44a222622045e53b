"""Everything that happened to a job, in one line of time."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from autopilot.models import (
    Attempt,
    Checkpoint,
    Event,
    Job,
    OutboxMessage,
    Step,
    SubmissionChange,
    WebhookDelivery,
)
from autopilot.redaction import scrubber
from autopilot.reports.moments import Moment, decided
from autopilot.reports.submissions import submissions_of

MOST_MOMENTS = 200

TYPES = {
    "event": "Moves",
    "run": "Runs",
    "step": "Steps",
    "checkpoint": "Checkpoints",
    "decision": "Decisions",
    "comment": "Comments",
    "mail": "Mails",
    "webhook": "Webhooks",
    "submission": "Submissions",
}
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


def job_history(job: Job, types: Iterable[str] = (), most: int = 0) -> list[Moment]:
    """Return what happened to a job, oldest first, with nothing in it that redaction masks.

    `types` are names in TYPES; none means all of them. Of a long history the newest 200 moments are returned, or the
    newest `most` ones.
    """
    most = most or MOST_MOMENTS
    checkpoints = list(
        job.checkpoints.prefetch_related("decisions__on_behalf_of", "comments").order_by("-created_at")[:most]
    )
    wanted = set(types) or set(TYPES)
    moments = [moment for part in _parts(job, checkpoints, most) for moment in part if moment.type in wanted]
    newest = sorted(moments, key=lambda moment: moment.at)[-most:]
    return [_without_secrets(moment, scrubber(job)) for moment in newest]


def _parts(job: Job, checkpoints: list[Checkpoint], most: int) -> list[list[Moment]]:
    return [
        [_event(each) for each in job.events.order_by("-seq")[:most]],
        [_run(each) for each in job.attempts.order_by("-epoch")[:most]],
        [_step(each) for each in job.steps.order_by("-pk")[:most]],
        _checkpoints(checkpoints),
        _messages(job, most),
        _submissions(checkpoints, most),
    ]


def _without_secrets(moment: Moment, scrub: Callable[[str], str]) -> Moment:
    return replace(moment, title=scrub(moment.title), text=scrub(moment.text), error=scrub(moment.error))


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


def _run(attempt: Attempt) -> Moment:
    ended = attempt.finished_at
    took = f"{_seconds(ended - attempt.started_at)} in {attempt.process}" if ended else f"In {attempt.process}"
    outcome = attempt.get_outcome_display().lower()
    title = f"Run {attempt.epoch}: {outcome}"
    return Moment(ended or attempt.started_at, attempt.outcome, title, text=took, type="run", error=attempt.error)


def _seconds(span: timedelta) -> str:
    seconds = span.total_seconds()
    return f"{seconds:.1f} seconds" if seconds < 100 else f"{seconds / 60:.0f} minutes"


def _step(step: Step) -> Moment:
    done = step.state == Step.State.DONE
    title = f"Step “{step.key}” {'done' if done else 'begun'}"
    return Moment(
        step.finished_at or step.created_at, step.state, title, text=step.get_effect_display().capitalize(), type="step"
    )


def _checkpoints(checkpoints: list[Checkpoint]) -> list[Moment]:
    moments = []
    for each in checkpoints:
        title = f"Checkpoint “{each.key}” opened"
        moments.append(Moment(each.created_at, "review", title, text=each.title, type="checkpoint", about=each))
        moments += [replace(moment, type="decision") for moment in decided(each.decisions.all())]
        moments += [
            Moment(said.at, "noted", said.get_kind_display(), said.author_label, said.text, type="comment")
            for said in each.comments.all()
        ]
    return moments


def _messages(job: Job, most: int) -> list[Moment]:
    messages = list(OutboxMessage.objects.filter(job_id=job.pk).order_by("-created_at")[:most])
    deliveries = WebhookDelivery.objects.filter(message__in=messages).select_related("endpoint", "message")
    told = [_delivery(each) for each in deliveries.order_by("-created_at")[:most]] if messages else []
    return [_mail(each) for each in messages] + told


def _mail(message: OutboxMessage) -> Moment:
    title = f"Mail “{_topic(message)}” {message.get_status_display().lower()}"
    at = message.sent_at or message.created_at
    return Moment(at, message.status, title, type="mail", error=message.error, about=message)


def _delivery(delivery: WebhookDelivery) -> Moment:
    title = f"Webhook “{_topic(delivery.message)}” {delivery.get_status_display().lower()}"
    answered = f", answered {delivery.last_status}" if delivery.last_status else ""
    at, text = delivery.delivered_at or delivery.created_at, f"{delivery.endpoint}{answered}"
    return Moment(at, delivery.status, title, text=text, type="webhook", error=delivery.error)


def _topic(message: OutboxMessage) -> str:
    return message.topic.rpartition(".")[2].replace("_", " ")


def _submissions(checkpoints: list[Checkpoint], most: int) -> list[Moment]:
    submissions = submissions_of(checkpoints)
    changes = SubmissionChange.objects.filter(submission__in=submissions).select_related("submission__portal")
    return [_change(each) for each in changes.order_by("-pk")[:most]] if submissions else []


def _change(change: SubmissionChange) -> Moment:
    submission = change.submission
    title = f"Submission to {submission.portal.name}: {change.get_to_status_display().lower()}"
    who, status = change.actor_label, change.to_status
    return Moment(change.at, status, title, who, change.why, type="submission", about=submission)
