"""Replay waiting jobs against the code at hand, without doing anything: what a deployment would do to them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from autopilot import clock
from autopilot.engine.checkpoints import Review, review_of
from autopilot.engine.context import JobContext
from autopilot.engine.registry import find_handler
from autopilot.engine.signals import RunEnded
from autopilot.exceptions import ApprovalExpired, AutopilotError, HandlerMistake, Rejected
from autopilot.models.checkpoints import Checkpoint
from autopilot.models.jobs import Job, JobStatus, Step

Effect = Step.Effect


class EndOfMemo(RunEnded):
    """The replay came to something that no earlier run has done: from here on the new code is free."""


@dataclass(frozen=True)
class Problem:
    """A waiting job that the code at hand would not carry on as it began."""

    job_id: UUID
    kind: str
    text: str


class ReplayContext(JobContext):
    """A run that only reads: every stored step returns what it returned, and the first new one ends it."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._steps = {step.key: step for step in job.steps.filter(generation=job.generation)}
        self._asked = {each.key: each for each in job.checkpoints.filter(generation=job.generation)}

    def tx(self, name: str, function: Callable[[], object]) -> Any:
        """Return the stored output."""
        return self._stored(name, Effect.TRANSACTION)

    def call(self, name: str, function: Callable[[str], object]) -> Any:
        """Return the stored output."""
        return self._stored(name, Effect.CALL)

    def once(self, name: str, function: Callable[[], object], *, probe: Callable[[], object] | None = None) -> Any:
        """Return the stored output."""
        return self._stored(name, Effect.ONCE)

    def emit(self, topic: str, **references: Any) -> None:
        """Pass a message that was left before."""
        self._stored(f"emit:{topic}", Effect.EMIT)

    def info(self, name: str, *, title: str, payload: dict[str, Any] | None = None, summary: str = "") -> None:
        """Pass a checkpoint that was shown before."""
        self._decided(name)

    def approval(self, name: str, **request: Any) -> Review:
        """Return the review that was given before, or raise as it was refused."""
        return review_of(self._decided(name))

    def answer(self, name: str, ask: Callable[[], object], *, every: Any = "1h") -> Any:
        """Return the stored answer."""
        return self._stored(name, Effect.ANSWER)

    def sleep(self, name: str, length: Any) -> None:
        """Pass a time that is over."""
        if datetime.fromisoformat(self._stored(name, Effect.TIMER)) > clock.now():
            raise EndOfMemo

    def now(self) -> datetime:
        """Return the stored time."""
        return datetime.fromisoformat(self._stored("now", Effect.VALUE))

    def uuid(self) -> UUID:
        """Return the stored id."""
        return UUID(self._stored("uuid", Effect.VALUE))

    def unvisited_once(self) -> list[str]:
        """Return the at-most-once steps of earlier code that this code has not come by."""
        return self._memo.unvisited_once()

    def _stored(self, name: str, effect: str) -> Any:
        return self._output(self._memo.key(name, effect), effect)

    def _output(self, key: str, effect: str) -> Any:
        step = self._steps.get(key)
        if step is None or step.state != Step.State.DONE:
            raise EndOfMemo
        if step.effect != effect:
            raise HandlerMistake(f"The step {key!r} was a {step.effect} and is now a {effect}.")
        return step.output

    def _decided(self, name: str) -> Checkpoint:
        checkpoint = self._asked.get(self._memo.key(name, "checkpoint"))
        if checkpoint is None or checkpoint.is_pending:
            raise EndOfMemo
        return checkpoint


def check(jobs: Iterator[Job] | None = None) -> Iterator[tuple[Job, Problem | None]]:
    """Replay every job that has begun and is not final, one at a time; yields each with what is wrong with it."""
    for job in jobs if jobs is not None else begun().order_by("pk").iterator(chunk_size=200):
        yield job, replay(job)


def begun() -> QuerySet[Job]:
    """Return the jobs that have begun and are neither final nor running."""
    return Job.objects.filter(status__in=(JobStatus.WAITING, JobStatus.PENDING), first_started_at__isnull=False)


def replay(job: Job) -> Problem | None:
    """Return what would go wrong if a job went on with the code at hand, or None."""
    try:
        handler = find_handler(job.kind)
        context = ReplayContext(job)
        handler.function(context, **handler.signature.to_arguments(job.payload))
    except (RunEnded, Rejected, ApprovalExpired):
        # The end of what is stored, or of what a person refused: either is as it should be.
        return _unvisited(job, context)
    except AutopilotError as error:
        return Problem(job.pk, job.kind, str(error))
    except Exception as error:  # noqa: BLE001 (whatever the code would raise is what is to be told)
        return Problem(job.pk, job.kind, f"{type(error).__name__} outside a step")
    return _unvisited(job, context)


def _unvisited(job: Job, context: ReplayContext) -> Problem | None:
    lost = context.unvisited_once()
    if not lost:
        return None
    return Problem(job.pk, job.kind, f"The step {lost[0]!r}, which may happen once only, is no longer there.")
