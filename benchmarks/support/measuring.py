"""Measure a queue, whichever it is: how many jobs it does in a second, and how soon it begins one.

One rule for all: the jobs are sent first, then the workers start. The clock runs from when both worker processes have
a job in hand, until the queue's own records say that every job has succeeded. Then the same workers, idle by now, get
jobs one by one: a latency is from just before the job is sent, its commit included, to the first line of its handler.
"""

import random
import statistics
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.support import marks
from benchmarks.support.stages import Stage

WORKER_PROCESSES = 2
PAUSES = (0.05, 0.2)
CALM_SECONDS = 0.3


class Round(NamedTuple):
    """What one round gave; `latencies` in milliseconds, `repeated` is how many runs there were beyond one a job."""

    jobs_per_second: float
    latencies: list[float]
    repeated: int


def measure(stage: Stage, jobs: int, samples: int) -> Round:
    """Have many jobs done at once and then some one by one; raises TimeoutError when not every one succeeds."""
    stage.ask("send_many", jobs)
    with stage.workers() as marked:
        stage.until(lambda: marks.processes(marked) == WORKER_PROCESSES, "both worker processes have a job")
        start = marks.open_gate(marked)
        stage.until(lambda: marks.count(marked) >= jobs and stage.ask("unfinished") == 0, "every job has succeeded")
        taken = time.time() - start
        if not stage.peer.waits:
            samples = 0
        send_one_by_one(stage, marked, samples)
        return Round(jobs / taken, marks.latencies(marked), marks.count(marked) - jobs - samples)


def send_one_by_one(stage: Stage, marked: Path, samples: int) -> None:
    """Send jobs at random intervals to idle workers, and wait until they are done."""
    time.sleep(CALM_SECONDS)
    for _ in range(samples):
        time.sleep(random.uniform(*PAUSES))
        stage.ask("send")
    stage.until(lambda: len(marks.latencies(marked)) >= samples, "every single job has begun")
    stage.until(lambda: stage.ask("unfinished") == 0, "every single job has succeeded")


def percentiles(values: list[float]) -> dict[str, float]:
    """Return p50, p95 and p99 of some milliseconds."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {f"p{share}": round(cuts[share - 1], 1) for share in (50, 95, 99)}
