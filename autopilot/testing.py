"""Speak of jobs in tests: run what is due, and hold a handler to the rule that everything it does is in a step."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial, wraps
from typing import Any

from django.db import DatabaseError, connection

from autopilot import clock, sweep
from autopilot.cluster.pump import Pump
from autopilot.engine import executor, statements
from autopilot.engine.context import JobContext
from autopilot.exceptions import HandlerMistake
from autopilot.models.jobs import Job, Step

MOST_RUNS = 1000
LEASE = timedelta(seconds=30)
METHODS = ("tx", "call", "once", "emit", "info", "approval", "answer", "sleep", "now", "uuid")
# What Python tells its audit hooks before it does it; only what reaches out of the process is of interest.
REACHES_OUT = ("open", "socket.", "subprocess.", "os.", "shutil.", "smtplib.", "ftplib.", "urllib.", "sqlite3.connect")
CODE = (".py", ".pyc", ".so")


def run_jobs() -> list[tuple[str, str]]:
    """Run every due job, and what becomes due by that, in this process; returns kind and outcome of each run."""
    ran: list[tuple[str, str]] = []
    pump = Pump(told=lambda job, outcome: ran.append((job.kind, outcome)))
    sweep.run(sweep.URGENT)
    while pump.run_one():
        if len(ran) > MOST_RUNS:
            raise AssertionError(f"More than {MOST_RUNS} jobs ran: does one enqueue itself?")
    return ran


def claim(job: Job) -> Job:
    """Claim one job, which must be the next one due; returns it as the claimer sees it."""
    claimed = statements.claim("test", LEASE)
    if claimed is None or claimed.pk != job.pk:
        raise AssertionError(f"{job} is not the next due job: {claimed}")
    return claimed


def run_job(job: Job) -> str:
    """Claim one job, which must be the next one due, and run it once; returns how the run ended."""
    return executor.perform(claim(job), lambda: False)


def replayed(job: Job) -> list[str]:
    """Run a job under guard, giving it back after every new step, until it waits or ends; returns the runs' endings.

    So every step is replayed from its memo by every later run. Raises HandlerMistake where the handler reaches out
    of the process, or asks the database, outside a step.
    """
    endings: list[str] = []
    while Job.objects.due(clock.now()).filter(pk=job.pk).exists() and len(endings) < MOST_RUNS:
        claimed = claim(job)
        mistakes: list[str] = []
        guarded = partial(GuardedContext, mistakes=mistakes)
        try:
            endings.append(executor.perform(claimed, _stop_after_a_new_step(claimed), guarded))
        except DatabaseError:
            # A refused statement may leave the test's own transaction unusable; then the mistake is what matters.
            if not mistakes:
                raise
        if mistakes:
            raise HandlerMistake(f"Outside a step, the handler of {job.kind} {mistakes[0]}.")
    return endings


class GuardedContext(JobContext):
    """A run in which only the methods of the context may touch the world; what else did is put in `mistakes`."""

    def __init__(self, job: Job, *, mistakes: list[str], should_stop: Callable[[], bool]) -> None:
        super().__init__(job, should_stop=should_stop)
        self.mistakes = mistakes
        self.open = 0

    def running(self) -> AbstractContextManager[None]:
        """Guard the handler's run."""
        return _guarded(self)

    def refuse(self, deed: str) -> None:
        """Note a deed and raise HandlerMistake, unless a method of the context does it."""
        if not self.open:
            self.mistakes.append(deed)
            raise HandlerMistake(f"Outside a step, the handler {deed}.")


def _opening(name: str) -> Callable[..., Any]:
    method = getattr(JobContext, name)

    @wraps(method)
    def opened(self: GuardedContext, *args: Any, **kwargs: Any) -> Any:
        self.open += 1
        try:
            return method(self, *args, **kwargs)
        finally:
            self.open -= 1

    return opened


for _name in METHODS:
    setattr(GuardedContext, _name, _opening(_name))

_guards: dict[int, GuardedContext] = {}


@contextmanager
def _guarded(context: GuardedContext) -> Iterator[None]:
    """Watch this thread for the length of a handler's run."""

    def refuse_statement(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        context.refuse(f"asks the database: {statement[:60]}")
        return execute(statement, *rest)

    _guards[threading.get_ident()] = context
    try:
        with connection.execute_wrapper(refuse_statement):
            yield
    finally:
        del _guards[threading.get_ident()]


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _guards and event.startswith(REACHES_OUT) and threading.get_ident() in _guards:
        subject = str(arguments[0]) if arguments else ""
        if not (event == "open" and subject.endswith(CODE)):
            _guards[threading.get_ident()].refuse(f"reaches out of the process: {event} {subject}".strip())


# Python knows no way to take a hook away again; while nobody is guarded it does nothing.
sys.addaudithook(_hear)


def _stop_after_a_new_step(job: Job) -> Callable[[], bool]:
    done = Step.objects.filter(job=job, state=Step.State.DONE)
    before = done.count()
    return lambda: done.count() > before
