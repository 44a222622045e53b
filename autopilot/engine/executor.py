"""One attempt of one job: find the handler, run it, settle what came of it."""

import hashlib
import logging
import re
import traceback
from collections.abc import Callable
from datetime import timedelta
from random import random

from django.conf import settings

from autopilot import clock
from autopilot.engine import controls, retry, statements
from autopilot.engine.context import JobContext
from autopilot.engine.faults import reach
from autopilot.engine.registry import find_handler
from autopilot.engine.signals import CancelSeen, GivenBack, LeaseLost, Suspended
from autopilot.engine.transitions import CANCELLED, FAILED, PENDING, RUNNING, move, uncounted
from autopilot.exceptions import ApprovalExpired, HandlerMistake, Invalid, Rejected, Retryable, Snooze, UnknownKind
from autopilot.models.jobs import Job
from autopilot.models.workers import Worker
from autopilot.storable import to_storable

logger = logging.getLogger(__name__)
UNKNOWN_KIND_WAIT = timedelta(minutes=1)
LONGEST_ERROR = 4000


def perform(job: Job, should_stop: Callable[[], bool], context_type: type[JobContext] = JobContext) -> str:
    """Run a claimed job's handler once and settle the attempt; returns how it ended, for logs and tests.

    `should_stop` tells, at every fence, whether this process is to give its job back. Only this function catches what a handler raises. What the database itself refuses is raised: the lease expires
    then, and another process takes over.
    """
    context = context_type(job, should_stop=should_stop)
    try:
        result = _run(job, context)
    except LeaseLost:
        return "fenced"
    except Suspended:
        return "suspended"
    except CancelSeen:
        return _cancel(job)
    except (GivenBack, KeyboardInterrupt, SystemExit) as error:
        ended = give_back(job)
        if not isinstance(error, GivenBack):
            raise
        return ended
    except Exception as error:  # noqa: BLE001 (whatever a handler raises is an outcome of its job)
        return _swallowed(job, error) if context.suspended else _failed(job, error)
    if context.suspended:
        return _swallowed(job, None)
    return _complete(job, result)


def give_back(job: Job, why: str = "give_back") -> str:
    """Put a running job back in the queue as if it had not been claimed."""
    moved = move(
        job.pk, RUNNING, PENDING, why, guard={"epoch": job.epoch}, attempt=uncounted(), scheduled_for=clock.now()
    )
    return "given_back" if moved else "fenced"


def _run(job: Job, context: JobContext) -> object:
    handler = find_handler(job.kind)
    if job.handler_version != handler.version:
        Job.objects.filter(pk=job.pk, epoch=job.epoch).update(handler_version=handler.version)
        job.handler_version = handler.version
    with context.running():
        return handler.function(context, **handler.signature.to_arguments(job.payload))


def _complete(job: Job, result: object) -> str:
    reach("settle.before")
    settled = statements.settle(job, to_storable(result), timedelta(days=settings.AUTOPILOT_JOB_RETENTION_DAYS))
    reach("settle.after")
    return "completed" if settled else _cancel(job)


def _cancel(job: Job) -> str:
    guard = {"epoch": job.epoch, "cancel_requested_at__isnull": False}
    if not move(job.pk, RUNNING, CANCELLED, "cancel", guard=guard, reason="cancelled"):
        return "fenced"
    controls.close_checkpoints(job)
    return "cancelled"


def _failed(job: Job, error: Exception) -> str:
    if isinstance(error, Snooze):
        return _snooze(job, error.delay)
    if isinstance(error, UnknownKind):
        # Another process may run newer code that knows it; the doctor tells of a kind that nobody knows.
        return _snooze(job, UNKNOWN_KIND_WAIT)
    if why := _final_reason(job, error):
        return _fail(job, why, error)
    delay = _delay(job, error)
    return _settle_error(job, PENDING, "retry", error, {"delay_seconds": delay.total_seconds()}, delay)


def _final_reason(job: Job, error: Exception) -> str:
    if isinstance(error, Rejected):
        return "rejected"
    if isinstance(error, ApprovalExpired):
        return "expired"
    if isinstance(error, Invalid | HandlerMistake):
        return "invalid"
    return "attempts_exhausted" if job.attempt >= job.max_attempts else ""


def _fail(job: Job, why: str, error: Exception) -> str:
    return _settle_error(job, FAILED, why, error, {}, None)


def _snooze(job: Job, delay: timedelta) -> str:
    moved = move(
        job.pk, RUNNING, PENDING, "snooze", guard={"epoch": job.epoch},
        attempt=uncounted(), snoozes=job.snoozes + 1, scheduled_for=clock.now() + delay,
    )  # fmt: skip
    return "snoozed" if moved else "fenced"


def _settle_error(
    job: Job, target: str, why: str, error: Exception, detail: dict[str, object], delay: timedelta | None
) -> str:
    changes: dict[str, object] = {"error": _message(error), "error_fingerprint": fingerprint(job.kind, error)}
    changes |= {"scheduled_for": clock.now() + delay} if delay is not None else {"reason": why}
    moved = move(
        job.pk, RUNNING, target, why, guard={"epoch": job.epoch}, detail=detail, attempt_error=_trace(error), **changes
    )
    logger.warning("job %s (%s) attempt %s: %s after %s", job.pk, job.kind, job.attempt, why, type(error).__name__)
    return why if moved else "fenced"


def _delay(job: Job, error: Exception) -> timedelta:
    configured = Worker.objects.filter(name=job.worker).first() or Worker()
    policy = retry.RetryPolicy(
        base=timedelta(seconds=configured.retry_base_seconds), cap=timedelta(seconds=configured.retry_cap_seconds)
    )
    after = error.after if isinstance(error, Retryable) else None
    return retry.delay(policy, job.attempt, after=after, random=random)


def _swallowed(job: Job, error: Exception | None) -> str:
    logger.error("the handler of %s swallowed a suspension in job %s: let it pass", job.kind, job.pk)
    text = "The handler swallowed a suspension: it must let BaseException pass."
    Job.objects.filter(pk=job.pk, epoch=job.epoch).update(error=text)
    return "swallowed_suspend"


def fingerprint(kind: str, error: BaseException) -> str:
    """Return what failures of one cause have in common: kind, type and place, not the ids in their message."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].name}" if frames else ""
    message = re.sub(r"[0-9a-f-]{8,}|\d+", "#", str(error).lower())
    return hashlib.sha256("\n".join((kind, type(error).__name__, place, message)).encode()).hexdigest()[:16]


def _message(error: Exception) -> str:
    return str(to_storable(f"{type(error).__name__}: {error}"))[:LONGEST_ERROR]


def _trace(error: Exception) -> str:
    # The frames and the message, never the values of local variables.
    return str(to_storable("".join(traceback.format_exception(error))))[-LONGEST_ERROR:]


