"""One attempt of one job: find the handler, run it, settle what came of it."""

import hashlib
import logging
import re
import traceback
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import random
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import Error

from autopilot import clock, disks
from autopilot.engine import controls, fences, retry, statements
from autopilot.engine.context import JobContext
from autopilot.engine.faults import reach
from autopilot.engine.registry import find_handler
from autopilot.engine.signals import CancelSeen, GivenBack, RunEnded, Suspended
from autopilot.engine.statements import Finished
from autopilot.engine.transitions import CANCELLED, FAILED, PENDING, RUNNING, move, uncounted
from autopilot.exceptions import (
    ApprovalExpired,
    HandlerMistake,
    Invalid,
    InvalidPayload,
    Rejected,
    Retryable,
    Snooze,
    UnknownKind,
)
from autopilot.models.jobs import Job
from autopilot.models.workers import Worker
from autopilot.storable import to_storable
from autopilot.trace import tracing

logger = logging.getLogger(__name__)
UNKNOWN_KIND_WAIT = timedelta(minutes=1)
FULL_DISK_WAIT = timedelta(minutes=1)
LONGEST_ERROR = 4000
FINAL = (Invalid, InvalidPayload, HandlerMistake)

Settle = Callable[[Sequence[Finished], timedelta], set[UUID]]
FINISHED = "finished"


class Companions(Protocol):
    """The jobs that were claimed together with the one that runs."""

    def is_old(self) -> bool:
        """Return whether so much time has gone by since the claim that a job is looked at before it begins."""

    def complete(self) -> None:
        """Complete those that have finished; asked before each step of the one that runs."""

    def keep(self, job: Job, result: object) -> None:
        """Take what a handler returned, as it can be stored, to be completed later."""


def perform(
    job: Job,
    should_stop: Callable[[], bool],
    context_type: Callable[..., JobContext] = JobContext,
    companions: Companions | None = None,
) -> str:
    """Run a claimed job's handler once and settle the attempt; returns how it ended, for logs and tests.

    `should_stop` tells, at every fence, whether this process is to give its job back. With `companions` a job whose
    handler has returned is left to them: it is FINISHED. Only this function catches what a handler raises. What the
    database refuses while that is settled is raised: the lease expires then, and another process takes over.
    """
    with tracing(job_id=str(job.pk), kind=job.kind):
        context = context_type(job, should_stop=should_stop)
        if companions is not None:
            context.before_steps(companions.complete)
        return _perform(job, context, should_stop, companions)


def _perform(job: Job, context: JobContext, should_stop: Callable[[], bool], companions: Companions | None) -> str:
    try:
        if companions is not None and companions.is_old():
            fences.look(job, should_stop)
        result = _run(job, context)
    except RunEnded as signal:
        return _end(job, signal)
    except KeyboardInterrupt:
        give_back(job)
        raise
    except SystemExit as error:
        # A handler that ends its process would otherwise be started again for ever.
        _failed(job, error)
        raise
    except Exception as error:  # noqa: BLE001 (whatever a handler raises is an outcome of its job)
        return _swallowed(job, context.ended) if context.ended else _failed(job, error)
    return _swallowed(job, context.ended) if context.ended else _returned(job, to_storable(result), companions)


def _returned(job: Job, result: object, companions: Companions | None) -> str:
    reach("run.returned")
    if companions is None:
        return complete([(job, result)])[0]
    companions.keep(job, result)
    return FINISHED


def complete(finished: Sequence[Finished], settle: Settle | None = None) -> list[str]:
    """Complete jobs whose handlers have returned, in one commit; returns how each ended, in their order.

    `settle` stands in place of `statements.settle_together`, and keeps its promise. Raises what the database refuses.
    """
    retention = timedelta(days=settings.AUTOPILOT_JOB_RETENTION_DAYS)
    reach("settle.before")
    try:
        settled = (settle or statements.settle_together)(finished, retention)
    except Error as error:
        if disks.is_full(error):
            return [postpone(job, error) for job, _ in finished]
        raise
    reach("settle.after")
    return ["completed" if job.pk in settled else _cancel(job) for job, _ in finished]


def give_back(job: Job) -> str:
    """Put a running job back in the queue as if it had not been claimed."""
    return _put_back(job, "give_back", "given_back", attempt=uncounted(), scheduled_for=clock.now())


def postpone(job: Job, error: BaseException) -> str:
    """Put a running job off for a minute because a disk is full, as `error` says, without counting the attempt.

    However long that lasts, no job fails of it.
    """
    logger.warning("job %s (%s) attempt %s: put off, for a disk is full", job.pk, job.kind, job.attempt)
    return _snooze(job, FULL_DISK_WAIT, detail={"reason": "A disk is full."}, attempt_error=_trace(error))


