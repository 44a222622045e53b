"""Speak of jobs in tests: run what is due, and hold a handler to the rule that everything it does is in a step."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import connection

from autopilot import clock, sweep
from autopilot.cluster.pump import Pump
from autopilot.engine import executor, statements
from autopilot.engine.context import JobContext
from autopilot.exceptions import HandlerMistake
from autopilot.models.jobs import Job, Step

MOST_RUNS = 1000
LEASE = timedelta(seconds=30)
METHODS = ("tx", "call", "once", "emit", "info", "approval", "answer", "sleep", "now", "uuid")
READS = ("SELECT", "SAVEPOINT", "RELEASE", "PRAGMA")


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

    So every step is replayed from its memo by every later run. The job fails with HandlerMistake where its handler
    writes to the database or opens a connection outside a step.
    """
    endings = []
    while Job.objects.due(clock.now()).filter(pk=job.pk).exists() and len(endings) < MOST_RUNS:
        claimed = claim(job)
        endings.append(executor.perform(claimed, _stop_after_a_new_step(claimed), GuardedContext))
    return endings


class GuardedContext(JobContext):
    """A run in which only the methods of the context may touch the world."""

    def __init__(self, job: Job, *, should_stop: Callable[[], bool] = lambda: False) -> None:
        super().__init__(job, should_stop=should_stop)
        self.open = 0

    def running(self) -> AbstractContextManager[None]:
        """Guard the handler's run."""
        return guarded(self)


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


@contextmanager
def guarded(context: GuardedContext) -> Iterator[None]:
    """Forbid, while no method of the context is at work, statements that write and connections to anywhere."""
    connect = socket.socket.connect

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if not context.open:
            raise HandlerMistake("The handler opens a connection outside a step.")
        connect(self, address)

    def guarded_execute(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        if not context.open and not statement.lstrip().upper().startswith(READS):
            raise HandlerMistake(f"The handler writes to the database outside a step: {statement[:60]}")
        return execute(statement, *rest)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(guarded_execute):
            yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]


def _stop_after_a_new_step(job: Job) -> Callable[[], bool]:
    done = Step.objects.filter(job=job, state=Step.State.DONE)
    before = done.count()
    return lambda: done.count() > before
