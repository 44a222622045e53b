"""What a handler holds in its hand: the effects, the waits and the persons of one job."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from autopilot import clock
from autopilot.engine import checkpoints, messages, once, steps, waits
from autopilot.engine.checkpoints import Review
from autopilot.engine.durations import duration
from autopilot.engine.signals import RunEnded
from autopilot.engine.steps import Memo
from autopilot.exceptions import HandlerMistake
from autopilot.identifiers import uuid7
from autopilot.models.checkpoints import Checkpoint
from autopilot.models.jobs import Job, Step

Duration = timedelta | str


def _never() -> bool:
    return False


class JobContext:
    """One run of one job, as its handler sees it.

    After a crash or a wait the handler runs again from the top, and every step that is stored returns what it
    returned. So whatever touches the world stands in a step, and time and chance come from `now` and `uuid`.
    """

    def __init__(self, job: Job, *, should_stop: Callable[[], bool] = _never) -> None:
        self._job = job
        self._memo = Memo(job, should_stop)

    def before_steps(self, deed: Callable[[], object]) -> None:
        """Have something done before each step, outside any transaction."""
        self._memo.before_steps = deed

    def running(self) -> AbstractContextManager[None]:
        """Surround the handler's run; a test's context guards it here."""
        return nullcontext()

    @property
    def ended(self) -> RunEnded | None:
        """How the engine has ended this run; None while it goes on."""
        return self._memo.ended

    @property
    def id(self) -> UUID:
        """The job's id."""
        return self._job.pk

    @property
    def tenant_id(self) -> UUID:
        """The organization the job works for."""
        return self._job.tenant_id

    @property
    def attempt(self) -> int:
        """Which execution this is, from 1."""
        return self._job.attempt

    @property
    def dry_run(self) -> bool:
        """Whether nothing may leave the house."""
        return self._job.dry_run

    def tx(self, name: str, function: Callable[[], object]) -> Any:
        """Write to the local database exactly once; returns what the function returned, as JSON."""
        return steps.run_transaction(self._memo, name, function)

    def call(self, name: str, function: Callable[[str], object]) -> Any:
        """Call the outside with an idempotency key, which the function is given; retried with the same key."""
        return steps.run_call(self._memo, name, function)

    def once(self, name: str, function: Callable[[], object], *, probe: Callable[[], object] | None = None) -> Any:
        """Call an outside that knows no idempotency at most once; when nobody knows the outcome, ask.

        `probe` asks the other side what it holds, and returns None if it cannot tell; then a person is asked. Snooze
        raised by it puts the run off.
        Retryable, Invalid or Snooze raised by the function mean that it surely did not happen.
        """
        return once.run_once(self._memo, self._suspend, name, function, probe)

    def emit(self, topic: str, **references: Any) -> None:
        """Leave a message in the outbox, once; `references` are ids, never personal data."""
        key = self._memo.key(f"emit:{topic}", Step.Effect.EMIT)
        if self._memo.find(key, Step.Effect.EMIT) is None:
            with self._memo.fenced():
                sent = messages.emit(topic, tenant_id=self.tenant_id, job_id=self.id, **references)
                self._memo.store(key, Step.Effect.EMIT, str(sent.pk))

    def info(self, name: str, *, title: str, payload: dict[str, Any] | None = None, summary: str = "") -> None:
        """Show a person something without waiting for anybody."""
        checkpoints.inform(self._memo, name, title=title, payload=payload or {}, summary=summary)

    def approval(
        self,
        name: str,
        *,
        title: str,
        payload: dict[str, Any],
        form: str = "",
        reviewers: str | tuple[str, ...] = (),
        summary: str = "",
        due: Duration = "24h",
        expires: Duration = "7d",
        quorum: int = 1,
        on_expiry: str = Checkpoint.OnExpiry.FAIL,
    ) -> Review:
        """Wait, holding nothing, until other people have approved the payload; returns what they approved.

        `reviewers` are names of groups, `form` is a registered review form for amending, `due` is the promise and
        `expires` the end. Raises Rejected, and ApprovalExpired where `on_expiry` is "resume".
        """
        request = checkpoints.Request(
            title=title,
            payload=payload,
            form=form,
            reviewers=(reviewers,) if isinstance(reviewers, str) else reviewers,
            summary=summary,
            due=_length(due),
            expires=_length(expires),
            quorum=quorum,
            on_expiry=on_expiry,
        )
        return checkpoints.require_approval(self._memo, self._suspend, name, request)

    def answer(self, name: str, ask: Callable[[], object], *, every: Duration = "1h") -> Any:
        """Ask the outside until it answers something other than None, waiting in between without a process.

        `engine.answer_arrived` wakes the job sooner. A Retryable or Uncertain question is asked again next time.
        """
        return waits.await_answer(self._memo, self._suspend, name, ask, _length(every))

    def sleep(self, name: str, length: Duration) -> None:
        """Wait for a length of time without a process."""
        waits.sleep(self._memo, self._suspend, name, _length(length))

    def now(self) -> datetime:
        """Return the time at which a run first came here."""
        return datetime.fromisoformat(steps.run_value(self._memo, "now", clock.now))

    def uuid(self) -> UUID:
        """Return a new id, the same in every later run."""
        return UUID(steps.run_value(self._memo, "uuid", uuid7))

    def _suspend(self, wait_reason: str, wake_at: datetime | None = None) -> None:
        waits.suspend(self._job, wait_reason, wake_at)


def _length(written: Duration) -> timedelta:
    try:
        return duration(written)
    except ValueError as error:
        raise HandlerMistake(str(error)) from error
