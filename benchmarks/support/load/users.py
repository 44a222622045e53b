"""What people do, as locust's users: `python -m benchmarks.support.load.users PLAN`, a process without Django.

PLAN is a file of JSON: `port`, `seconds`, `users` (how many), `think` (seconds between two requests), `reviewers` and
`operators` (keys of their sessions), `tokens` (secrets of the API), `references` (of applications to ask about), `jobs`
(ids of jobs to look at), `form` (an application's fields). Each line it writes is a request: when it ended (Unix time),
method, name, milliseconds, status, the problem if there was one, and the end of the address it led to.
"""

import json
import random
import re
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
from locust import User, events, task
from locust.env import Environment

from benchmarks.support.load.visitor import Answer, Visitor

PLAN: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text()) if __name__ == "__main__" else {}
ARRIVAL = 10.0  # users a second
REFUSED = {403, 409}  # a colleague was faster
REVIEW = re.compile(r'href="(/admin/autopilot/checkpoint/[0-9a-f-]{36}/change/)')
JOB = re.compile(r'href="(/admin/autopilot/job/[0-9a-f-]{36}/change/)')
VERSION = re.compile(r'name="version" value="(\d+)"')
serial = iter(range(1_000_000))


def record(method: str, name: str, seconds: float, answer: Answer) -> None:
    """Write a line about a request."""
    expected = 200 <= answer.status < 400 or (method == "POST" and answer.status in REFUSED)
    problem = answer.problem or ("" if expected else answer.text[:60])
    led_to = answer.location.rstrip("/").rpartition("/")[2]
    row = [time.time(), method, name, round(seconds * 1000, 1), answer.status, problem, led_to]
    sys.stdout.write(json.dumps(row) + "\n")


class Person(User):
    """Thinks, asks for one thing, and thinks again."""

    abstract = True

    def on_start(self) -> None:
        """Come in with an address, and whatever proves who it is."""
        self.number = next(serial)
        self.visitor = Visitor(PLAN["port"], f"10.{self.number >> 8 & 255}.{self.number & 255}.7", record)
        self.seen: list[str] = []
        self.begin()

    def begin(self) -> None:
        """Sign in, where that is needed."""

    def wait_time(self) -> float:
        """Return how long it thinks: exponentially distributed, so that requests come as from many people."""
        return random.expovariate(1 / PLAN["think"])


class Applicant(Person):
    """Reads the front page and the form, and asks where applications stand; one visit in 33 sends a new one."""

    fixed_count = 0

    @task(9)
    def front(self) -> None:
        """Open the front page."""
        self.visitor.get("/", "front page")

    @task(18)
    def standing(self) -> None:
        """Ask where an application stands: one's own if there is one."""
        reference = self.seen[-1] if self.seen else random.choice(PLAN["references"])
        self.visitor.get(f"/apply/status/{reference}/", "status of an application")

    @task(5)
    def look(self) -> None:
        """Open the form and leave it."""
        self.visitor.get("/apply/", "form")

    @task(1)
    def apply(self) -> None:
        """Fill in the form, which takes a while, and send it."""
        page = self.visitor.get("/apply/", "form")
        gevent.sleep(self.wait_time())
        number = uuid.uuid4().int
        own = {
            "ein": f"35-{number % 10**7:07}",
            "legal_name": f"School {number % 10**9}",
            "form_key": page.hidden("form_key"),
        }
        sent = self.visitor.post("/apply/", "send an application", page, PLAN["form"] | own)
        if sent.status == 302:
            self.seen.append(sent.location.rstrip("/").rpartition("/")[2])
            self.visitor.get(sent.location, "confirmation")


class Staff(Person):
    """Somebody with a session."""

    abstract = True
    sessions: Iterator[str]

    def begin(self) -> None:
        """Take one of the sessions that were opened beforehand."""
        self.visitor.cookies["sessionid"] = next(self.sessions)


