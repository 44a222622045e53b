"""What this thread works on: which request, which job, and from where it was asked. Logs, audit and errors tell it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Trace:
    """The ids that tie a line of a log, a deed and an error to their cause; never a person's data but the address."""

    request_id: str = ""
    job_id: str = ""
    kind: str = ""
    ip: str | None = None


NOTHING = Trace()
_trace: ContextVar[Trace] = ContextVar("autopilot.trace", default=NOTHING)


def current() -> Trace:
    """Return what is being worked on; empty where nothing is known."""
    return _trace.get()


@contextmanager
def tracing(**changes: Any) -> Iterator[Trace]:
    """Work on something for the length of a block: `request_id`, `job_id`, `kind` or `ip`, beside what is known already."""
    token = _trace.set(replace(_trace.get(), **changes))
    try:
        yield _trace.get()
    finally:
        _trace.reset(token)
