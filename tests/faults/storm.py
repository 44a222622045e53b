"""A storm: journeys come in, people decide, and meanwhile one process after the other is killed or frozen."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import psutil
from django.db import Error, connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from autopilot import clock
from autopilot.engine import decide
from autopilot.exceptions import DecisionRefused
from autopilot.models.checkpoints import Checkpoint
from autopilot.models.jobs import FINAL, Job, JobStatus, Step, WaitReason
from tests.faults.cluster import Cluster, Together, eventually
from tests.faults.office import Office
from tests.faults.postgres import PostgresServer
from tests.portal import RunningPortal

PAUSE = 1.2
FROZEN = 6.0
VICTIM = 40.0
CRASH = "crash the database"
FAULTS = {
    "kill a busy worker": 8,
    "kill an idle worker": 5,
    "kill a worker whose request is at the portal": 6,
    "freeze a busy worker": 3,
    "freeze an idle worker": 1,
    "kill the monitor": 3,
    "kill the pusher": 3,
    "kill the sentinel": 3,
    "kill the main": 3,
    "kill the supervisor": 3,
    "drop an answer of the careful portal": 2,
    "drop an answer of the careless portal": 2,
    CRASH: 2,
}

Victim = Callable[[], list[psutil.Process]]


class Service(Protocol):
    """Something else that runs, may be harmed, and is started again by whoever runs it."""

    def family(self) -> dict[str, list[psutil.Process]]:
        """Return its processes by what they do."""

    def restart_if_gone(self) -> bool:
        """Start it again if it has ended; returns whether it had."""


@dataclass(frozen=True)
class Harm:
    """One fault as it was committed: its name, the moment, and the ids of the processes whose jobs it may have cost."""

    name: str
    at: datetime
    pids: frozenset[int]


@dataclass
class Storm:
    """Does its harm in an order that `seed` decides; `server` is a database server to crash, where there is one.

    `name` begins the unique keys of its journeys, `faults` is how often what is done, `pause` the seconds between two of them, `frozen` how many seconds a process is
    stopped for. `canary` is a kind of job of which one is put in after each fault: `recoveries` are the seconds that
    each took, by the fault. `web` is harmed too, where there is one. `tell` hears of each fault.
    """

    office: Office
    cluster: Cluster | Together
    careful: RunningPortal
    careless: RunningPortal
    seed: int
    server: PostgresServer | None = None
    jobs: int = 300
    done: Counter[str] = field(default_factory=Counter)
    unseen: set[Job] = field(default_factory=set)
    faults: Mapping[str, int] = field(default_factory=lambda: FAULTS)
    name: str = "journey"
    pause: float = PAUSE
    frozen: float = FROZEN
    canary: str = ""
    web: Service | None = None
    tell: Callable[[str], None] = lambda text: None
    harms: list[Harm] = field(default_factory=list)
    recoveries: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._asked = 0
        self._frozen: list[threading.Timer] = []
        self._canaries: dict[UUID, tuple[str, float]] = {}

    def rage(self) -> None:
        """Commit every fault while the journeys come in; returns right after the last one."""
        plan = [name for name, times in self.faults.items() for _ in range(times)]
        plan = [name for name in plan if self.server or name != CRASH]
        self._random.shuffle(plan)
        for number, name in enumerate(plan, start=1):
            self.tend_for(self._random.uniform(0.5, 1.5) * self.pause, self.jobs * number // len(plan))
            self._commit(name)
            self.tell(f"fault {number} of {len(plan)}: {name}; {self._asked} jobs have come in")
            self._send_canary(name)

    def recovery(self, seconds: float) -> float:
        """Tend until new work is done and none of the jobs that ran still runs; returns the seconds it took."""
        start = time.monotonic()
        connection.close()  # it may not have outlived the last fault
        ran = dict(Job.objects.filter(status=JobStatus.RUNNING).values_list("pk", "epoch"))
        fresh = self.office.enqueue("faults.ping", priority=10)

        def recovered() -> bool:
            self._tend(self._asked)
            done = Job.objects.filter(pk=fresh.pk, status=JobStatus.COMPLETED).exists()
            running = Job.objects.filter(pk__in=ran, status=JobStatus.RUNNING).values_list("pk", "epoch")
            return done and not any(ran[pk] == epoch for pk, epoch in running)

        eventually(recovered, seconds, "work flows again")
        return time.monotonic() - start

    def calm(self, seconds: float) -> None:
        """Tend until every job has ended or waits for a person to find something out."""
        left = Job.objects.exclude(status__in=FINAL).exclude(pk__in=self.questions().values("job"))

        def over() -> bool:
            self._tend(self.jobs)
            thawed = not any(timer.is_alive() for timer in self._frozen)
            return thawed and not self._canaries and self._asked == self.jobs and not left.exists()

        try:
            eventually(over, seconds, "nothing is left to do but for people")
        except AssertionError as error:
            rest = left.values_list("pk", "status", "wait_reason", "attempt", "scheduled_for", "error")
            raise AssertionError(f"{error} Left: {list(rest)}") from error

    def questions(self) -> QuerySet[Checkpoint]:
        """Return the pending questions whether something happened."""
        return Checkpoint.objects.pending().filter(kind=Checkpoint.Kind.RECONCILE)

    def answer_questions(self) -> None:
        """Have a person look at the careless portal, and say what she found."""
        arrived = self.careless.counts()["packets"]
        for question in self.questions():
            happened = arrived.get(str(question.job_id), {}).get("submissions")
            verdict, data = ("happened", {"number": "seen"}) if happened else ("not_happened", {})
            self._decide(question, verdict, data)

    def tend_for(self, seconds: float, asked: int) -> None:
        """Tend for some seconds, until a number of journeys has come in."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._tend(asked)
            time.sleep(0.05)

    def _tend(self, asked: int) -> None:
        """Let journeys come in up to a number, decide what is asked, and start a dead supervisor again."""
        self.cluster.restart_if_gone()
        if self.web is not None:
            self.web.restart_if_gone()
        try:
            self._look_after_canaries()
            while self._asked < asked:
                self._ask(self._asked)
                self._asked += 1
            for checkpoint in Checkpoint.objects.pending().filter(kind=Checkpoint.Kind.APPROVAL_REQUIRED)[:20]:
                self._decide(checkpoint, "approve", {})
            self.unseen.update(invisible())
        except Error:
            connection.close()  # the next round tries again

    def _send_canary(self, name: str) -> None:
        """Put in the job that shows when work flows again after a fault."""
        if not self.canary:
            return
        key, at = f"canary {len(self.harms)} of {name}", time.monotonic()

        def sent() -> bool:
            try:
                stored = Job.objects.filter(unique_key=key).first()
                job = stored or self.office.enqueue(self.canary, unique_key=key, priority=10)
                self._canaries[job.pk] = (name, at)
            except Error:
                connection.close()
                return False
            return True

        eventually(sent, VICTIM, "a job can be put in")

    def _look_after_canaries(self) -> None:
        if self._canaries:
            ended = Job.objects.filter(pk__in=list(self._canaries), status=JobStatus.COMPLETED)
            for pk in ended.values_list("pk", flat=True):
                name, at = self._canaries.pop(pk)
                self.recoveries.append((name, time.monotonic() - at))

    def _ask(self, number: int) -> None:
        key = f"{self.name} {number}"
        if Job.objects.filter(unique_key=key).exists():
            return  # it was stored, and only the answer was lost
        ask = number % 3 == 0
        addresses = {"careful": self.careful.url, "careless": self.careless.url}
        self.office.enqueue("faults.journey", unique_key=key, ask=ask, **addresses)

    def _decide(self, checkpoint: Checkpoint, verdict: str, data: dict[str, str]) -> None:
        version = checkpoint.payload_version
        with suppress(DecisionRefused):  # it may have been taken the first time, and only the answer was lost
            decide(checkpoint.pk, actor=self.office.reviewer, verdict=verdict, version=version, data=data)

    def _commit(self, name: str) -> None:
        deed, _, of = name.partition(" ")
        if name == CRASH:
            self._note(name, self._workers())
            self._crash_database()
        elif deed == "drop":
            portal = self.careful if "careful" in of else self.careless
            portal.set(drop_times=1)
            self._note(name, [])
        else:
            self._strike(name, of, self._freeze if deed == "freeze" else psutil.Process.kill)
        self.done[name] += 1

    def _note(self, name: str, victims: list[psutil.Process]) -> None:
        self.harms.append(Harm(name, clock.now(), frozenset(victim.pid for victim in victims)))

    def _workers(self) -> list[psutil.Process]:
        return self.cluster.family()["worker"]

    def _family(self) -> dict[str, list[psutil.Process]]:
        return self.cluster.family() | (self.web.family() if self.web is not None else {})

    def _strike(self, name: str, of: str, blow: Callable[[psutil.Process], None]) -> None:
        candidates: dict[str, Victim] = {
            "a busy worker": self.cluster.busy,
            "an idle worker": self.cluster.idle,
            "a worker whose request is at the portal": self._submitting,
        }
        look = candidates.get(of, lambda: self._family()[of.removeprefix("the ")])

        def struck() -> bool:
            self._tend(self._asked)
            try:
                found = look()
                if found:
                    victim = self._random.choice(found)
                    self._note(name, [victim] if "worker" in of else self._workers())
                    blow(victim)
                return bool(found)
            except Error:
                connection.close()
            except psutil.NoSuchProcess:
                pass  # it ended by itself a moment ago
            return False

        eventually(struck, VICTIM, f"there is {of}")

    def _submitting(self) -> list[psutil.Process]:
        begun = Step.objects.filter(job=OuterRef("pk"), key="file", state=Step.State.STARTED)
        owners = Job.objects.filter(Exists(begun), status=JobStatus.RUNNING).values_list("lease_owner", flat=True)
        pids = {int(owner.rpartition(":")[2]) for owner in owners}
        return [worker for worker in self.cluster.family()["worker"] if worker.pid in pids]

    def _freeze(self, process: psutil.Process) -> None:
        """Stop a process for longer than its lease."""
        process.suspend()
        timer = threading.Timer(self.frozen, _thaw, [process])
        timer.daemon = True
        timer.start()
        self._frozen.append(timer)

    def _crash_database(self) -> None:
        assert self.server is not None
        self.server.stop()
        time.sleep(1)
        self.server.start()


def _thaw(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):  # it may have been killed in its sleep
        process.resume()


def invisible() -> QuerySet[Job]:
    """Return the jobs that wait for nothing that would ever come."""
    asked = Checkpoint.objects.pending().filter(job=OuterRef("pk"))
    unasked = Q(wait_reason=WaitReason.CHECKPOINT) & ~Exists(asked)
    unwoken = Q(wait_reason__in=[WaitReason.TIMER, WaitReason.ANSWER], wake_at=None)
    return Job.objects.filter(Q(status=JobStatus.WAITING) & (unasked | unwoken))
