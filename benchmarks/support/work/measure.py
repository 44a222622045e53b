"""Measure steps in the database that DATABASE_URL names, which is new and is migrated here; prints a line of JSON."""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import django

django.setup()

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection

from autopilot import clock, sweep
from autopilot.cluster.pump import Pump
from autopilot.engine import amend, decide, enqueue
from autopilot.exceptions import DecisionRefused
from autopilot.identifiers import uuid7
from autopilot.models import FINAL, Checkpoint, Job, OutboxMessage
from tests.faults.cluster import Cluster

TENANT = uuid7()
STEPS_PER_JOB = 20
DECIDERS = 4
PATIENCE = 300  # seconds for all journeys


def seconds(deed: Callable[[], object]) -> float:
    """Return how long a deed takes."""
    start = time.perf_counter()
    deed()
    return time.perf_counter() - start


def enqueue_all(kind: str, count: int, **payload: Any) -> None:
    """Put so many jobs in the queue, each in a transaction of its own."""
    for _ in range(count):
        enqueue(kind, tenant_id=TENANT, **payload)


def pump() -> None:
    """Run all that is due."""
    Pump().run_until_empty()


def approve_all(reviewer: User) -> None:
    """Decide every pending checkpoint, as one person who goes through the list does."""
    for key in list(Checkpoint.objects.pending().values_list("pk", flat=True)):
        decide(key, actor=reviewer, verdict="approve", version=1)


