"""The only file that knows django-q2: a broker that hands one resident pump to each of its workers.

Nothing is stored in django-q2's tables, and nothing is read from them: a message is made here, names a function of a
fixed list and carries an id, so no pickle from a database is ever loaded.
"""

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django_q.brokers import Broker
from django_q.signing import SignedPackage

from autopilot import clock
from autopilot.cluster import process

PUMP = "autopilot.cluster.pump.run"
FUNCTIONS = (PUMP,)
PACE_SECONDS = 0.05


class ResidentBroker(Broker):  # type: ignore[misc]  # django-q2 has no types
    """Hands out resident pumps; the bounded queue between broker and workers is the back-pressure."""

    def dequeue(self) -> Sequence[tuple[None, str]] | None:
        """Return one message for the next free worker, or None while the cluster is to stop."""
        process.follow_supervisor(when_gone=stop_cluster)
        time.sleep(PACE_SECONDS)
        if process.is_stopping():
            return None
        return [(None, SignedPackage.dumps(message(PUMP, process.cluster())))]

    def enqueue(self, task: Any) -> None:
        """Refuse: jobs are enqueued in our own table, never in django-q2."""
        raise TypeError("Enqueue a job with autopilot.engine.enqueue; django-q2 only runs the pumps.")

    def queue_size(self) -> int:
        """Return 0: the queue is our Job table."""
        return 0

    def lock_size(self) -> int:
        """Return 0: leases are in our Job table."""
        return 0

    def ping(self) -> bool:
        """Return True; raises ImproperlyConfigured in a cluster without a supervisor, which nothing could stop or heal."""
        if not process.is_supervised():
            raise ImproperlyConfigured("Start the cluster with `manage.py autopilot`, which supervises it.")
        # django-q2's sentinel asks this once, and is the one that may hang while all others have ended.
        process.follow_supervisor()
        return True


def stop_cluster() -> None:
    """Have django-q2's main process, the leader of our process group, stop its children in good order."""
    # If it is dead, nobody stops the others in good order: `follow_supervisor` ends them.
    with suppress(ProcessLookupError):
        os.kill(os.getpgrp(), signal.SIGTERM)


def message(function: str, identifier: str) -> dict[str, Any]:
    """Return the message that makes a worker call a function of the fixed list with an id; raises ValueError else."""
    if function not in FUNCTIONS:
        raise ValueError(f"{function} is not among the functions that django-q2 may run.")
    return {
        "id": "0" * 32,
        "name": function.rpartition(".")[0].rpartition(".")[2],
        "func": function,
        "args": (identifier,),
        "kwargs": {},
        "started": clock.now(),
        "save": False,
        "timeout": -1,
    }
