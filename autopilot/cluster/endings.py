"""Settle an attempt in place of its handler, which hangs or was cut off."""

import logging
from datetime import timedelta
from typing import Any

from autopilot import clock
from autopilot.engine import controls, once
from autopilot.engine.transitions import FAILED, RUNNING, move
from autopilot.models.jobs import Job

logger = logging.getLogger(__name__)

NEXT_ATTEMPT = timedelta(seconds=5)


def overrun(job: Job) -> bool:
    """Settle an attempt that has passed its deadline; returns whether it was still this process's."""
    return _settle(job, "deadline", "deadline", f"It took longer than {job.timeout_seconds} seconds.")


def cut_off(job: Job) -> bool:
    """Settle an attempt that lost its database; returns whether it was still this process's."""
    return _settle(job, "retry", "attempts_exhausted", "The database went away, or refused, while it ran.")


def _settle(job: Job, again: str, at_last: str, error: str) -> bool:
    logger.warning("job %s (%s) attempt %s: %s", job.pk, job.kind, job.attempt, error)
    guard: dict[str, Any] = {"epoch": job.epoch}
    told: dict[str, Any] = {"error": error, "attempt_error": error}
    if job.attempt < job.max_attempts:
        return bool(controls.put_back(job, again, guard, scheduled_for=clock.now() + NEXT_ATTEMPT, **told))
    if controls.finish_cancel(job, guard) or once.ask_after_the_last_crash(job, guard, error):
        return True
    return move(job.pk, RUNNING, FAILED, at_last, guard=guard, reason=at_last, **told)