def _run(job: Job, context: JobContext) -> object:
    handler = find_handler(job.kind)
    if job.handler_version != handler.version:
        Job.objects.filter(pk=job.pk, epoch=job.epoch).update(handler_version=handler.version)
        job.handler_version = handler.version
    with context.running():
        return handler.function(context, **handler.signature.to_arguments(job.payload))


def _end(job: Job, signal: RunEnded) -> str:
    if isinstance(signal, CancelSeen):
        return _cancel(job)
    if isinstance(signal, GivenBack):
        return give_back(job)
    return "suspended" if isinstance(signal, Suspended) else "fenced"


def _cancel(job: Job) -> str:
    return "cancelled" if controls.finish_cancel(job, {"epoch": job.epoch}) else "fenced"


def _put_back(job: Job, why: str, outcome: str, **changes: Any) -> str:
    put = controls.put_back(job, why, {"epoch": job.epoch}, **changes)
    if put == PENDING:
        return outcome
    return "cancelled" if put == CANCELLED else "fenced"


def _failed(job: Job, error: BaseException) -> str:
    if isinstance(error, Snooze):
        return _snooze(job, error.delay)
    if isinstance(error, UnknownKind):
        # Another process may run newer code that knows it; the doctor tells of a kind that nobody knows.
        return _snooze(job, UNKNOWN_KIND_WAIT)
    if disks.is_full(error) and not isinstance(error, FINAL):
        return postpone(job, error)
    if why := _final_reason(job, error):
        return _fail(job, why, error)
    return _retry(job, error, _delay(job, error))


def _final_reason(job: Job, error: BaseException) -> str:
    if isinstance(error, Rejected):
        return "rejected"
    if isinstance(error, ApprovalExpired):
        return "expired"
    if isinstance(error, FINAL):
        return "invalid"
    return "attempts_exhausted" if job.attempt >= job.max_attempts else ""


def _fail(job: Job, why: str, error: BaseException) -> str:
    guard = {"epoch": job.epoch}
    moved = move(job.pk, RUNNING, FAILED, why, guard=guard, reason=why, **_described(job, error))
    _report(job, why, error)
    return why if moved else "fenced"


def _retry(job: Job, error: BaseException, delay: timedelta) -> str:
    detail = {"delay_seconds": delay.total_seconds()}
    _report(job, "retry", error)
    return _put_back(job, "retry", "retry", detail=detail, scheduled_for=clock.now() + delay, **_described(job, error))


def _snooze(job: Job, delay: timedelta, **told: Any) -> str:
    return _put_back(
        job, "snooze", "snoozed",
        attempt=uncounted(), snoozes=job.snoozes + 1, scheduled_for=clock.now() + delay, **told,
    )  # fmt: skip


def _described(job: Job, error: BaseException) -> dict[str, Any]:
    """Return what is stored about an error: on the job, to be grouped, and on the attempt, to be understood."""
    return {
        "error": _message(error),
        "error_fingerprint": fingerprint(job.kind, error),
        "attempt_error": _trace(error),
    }


def _report(job: Job, why: str, error: BaseException) -> None:
    # The last failure of what nobody foresaw is told with its traceback; the logs mask what is personal in it.
    unforeseen = why == "attempts_exhausted"
    logger.log(
        logging.ERROR if unforeseen else logging.WARNING,
        "job %s (%s) attempt %s: %s after %s",
        *(job.pk, job.kind, job.attempt, why, type(error).__name__),
        exc_info=error if unforeseen else None,
    )


def _delay(job: Job, error: BaseException) -> timedelta:
    configured = Worker.objects.filter(name=job.worker).first() or Worker()
    policy = retry.RetryPolicy(
        base=timedelta(seconds=configured.retry_base_seconds), cap=timedelta(seconds=configured.retry_cap_seconds)
    )
    after = error.after if isinstance(error, Retryable) else None
    return retry.delay(policy, job.attempt, after=after, random=random)


def _swallowed(job: Job, signal: RunEnded) -> str:
    logger.error("the handler of %s swallowed %s in job %s: let it pass", job.kind, type(signal).__name__, job.pk)
    text = f"The handler swallowed {type(signal).__name__}: it must let BaseException pass."
    Job.objects.filter(pk=job.pk, epoch=job.epoch).update(error=text)
    _end(job, signal)
    return "swallowed"


def fingerprint(kind: str, error: BaseException) -> str:
    """Return what failures of one cause have in common: kind, type and place, not the ids in their message."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].name}" if frames else ""
    message = re.sub(r"[0-9a-f-]{8,}|\d+", "#", to_storable(error).lower())
    return hashlib.sha256("\n".join((kind, type(error).__name__, place, message)).encode()).hexdigest()[:16]


def _message(error: BaseException) -> str:
    return f"{type(error).__name__}: {to_storable(error)}"[:LONGEST_ERROR]


def _trace(error: BaseException) -> str:
    # The frames and the message, never the values of local variables.
    return str(to_storable("".join(traceback.format_exception(error))))[-LONGEST_ERROR:]
