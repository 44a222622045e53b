#!/usr/bin/env python3
"""A whole installation under load, with a rolling restart in the middle.

    .venv/bin/python benchmarks/load.py [--quick] [--users 200] [--seconds 210]

It starts PostgreSQL with durable commits, fills it with a past (30,000 jobs), and runs the installation of docs/deploy
over it in its production settings: gunicorn, two clusters of one worker, the sandbox portal. Then people come, of whom
each thinks for five seconds on average between two requests:

    half    applicants: front page, standing of an application, the form; now and then a new application is sent
    quarter reviewers: Today, the inbox, review pages, comments, approvals, every one a second person's
    17 %    operators: Today and its live part, the list of jobs, pages of jobs
    8 %     other systems: jobs and applications over the API, by token

GETs count as reads, POSTs as writes. Every application is checked, rendered, approved, sent to the portal and followed
until the state has decided; as many as half of the users are under way at any time. Halfway through all is restarted as
docs/deploy says: the web server is reloaded, then one cluster after the other is stopped and started.

Targets: p95 of reads 500 ms and of writes 800 ms, p99 of all 1.5 s, errors 0.1 %, 10 s from an approval to the start of
its submission (p95), no 5xx, no broken connection, no job lost. The last line is JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

# Not this folder: it has names that Python's own modules have.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.support.load.environment import SETTINGS

# Everything of the settings but the name of the database, which is known later.
os.environ.update(SETTINGS | {"DATABASE_URL": "postgres://provost@127.0.0.1:1/unknown"})

import django

django.setup()

import psutil

from autopilot import clock
from autopilot.models import Job
from benchmarks.support import servers
from benchmarks.support.history import fill
from benchmarks.support.load import ledger, people
from benchmarks.support.load.figures import Request, figures, percentile, table, written
from benchmarks.support.load.installation import Installation
from benchmarks.support.load.processor import Groups, Shares
from benchmarks.support.report import Target, finish, options, tell
from config.demo import create_portal
from programs.demo import submit_sample_application
from programs.models import Application
from tests.faults.cluster import eventually
from tests.faults.databases import connected_to
from tests.faults.postgres import PostgresServer

QUICK = (40, 20, 5, 2.0, 3_000)
SPARE = 1.15  # so many more journeys than promised are begun, as the number goes up and down
READY = 300.0  # seconds until the first journeys must wait for their review
REST = 90.0  # seconds until all work must be done once the users have left


@dataclass(frozen=True)
class Scale:
    """How much of everything: users, seconds they are measured and seconds before, seconds they think, old jobs."""

    users: int
    seconds: int
    warm: int = 30
    think: float = 5.0
    past: int = 30_000


class Load:
    """One run: what is asked of it, and what came of it."""

    def __init__(self, server: PostgresServer, place: Installation, crew: dict[str, Any], scale: "Scale") -> None:
        self.server, self.place, self.crew = server, place, crew
        self.seconds, self.warm, self.think = scale.seconds, scale.warm, scale.think
        self.flying: list[int] = []
        self.restarts: dict[str, float] = {}
        self.shares: dict[str, float] = {}
        self.began: datetime = clock.now()
        self.generator: subprocess.Popen[bytes] | None = None

    def run(self) -> list[Request]:
        """Let the users come, restart everything in the middle, and return the requests once they are warm."""
        with (self.place.folder / "requests.jsonl").open("w+b") as written_down:
            self._call_users(written_down)
            time.sleep(self.warm)
            self.began, start = clock.now(), time.time()
            self._watch()
            assert self.generator is not None
            self.generator.wait(self.warm + 60)
            written_down.seek(0)
            requests = [Request(*json.loads(line)) for line in written_down]
        return [each for each in requests if start <= each.at <= start + self.seconds]

    def _call_users(self, written_down: Any) -> None:
        plan = self.place.folder / "plan.json"
        plan.write_text(json.dumps(self._plan()))
        self.generator = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.support.load.users", str(plan)], cwd=sys.path[0], stdout=written_down
        )

    def _plan(self) -> dict[str, Any]:
        return self.crew | {
            "port": self.place.web_port,
            "seconds": self.warm + self.seconds + 5,
            "think": self.think,
            "references": list(Application.objects.values_list("reference", flat=True)),
            "jobs": [str(pk) for pk in Job.objects.order_by("?").values_list("pk", flat=True)[:300]],
        }

    def _watch(self) -> None:
        """Count what is under way until the time is over, and restart everything halfway."""
        shares, start = Shares(self._groups), time.monotonic()
        restarting = threading.Timer(self.seconds / 2, self._restart)
        restarting.start()
        while time.monotonic() < start + self.seconds:
            time.sleep(1)
            self.flying.append(ledger.in_flight())
            shares.sample()
        self.shares = shares.cores()
        restarting.join()

    def _restart(self) -> None:
        tell("restarting")
        self.restarts = self.place.restart()
        tell(f"restarted: {self.restarts}")

    def _groups(self) -> Groups:
        assert self.generator is not None
        server = psutil.Process(int((self.server.folder / "data" / "postmaster.pid").read_text().split()[0]))
        return self.place.processes() | {
            "database": [server, *server.children()],
            "users": [psutil.Process(self.generator.pid)],
            "portal and watcher": [psutil.Process()],
        }


@contextmanager
def installed(server: PostgresServer, past: int) -> Iterator[Installation]:
    """Give an installation that is ready to run, with so many old jobs, and this process connected to its database."""
    with tempfile.TemporaryDirectory(prefix="provost-load-") as folder:
        server.create("provost")
        place = Installation(server.url("provost"), Path(folder))
        tell("schema and static files")
        place.prepare()
        tell(f"a past of {past:,} jobs")
        with connected_to(server.url("provost")):
            fill(past, unfinished=False)
            yield place


def settle_in(place: Installation, journeys: int) -> None:
    """Begin so many journeys, and wait until all of them wait for their review."""
    tell(f"{journeys} journeys begin")
    create_portal(place.portal_url)
    place.portal("PUT", "/behavior", accept_after=2, decide_after=10)
    for number in range(1, journeys + 1):
        submit_sample_application(number)
    eventually(lambda: ledger.at_work() == 0, READY, "the first journeys wait for their review")


def targets(
    requests: list[Request], delays: list[float], balance: ledger.Balance, flying: list[int], users: int
) -> list[Target]:
    """Return every figure that was promised."""
    everything = figures(requests)
    return [
        Target("reads, p95, ms", figures([each for each in requests if each.is_read])["p95"], 500),
        Target("writes, p95, ms", figures([each for each in requests if not each.is_read])["p95"], 800),
        Target("all requests, p99, ms", everything["p99"], 1500),
        Target("errors, %", 100 * everything["errors"] / max(len(requests), 1), 0.1),
        Target("answers 5xx", sum(each.status >= 500 for each in requests), 0),
        Target("refused or broken connections", sum(each.status == 0 for each in requests), 0),
        Target("approval to start of submission, p95, s", percentile(delays, 95), 10),
        Target("journeys under way, median", percentile(flying, 50), users / 2, at_least=True),
        Target("jobs lost", sum(map(abs, balance.lost.values())), 0),
    ]


def confirmed(requests: list[Request]) -> set[str]:
    """Return the references of the applications that were confirmed to their senders."""
    return {each.detail for each in requests if each.name == "send an application" and each.status == 302}


def main() -> int:
    """Run it; exit 1 if a target is missed."""
    chosen = options(__doc__, users=200, seconds=210)
    scale = Scale(*QUICK) if chosen.quick else Scale(chosen.users, chosen.seconds)
    users, seconds, start = scale.users, scale.seconds, time.monotonic()
    with servers.postgres() as server, installed(server, scale.past) as place, place.running():
        crew = people.come(users)
        settle_in(place, int(users / 2 * SPARE))
        tell(f"{time.monotonic() - start:.0f} s to set up; {users} users come for {scale.warm} + {seconds} s")
        load = Load(server, place, crew, scale)
        requests = load.run()
        eventually(lambda: ledger.at_work() == 0, REST, "all work is done")
        delays = ledger.submission_delays(load.began)
        balance = ledger.balance(confirmed(requests), place.portal("GET", "/counts"))
        report = {
            "users": users,
            "seconds": seconds,
            "requests_per_second": round(len(requests) / seconds, 1),
            "requests": table(requests),
            "problems": sorted({f"{each.name}: {each.status} {each.problem}" for each in requests if each.problem})[
                :20
            ],
            "logged": place.complaints(),
            "under_way": {"least": min(load.flying), "median": percentile(load.flying, 50), "most": max(load.flying)},
            "seconds_to_submission": {f"p{each}": round(percentile(delays, each), 2) for each in (50, 95, 99)},
            "seconds_to_stop": {name: round(each, 1) for name, each in load.restarts.items()},
            "cores_busy": load.shares,
            "applications": balance.applications,
            "approved": balance.approved,
            "submitted": balance.submitted,
            "lost": balance.lost,
        }
    tell(written(report["requests"]))
    tell(json.dumps({name: value for name, value in report.items() if name != "requests"}, indent=1))
    return finish(
        "load", quick=chosen.quick, figures=report, targets=targets(requests, delays, balance, load.flying, users)
    )


if __name__ == "__main__":
    sys.exit(main())
