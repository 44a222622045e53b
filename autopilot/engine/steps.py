"""The four effects of a handler, and the memo that lets a run begin again from the top."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from autopilot import clock
from autopilot.engine import records
from autopilot.engine.faults import reach
from autopilot.engine.fences import fenced, look
from autopilot.engine.signals import RunEnded
from autopilot.exceptions import HandlerMistake
from autopilot.models.jobs import Job, JobStatus, Step
from autopilot.storable import to_storable

Effect = Step.Effect
Output = Any
# Leaves room in the key for "#123" and ":reconcile:12".
LONGEST_NAME = 100


class Memo:
    """What earlier runs of a job have stored, and the only way to store more: behind the fence.

    It is read once. Nobody else adds to it while this run owns the job: an earlier run that still tries is fenced off,
    and people write steps of jobs that have ended alone. A run that owns its job no more may return what it read, and
    is stopped at its next write.
    """

    def __init__(self, job: Job, should_stop: Callable[[], bool]) -> None:
        self.job = job
        # Before the first claim of a job nothing is stored by anybody.
        self.is_first_run = job.status == JobStatus.RUNNING and job.epoch == 1
        self._stored: dict[str, Step] | None = {} if self.is_first_run else None
        self._should_stop = should_stop
        self._occurrences: Counter[str] = Counter()
        self._effects: dict[str, str] = {}
        self._visited: set[str] = set()
        self._inside = ""
        self.ended: RunEnded | None = None
        self.before_steps: Callable[[], object] | None = None

    def key(self, name: str, effect: str) -> str:
        """Return the key of the next occurrence of a step: `name`, then `name#2`, and so on.

        Raises HandlerMistake when the handler uses one name for two effects, a name that cannot be a key, or begins a
        step inside another one or inside a transaction of its own.
        """
        self._require_beginning(name)
        known = self._effects.setdefault(name, effect)
        if known != effect:
            raise HandlerMistake(f"The step {name!r} of {self.job.kind} is a {known} here and a {effect} there.")
        self._occurrences[name] += 1
        count = self._occurrences[name]
        key = name if count == 1 else f"{name}#{count}"
        self._visited.add(key)
        if self.before_steps is not None:
            self.before_steps()
        return key

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """Open a transaction in which this run owns its job, and remember it if the run ends there."""
        with self._remembering(), fenced(self.job, self._should_stop):
            yield

    def look(self) -> None:
        """End the run before it reaches out of the house, if it does not own its job any more or is to stop."""
        with self._remembering():
            look(self.job, self._should_stop)

    def perform(self, name: str, function: Callable[..., object], *arguments: object) -> object:
        """Call the function of a step, in which no other step may begin."""
        self._inside = name
        try:
            return function(*arguments)
        finally:
            self._inside = ""

    def find(self, key: str, effect: str) -> Step | None:
        """Return the step of a key that an earlier run stored; raises HandlerMistake when it was another effect."""
        step = self._known().get(key)
        if step is not None and step.effect != effect:
            raise HandlerMistake(f"The step {key!r} of {self.job.kind} was a {step.effect} and is now a {effect}.")
        return step

    def store(self, key: str, effect: str, output: object) -> Output:
        """Store a finished step inside the current fenced transaction; returns its output as later runs will see it."""
        return self._insert(key, effect, output, Step.State.DONE).output

    def intend(self, key: str, round_number: int) -> Step:
        """Store, inside the current fenced transaction, that an at-most-once effect is about to be tried."""
        return self._insert(key, Effect.ONCE, {"round": round_number}, Step.State.STARTED)

    def finish(self, key: str, output: object) -> Output:
        """Finish a step that was begun, in a fenced transaction of its own."""
        stored = to_storable(output)
        with self.fenced():
            self._steps().filter(key=key).update(
                state=Step.State.DONE, output=stored, epoch=self.job.epoch, finished_at=clock.now()
            )
        return stored

    def begin_again(self, key: str, round_number: int) -> None:
        """Note, before an effect is tried once more, which round this is."""
        with self.fenced():
            self._steps().filter(key=key).update(output={"round": round_number}, epoch=self.job.epoch)

    def take_over(self, older: str, key: str) -> Step:
        """Give the step that older code stored its new name, inside the current fenced transaction."""
        self._steps().filter(key=older).update(key=key)
        self._stored = None  # it is read anew, for this transaction may yet fail
        return self._steps().get(key=key)

    def forget(self, key: str) -> None:
        """Take back the intent of an effect that surely did not happen."""
        with self.fenced():
            self._steps().filter(key=key, state=Step.State.STARTED).delete()

    def unvisited_once(self) -> list[str]:
        """Return the keys of at-most-once steps that earlier code began and this code has not come by."""
        keys = {key for key, step in self._known().items() if step.effect == Effect.ONCE}
        return sorted(keys - self._visited)

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        try:
            yield
        except RunEnded as signal:
            self.ended = signal
            raise

    def _known(self) -> dict[str, Step]:
        if self._stored is None:
            owner = (records.key_of(Job, self.job.pk), self.job.generation)
            stored = records.find(Step, "job_id = %s AND generation = %s", owner)
            self._stored = {step.key: step for step in stored}
        return self._stored

    def _insert(self, key: str, effect: str, output: object, state: str) -> Step:
        step = Step(
            job=self.job,
            generation=self.job.generation,
            key=key,
            effect=effect,
            state=state,
            output=to_storable(output),
            epoch=self.job.epoch,
            handler_version=self.job.handler_version,
            finished_at=clock.now() if state == Step.State.DONE else None,
        )
        return records.insert(step)

    def _steps(self) -> QuerySet[Step]:
        return Step.objects.filter(job=self.job, generation=self.job.generation)

    def _require_beginning(self, name: str) -> None:
        if not name or "#" in name or len(name) > LONGEST_NAME:
            raise HandlerMistake(f"{name!r} is no name of a step: 1 to {LONGEST_NAME} characters, and none of them #.")
        if self._inside:
            raise HandlerMistake(
                f"The step {name!r} begins inside the step {self._inside!r}: let one follow the other."
            )
        if _in_transaction():
            raise HandlerMistake(f"The step {name!r} begins inside a database transaction: no step is safe in there.")


def run_transaction(memo: Memo, name: str, function: Callable[[], object]) -> Output:
    """Run local writes exactly once: they and the memo commit together, behind the fence."""
    key = memo.key(name, Effect.TRANSACTION)
    step = memo.find(key, Effect.TRANSACTION)
    if step is not None:
        return step.output
    with memo.fenced():
        output = memo.store(key, Effect.TRANSACTION, memo.perform(name, function))
        reach("tx.before_commit")
    reach("tx.after_commit")
    return output


def run_call(memo: Memo, name: str, function: Callable[[str], object]) -> Output:
    """Call the outside with a key that stays the same however often it is tried: the effect happens once."""
    key = memo.key(name, Effect.CALL)
    step = memo.find(key, Effect.CALL)
    if step is not None:
        return step.output
    memo.look()
    reach("call.before_call")
    result = memo.perform(name, function, f"{memo.job.pk}:{memo.job.generation}:{key}")
    reach("call.after_call")
    with memo.fenced():
        output = memo.store(key, Effect.CALL, result)
    reach("call.after_commit")
    return output


def run_value(memo: Memo, name: str, function: Callable[[], object]) -> Output:
    """Store a time or a random value, so that every later run sees the same."""
    key = memo.key(name, Effect.VALUE)
    step = memo.find(key, Effect.VALUE)
    if step is not None:
        return step.output
    with memo.fenced():
        return memo.store(key, Effect.VALUE, function())


def _in_transaction() -> bool:
    # The transaction that surrounds a whole test is not the handler's.
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
