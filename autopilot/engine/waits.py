"""Waiting is a row, not a thread: the job is put down, and whatever comes picks it up."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn, Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import F

from autopilot import clock
from autopilot.engine import wakeup
from autopilot.engine.faults import reach
from autopilot.engine.signals import LeaseLost, Suspended
from autopilot.engine.steps import Memo
from autopilot.engine.transitions import PENDING, RUNNING, WAITING, move
from autopilot.exceptions import Retryable, Uncertain
from autopilot.models.jobs import Job, Step, WaitReason


class Suspend(Protocol):
    """Put the job down inside the current fenced transaction."""

    def __call__(self, wait_reason: str, wake_at: datetime | None = None) -> None:
        """Wait for `wait_reason`, at the latest until `wake_at`."""


def suspend(job: Job, wait_reason: str, wake_at: datetime | None = None) -> None:
    """Move a running job to waiting; the caller, once its transaction has committed, raises Suspended."""
    if not put_down(job, wait_reason, {"epoch": job.epoch}, seen=job, wake_at=wake_at):
        raise LeaseLost
    reach("suspend.before_commit")


def put_down(job: Job, wait_reason: str, guard: Mapping[str, Any], **more: Any) -> bool:
    """Let a running job that meets `guard` wait, with fresh attempts for when it goes on; returns whether it does."""
    changes: dict[str, Any] = {"wait_reason": wait_reason, "attempt": 0, "crashes": 0} | more
    return move(job.pk, RUNNING, WAITING, "suspend", guard=guard, **changes)


def end_run(memo: Memo) -> NoReturn:
    """End a run whose job waits now."""
    memo.ended = Suspended()
    reach("suspend.after_commit")
    raise memo.ended


def wake(job_id: UUID, why: str, *, seen: Job | None = None, **guard: Any) -> bool:
    """Move a waiting job to pending, due at once, and ring; returns whether it waited. `seen` is as `move` has it."""
    with transaction.atomic(savepoint=False):
        woken = move(job_id, WAITING, PENDING, why, guard=guard, seen=seen, scheduled_for=clock.now())
        if woken:
            wakeup.ring()
    return woken


def answer_arrived(job_id: UUID) -> bool:
    """Tell a job that the outside has answered: it asks again at once. Returns whether it was waiting for that.

    A job that is asking at this very moment sees the count of answers grow, and asks once more before it waits.
    """
    with transaction.atomic():
        Job.objects.filter(pk=job_id).update(answers=F("answers") + 1)
        return wake(job_id, "answer", wait_reason=WaitReason.ANSWER)


def await_answer(memo: Memo, suspend_for: Suspend, name: str, ask: Callable[[], object], every: timedelta) -> Any:
    """Return the stored answer, or ask; with none yet, put the job down until the next time to ask."""
    key = memo.key(name, Step.Effect.ANSWER)
    step = memo.find(key, Step.Effect.ANSWER)
    if step is not None:
        return step.output
    while True:
        memo.look()
        seen = _answers(memo.job)
        answer, wait = _ask(memo, name, ask, every)
        with memo.fenced():
            if answer is not None:
                return memo.store(key, Step.Effect.ANSWER, answer)
            overlooked = _answers(memo.job) != seen
            if not overlooked:
                suspend_for(WaitReason.ANSWER, clock.now() + wait)
        if not overlooked:
            end_run(memo)


def sleep(memo: Memo, suspend_for: Suspend, name: str, length: timedelta) -> None:
    """Put the job down until its time has come; the time is fixed by the first run."""
    key = memo.key(name, Step.Effect.TIMER)
    step = memo.find(key, Step.Effect.TIMER)
    stored = step.output if step is not None else None
    if stored and _is_over(stored):
        return
    with memo.fenced():
        stored = stored or memo.store(key, Step.Effect.TIMER, clock.now() + length)
        over = _is_over(stored)
        if not over:
            suspend_for(WaitReason.TIMER, datetime.fromisoformat(stored))
    if not over:
        end_run(memo)


def _is_over(stored: str) -> bool:
    return clock.now() >= datetime.fromisoformat(stored)


def _ask(memo: Memo, name: str, ask: Callable[[], object], every: timedelta) -> tuple[object, timedelta]:
    try:
        return memo.perform(name, ask), every
    except Retryable as error:
        return None, max(every, error.after or every)
    except Uncertain:
        return None, every


def _answers(job: Job) -> int:
    return Job.objects.values_list("answers", flat=True).get(pk=job.pk)
