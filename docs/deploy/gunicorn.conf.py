"""gunicorn for Provost: `gunicorn config.wsgi --config docs/deploy/gunicorn.conf.py`."""

import contextlib
import os
import signal
from typing import Any

bind = "127.0.0.1:8000"
workers = 2
worker_class = "gthread"
threads = 8
# A request that takes longer than this is broken; at a stop, those under way have as long to end.
timeout = 30
graceful_timeout = 30
keepalive = 5
# Whatever a worker may have kept is given back after so many requests, and not by all workers at once.
max_requests = 5000
max_requests_jitter = 500
# The heartbeat of a worker is a file, which must not wait for a slow disk.
worker_tmp_dir = "/dev/shm"  # noqa: S108 (gunicorn opens it for its owner alone, and unlinks it)
# Since version 27 a socket for control from outside would be opened by default; nobody needs that door.
control_socket_disable = True
accesslog = None
errorlog = "-"


# On SIGHUP gunicorn would end the old workers before the new ones have loaded Provost, and requests would wait that long.
# So old ones stay beside the new ones, and each of these, once it can serve, asks one of them to finish what it has.


def on_reload(server: Any) -> None:
    """Have room for twice as many workers."""
    server.num_workers = 2 * server.cfg.workers


def pre_fork(server: Any, worker: Any) -> None:
    """Name the oldest worker that nobody follows yet, if this one comes beyond the usual number."""
    ages = sorted((each.age, pid) for pid, each in server.WORKERS.items())
    following = len(ages) - server.cfg.workers
    worker.follows = ages[following][1] if following >= 0 else None


def post_worker_init(worker: Any) -> None:
    """Take the place of that one."""
    if worker.follows is not None:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.kill(worker.follows, signal.SIGTERM)


def child_exit(server: Any, worker: Any) -> None:
    """Give back the room of a worker that has ended."""
    server.num_workers = max(server.num_workers - 1, server.cfg.workers)