class Reviewer(Staff):
    """Looks at Today and the inbox, opens what waits, and approves: with a comment, or after taking it in hand."""

    fixed_count = 0
    sessions = iter(PLAN.get("reviewers", ()))

    @task(2)
    def today(self) -> None:
        """Open Today."""
        self.visitor.get("/admin/", "Today")

    @task(3)
    def inbox(self) -> None:
        """Open the inbox."""
        self.waiting()

    @task(3)
    def read(self) -> None:
        """Open something that waits."""
        self.open_one()

    @task(1)
    def hand(self) -> None:
        """Say something about what waits."""
        address, page = self.open_one()
        gevent.sleep(self.wait_time())
        if version := VERSION.search(page.text):
            said = {"version": version.group(1), "text": "Compared with the registry."}
            self.visitor.post(address.replace("/change/", "/comment/"), "comment", page, said)

    @task(1)
    def decide(self) -> None:
        """Approve what waits, and read what comes next."""
        address, page = self.open_one()
        gevent.sleep(self.wait_time())
        if version := VERSION.search(page.text):
            verdict = {"version": version.group(1), "verdict": "approve", "comment": "Read, and compared."}
            decided = self.visitor.post(address.replace("/change/", "/decide/"), "approve", page, verdict)
            if decided.status == 302:
                self.visitor.get(decided.location, "review page")

    def waiting(self) -> list[str]:
        """Return the addresses of what the inbox lists."""
        return REVIEW.findall(self.visitor.get("/admin/autopilot/checkpoint/", "inbox").text)

    def open_one(self) -> tuple[str, Answer]:
        """Open one of what waits, as the inbox listed it a moment ago."""
        found = self.waiting()
        gevent.sleep(self.wait_time())
        if not found:
            return "", Answer(0)
        address = random.choice(found)
        return address, self.visitor.get(address, "review page")


class Operator(Staff):
    """Watches Today, whose live part asks again every ten seconds, and looks through the jobs."""

    fixed_count = 0
    sessions = iter(PLAN.get("operators", ()))

    @task(2)
    def today(self) -> None:
        """Open Today."""
        self.visitor.get("/admin/", "Today")

    @task(3)
    def live(self) -> None:
        """Fetch the live part of Today."""
        self.visitor.get("/admin/dashboard/", "Today, live part")

    @task(2)
    def jobs(self) -> None:
        """Open the list of jobs."""
        self.seen = JOB.findall(self.visitor.get("/admin/autopilot/job/", "list of jobs").text)

    @task(3)
    def job(self) -> None:
        """Open a job's page."""
        address = random.choice(self.seen or [f"/admin/autopilot/job/{random.choice(PLAN['jobs'])}/change/"])
        self.visitor.get(address, "page of a job")


class Client(Person):
    """Another system, by a token: lists jobs and applications, and reads one."""

    fixed_count = 0
    tokens = iter(PLAN.get("tokens", ()))

    def begin(self) -> None:
        """Take a token."""
        self.visitor.headers["Authorization"] = f"Bearer {next(self.tokens)}"

    @task(1)
    def jobs(self) -> None:
        """List jobs."""
        self.visitor.get("/api/v1/jobs", "API: jobs")

    @task(1)
    def job(self) -> None:
        """Read a job."""
        self.visitor.get(f"/api/v1/jobs/{random.choice(PLAN['jobs'])}", "API: a job")

    @task(1)
    def applications(self) -> None:
        """List applications."""
        self.visitor.get("/api/v1/applications", "API: applications")


def main() -> None:
    """Let everybody come in, stay for the time of the plan, and leave."""
    users = [Applicant, Reviewer, Operator, Client]
    for kind in users:
        kind.fixed_count = PLAN["users"][kind.__name__]
    environment = Environment(user_classes=users, events=events)
    runner = environment.create_local_runner()
    runner.start(sum(PLAN["users"].values()), spawn_rate=ARRIVAL)
    gevent.sleep(PLAN["seconds"])
    runner.quit()


if __name__ == "__main__":
    main()