def mail_is_sent() -> None:
    """Take every message as sent: mail is not what is measured here."""
    OutboxMessage.objects.update(status="sent", sent_at=clock.now(), announced=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def no_op(jobs: int) -> dict[str, float]:
    """Return the seconds of each phase of so many jobs that do nothing."""
    mail_is_sent()
    return {"enqueue": seconds(lambda: enqueue_all("work.nothing", jobs)), "run": seconds(pump)}


def with_steps(jobs: int, reviewer: User) -> dict[str, float]:
    """Return the seconds of each phase of so many jobs with four steps and a checkpoint."""
    mail_is_sent()
    taken = {"enqueue": seconds(lambda: enqueue_all("work.steps", jobs)), "run to the checkpoint": seconds(pump)}
    taken["decide"] = seconds(lambda: approve_all(reviewer))
    mail_is_sent()
    taken["run to the end"] = seconds(pump)
    return taken


def many_steps(jobs: int) -> dict[str, float]:
    """Return the seconds of so many jobs with so many steps."""
    mail_is_sent()
    enqueue_all("work.many_steps", jobs, number=STEPS_PER_JOB)
    return {"run": seconds(pump)}


def plain(jobs: int) -> float:
    """Return the seconds of as many calls of the same function without any engine."""
    function = lambda: 1  # noqa: E731 (the very thing that the steps call)
    return seconds(lambda: [function() for _ in range(jobs * STEPS_PER_JOB)])


def measure(jobs: int, rounds: int) -> dict[str, Any]:
    """Measure everything in turns, and return the median of each figure."""
    reviewer = person("reviewer")
    for warm_up in (no_op, many_steps):
        warm_up(5)
    with_steps(5, reviewer)
    small, large, long = [], [], []
    for _ in range(rounds):
        small.append(no_op(jobs))
        large.append(with_steps(jobs, reviewer))
        long.append(many_steps(max(1, jobs // STEPS_PER_JOB)))
    assert not Job.objects.exclude(status="completed").exists()
    return summary(jobs, small, large, long)


def journeys(count: int) -> dict[str, float]:
    """Run so many jobs with steps on a cluster of two workers while people decide at once; every third one is amended,
    every fifth rejected. Returns the seconds from the first enqueue to the last end, and how many ended otherwise.
    """
    people = [person(f"person-{number}") for number in range(DECIDERS + 1)]
    folder = Path(tempfile.mkdtemp(prefix="journeys-", dir=os.environ["AUTOPILOT_JOB_FILES"]))
    cluster = Cluster(folder, dict(os.environ))
    cluster.start()
    try:
        cluster.settled()
        start = time.perf_counter()
        with ThreadPoolExecutor(DECIDERS) as threads:
            keys = [enqueue("work.steps", tenant_id=TENANT).pk for _ in range(count)]
            fate = {key: number for number, key in enumerate(keys)}
            deciders = [threads.submit(partial(decide_until_over, fate, *people[n : n + 2])) for n in range(DECIDERS)]
            for decider in deciders:
                decider.result()
        taken = time.perf_counter() - start
        cluster.stop()
    finally:
        cluster.end()
    wrong = sum(ended(job) != wanted(fate[job.pk]) for job in Job.objects.filter(pk__in=keys))
    return {"journeys": count, "seconds": round(taken, 1), "not as decided": wrong}


def decide_until_over(fate: dict[Any, int], person: User, editor: User) -> None:
    """Decide about whatever is pending, as its fate is, until every job has ended; others decide at the same time."""
    end = time.monotonic() + PATIENCE
    while Job.objects.filter(pk__in=fate).exclude(status__in=FINAL).exists():
        assert time.monotonic() < end, "the journeys do not end"
        for checkpoint in Checkpoint.objects.pending().order_by("?")[:20]:
            number, version = fate[checkpoint.job_id], checkpoint.payload_version
            with suppress(DecisionRefused):  # somebody else was first
                if number % 5 == 0:
                    decide(checkpoint.pk, actor=person, verdict="reject", version=version, comment="No.")
                elif number % 3 == 0 and version == 1:
                    amend(checkpoint.pk, actor=editor, version=1, edits={"amount": number})
                else:
                    decide(checkpoint.pk, actor=person, verdict="approve", version=version)
    connection.close()


def wanted(number: int) -> tuple[str, Any]:
    """Return how the job of a number must end."""
    if number % 5 == 0:
        return "failed", None
    amended = number % 3 == 0
    return "completed", {"amount": number if amended else 0, "version": 2 if amended else 1}


def ended(job: Job) -> tuple[str, Any]:
    """Return how a job ended."""
    return job.status, job.result


def person(name: str) -> User:
    """Return a new reviewer."""
    made = User.objects.create_user(name)
    made.groups.set(Group.objects.filter(name="Reviewer"))
    return made


def summary(jobs: int, small: list, large: list, long: list) -> dict[str, Any]:
    """Return the figures of all rounds, in milliseconds per job or per step."""
    totals = [(sum(one.values()), sum(other.values())) for one, other in zip(small, large, strict=True)]
    many = max(1, jobs // STEPS_PER_JOB)
    per_step = statistics.median(one["run"] for one in long) / (many * STEPS_PER_JOB)
    return {
        "no-op": phases(jobs, small),
        "four steps and a checkpoint": phases(jobs, large),
        "ratio": round(statistics.median(other / one for one, other in totals), 2),
        "milliseconds per step over a plain call": round(1000 * (per_step - plain(many) / (many * STEPS_PER_JOB)), 3),
    }


def phases(jobs: int, rounds: list[dict[str, float]]) -> dict[str, float]:
    """Return the median milliseconds per job of each phase, of all together, and the jobs per second."""
    milliseconds = {
        name: round(1000 * statistics.median(each[name] for each in rounds) / jobs, 3) for name in rounds[0]
    }
    total = statistics.median(sum(each.values()) for each in rounds) / jobs
    return milliseconds | {"all": round(1000 * total, 3), "jobs per second": round(1 / total)}


if __name__ == "__main__":
    call_command("migrate", run_syncdb=True, verbosity=0)
    sweep.DUTIES.clear()  # what a pump does beside its jobs is not what a job costs
    jobs, rounds, at_once = map(int, sys.argv[1:])
    figures = measure(jobs, rounds)
    mail_is_sent()
    print(json.dumps(figures | {"journeys at once": journeys(at_once)}))
