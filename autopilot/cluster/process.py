"""Who this process is, and whether it was asked to stop.

The supervisor holds one end of a pipe, its lifeline, and every process of its cluster inherits the other. When the
supervisor closes its end, or dies however suddenly, each of them sees it at once: no file, no signal and no parent in
between has to be in order for that.
"""

import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable

CLUSTER_VARIABLE = "PROVOST_CLUSTER"
LIFELINE_VARIABLE = "PROVOST_LIFELINE"

# Seconds after a stop was asked for, at which a running job is given back at its next step,
GIVE_BACK_AFTER = 12.0
# is given back wherever it is,
ABANDON_AFTER = 20.0
# its supervisor ends what is left,
END_AFTER = 25.0
# and, should there be no supervisor any more, the cluster ends itself.
END_UNSUPERVISED_AFTER = 27.0

_asked_at: float | None = None
_follower = 0  # the process that follows; a child that was forked from it must follow for itself


def name() -> str:
    """Return the name under which this process holds leases: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def cluster() -> str:
    """Return the name of the cluster this process belongs to; a process started by itself is its own."""
    return os.environ.get(CLUSTER_VARIABLE) or name()


def ask_to_stop() -> None:
    """Ask this process to claim nothing more; asking again does not prolong its grace."""
    global _asked_at
    if _asked_at is None:
        _asked_at = time.monotonic()


def is_stopping() -> bool:
    """Return whether this process should claim nothing more."""
    return _asked_at is not None


def stopping_for() -> float:
    """Return for how many seconds this process has been asked to stop; 0 while it has not."""
    return 0.0 if _asked_at is None else time.monotonic() - _asked_at


def is_overdue() -> bool:
    """Return whether a running job is to be given back at its next step."""
    return stopping_for() > GIVE_BACK_AFTER


def is_supervised() -> bool:
    """Return whether a supervisor started the cluster that this process belongs to."""
    return LIFELINE_VARIABLE in os.environ


def follow_supervisor(when_gone: Callable[[], None] = lambda: None) -> None:
    """Stop when the supervisor asks for it or dies; `when_gone` is called then, in another thread.

    Whatever state the cluster is in, it is gone END_UNSUPERVISED_AFTER seconds later. Later calls do nothing, nor do
    calls in a process that has no supervisor.
    """
    global _follower
    if _follower == os.getpid() or not is_supervised():
        return
    _follower = os.getpid()
    lifeline = int(os.environ[LIFELINE_VARIABLE])
    os.set_inheritable(lifeline, False)
    if select.select([lifeline], [], [], 0)[0]:
        ask_to_stop()
    threading.Thread(target=_follow, args=[lifeline, when_gone], name="lifeline", daemon=True).start()


def _follow(lifeline: int, when_gone: Callable[[], None]) -> None:
    os.read(lifeline, 1)  # nothing is ever written: it returns at the end
    ask_to_stop()
    when_gone()
    time.sleep(END_UNSUPERVISED_AFTER)
    os.killpg(os.getpgrp(), signal.SIGKILL)
