#!/usr/bin/env python3
"""How many jobs the engine does in a second, and how soon it begins one, beside other queues and the database's limit.

    .venv/bin/python benchmarks/queue.py [--quick] [--repetitions 3] [--samples 35]

Every queue does the same no-op jobs with all its bookkeeping, in two worker processes of its own, with a database of
its own on one PostgreSQL whose commits are durable, with Redis, or with an SQLite file; the repetitions are
interleaved, and each figure is a median. `benchmarks/support/peers` holds their configurations, and
`benchmarks/support/measuring.py` the one rule by which all are measured. Then come the rate at which jobs are enqueued,
and what a claim and a settlement cost when the history has up to three million jobs. What is not installed is left out
and named. The last line is JSON.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

# Not this folder: it has names that Python's own modules have.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.support import servers
from benchmarks.support.measuring import Round, measure, percentiles
from benchmarks.support.peers.catalog import PEERS
from benchmarks.support.peers.peer import PYTHON
from benchmarks.support.report import Target, finish, options, tell
from benchmarks.support.stages import Stage, opened
from config.env import ROOT

OURS, OURS_ON_SQLITE = "Provost (PostgreSQL)", "Provost (SQLite)"
HISTORY = "history"
SECONDS, QUICK_SECONDS = 1.5, 0.2
QUICK_SAMPLES = 4
SIZES, QUICK_SIZES = (10_000, 100_000, 1_000_000, 3_000_000), (10_000, 100_000)
BACKLOG, QUICK_BACKLOG = 200_000, 20_000
CLIENTS, ENQUEUED, QUICK_ENQUEUED = 8, 2000, 160

Figures = dict[str, Any]

# One is to do so many times as many jobs in a second as another.
RATIOS = (
    (OURS, "django-q2, tuned (PostgreSQL)", 2.0),
    (OURS, "Celery (Redis)", 1.2),
    (OURS, "procrastinate, 1 at once (PostgreSQL)", 1.2),
    (OURS, "procrastinate, 10 at once (PostgreSQL)", 1.2),
    (OURS, "limit, one commit a job (PostgreSQL)", 0.6),
    (OURS_ON_SQLITE, "django-q2, tuned (SQLite)", 5.0),
)
# The p95 of the milliseconds until a job is begun.
PICKUPS = ((OURS, 20.0), (OURS_ON_SQLITE, 100.0))
MOST_GROWTH = 2.0


def main() -> int:
    """Measure everything; exit 1 if a target of a full run is missed."""
    chosen = options(__doc__, repetitions=3, samples=35)
    left_out = {peer.title: peer.missing for peer in PEERS if peer.missing}
    for title, reason in left_out.items():
        tell(f"{title} is left out: {reason}.")
    peers = [peer for peer in PEERS if not peer.missing]
    with servers.postgres() as server, opened(peers, server, {"provost": HISTORY}) as stages:
        queues = measured(stages, chosen)
        enqueued = enqueue_rates(stages[0], QUICK_ENQUEUED if chosen.quick else ENQUEUED)
        claims = claims_beside_history(server.url(HISTORY), chosen.quick)
    figures = {"queues": queues, "enqueued per second": enqueued, "milliseconds": claims, "left out": left_out}
    figures["ratios"] = {f"{one} / {other}": ratio(queues, one, other) for one, other, _ in RATIOS if other in queues}
    return finish("queue", quick=chosen.quick, figures=figures, targets=targets(figures))


def measured(stages: list[Stage], chosen: argparse.Namespace) -> Figures:
    """Return the figures of every queue: repetition by repetition, one queue after the other."""
    rounds: dict[str, list[Round]] = {stage.peer.title: [] for stage in stages}
    for repetition in range(1 if chosen.quick else chosen.repetitions):
        for stage in stages:
            jobs = round(stage.peer.rate * (QUICK_SECONDS if chosen.quick else SECONDS))
            taken = measure(stage, jobs, QUICK_SAMPLES if chosen.quick else chosen.samples)
            rounds[stage.peer.title].append(taken)
            tell(f"{repetition + 1}. {stage.peer.title:40}{taken.jobs_per_second:9,.0f} jobs/s {summary([taken])}")
    return {
        stage.peer.title: {
            "jobs per second": round(statistics.median(taken.jobs_per_second for taken in rounds[stage.peer.title]), 1),
            "pickup in milliseconds": summary(rounds[stage.peer.title]),
            "repeated runs": sum(taken.repeated for taken in rounds[stage.peer.title]),
            "configuration": stage.peer.configuration,
        }
        for stage in stages
    }


def summary(rounds: list[Round]) -> dict[str, float] | None:
    """Return the percentiles of the latencies of some rounds, or None for a queue that does not wait for jobs."""
    latencies = [latency for taken in rounds for latency in taken.latencies]
    return percentiles(latencies) if latencies else None


def enqueue_rates(stage: Stage, number: int) -> dict[str, float]:
    """Return how many jobs a second our engine takes, each in a transaction of its own, from one client and from many."""
    rates = {}
    for clients in (1, CLIENTS):
        for bell in (1, 0):
            name = f"{clients} clients, {'with' if bell else 'without'} doorbell"
            rates[name] = round(stage.ask("enqueue_rate", clients, number // clients, bell))
            tell(f"{name:40}{rates[name]:9,} enqueued/s")
    return rates


def claims_beside_history(url: str, quick: bool) -> dict[str, dict[str, float]]:
    """Return the milliseconds of our engine's claim and settlement at each size of the history."""
    numbers = (QUICK_BACKLOG, *QUICK_SIZES) if quick else (BACKLOG, *SIZES)
    ours = next(peer for peer in PEERS if peer.title == OURS)
    command = [*PYTHON, "benchmarks.support.claims", *map(str, numbers)]
    done = subprocess.run(command, cwd=ROOT, env=ours.environment(url), stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


def ratio(queues: Figures, one: str, other: str) -> float:
    """Return how many times as many jobs one queue does as another."""
    return round(float(queues[one]["jobs per second"] / queues[other]["jobs per second"]), 2)


def targets(figures: Figures) -> list[Target]:
    """Return what was promised beside what was measured."""
    queues, claims = (
        figures["queues"],
        [cost["claim"] for name, cost in figures["milliseconds"].items() if "rows" in name],
    )
    return [
        *(
            Target(f"jobs/s: {one} over {other}", ratio(queues, one, other), limit, at_least=True)
            for one, other, limit in RATIOS
            if other in queues
        ),
        *(
            Target(f"p95 of pickup, ms: {one}", queues[one]["pickup in milliseconds"]["p95"], limit)
            for one, limit in PICKUPS
        ),
        *(Target(f"repeated runs: {one}", queues[one]["repeated runs"], 0) for one, _ in PICKUPS),
        Target("claim beside the longest history over the shortest", round(claims[-1] / claims[0], 2), MOST_GROWTH),
    ]


if __name__ == "__main__":
    sys.exit(main())
