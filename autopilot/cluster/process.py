"""Who this process is, whether its parent lives, and whether it was asked to stop."""

import multiprocessing
import os
import socket
import time
from pathlib import Path

from django.conf import settings

GRACE_SECONDS = 12.0
CLUSTER_VARIABLE = "PROVOST_CLUSTER"


def name() -> str:
    """Return the name under which this process holds leases: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def cluster() -> str:
    """Return the name of the cluster this process belongs to; a process started by itself is its own."""
    return os.environ.get(CLUSTER_VARIABLE) or name()


def is_orphan() -> bool:
    """Return whether the process that started this one as its child has died."""
    parent = multiprocessing.parent_process()
    return parent is not None and os.getppid() != parent.pid


def stop_file(cluster_name: str) -> Path:
    """Return the file whose presence asks every process of a cluster to stop: it survives any of them."""
    return Path(settings.AUTOPILOT_RUN_DIRECTORY) / f"{cluster_name.replace(':', '-')}.stop"


def is_stopping() -> bool:
    """Return whether this process should claim nothing more."""
    return is_orphan() or stop_file(cluster()).exists()


def is_overdue() -> bool:
    """Return whether the time to finish has passed, so that a running job is given back at its next step."""
    try:
        asked = stop_file(cluster()).stat().st_mtime
    except FileNotFoundError:
        return False
    return time.time() - asked > GRACE_SECONDS
