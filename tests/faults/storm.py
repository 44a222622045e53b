"""A storm: journeys come in, people decide, and meanwhile one process after the other is killed or frozen."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
from django.db import Error, connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from autopilot.engine import decide
from autopilot.exceptions import DecisionRefused
from autopilot.models.checkpoints import Checkpoint
from autopilot.models.jobs import FINAL, Job, JobStatus, Step, WaitReason
from tests.faults.cluster import Cluster, eventually
from tests.faults.office import Office
from tests.faults.postgres import PostgresServer
from tests.portal import RunningPortal

PAUSE = 1.2
FROZEN = 6.0
VICTIM = 40.0
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
}

Victim = Callable[[], list[psutil.Process]]


@dataclass
class Storm:
    """Does its harm in an order that `seed` decides; `server` is a database server to crash, where there is one."""

    office: Office
    cluster: Cluster
    careful: RunningPortal
    careless: RunningPortal
    seed: int
    server: PostgresServer | None = None
    jobs: int = 300
    done: Counter[str] = field(default_factory=Counter)
    unseen: set[Job] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._asked = 0
        self._frozen: list[threading.Timer] = []

    def rage(self) -> None:
        """Commit every fault while the journeys come in; returns right after the last one."""
        plan = [name for name, times in FAULTS.items() for _ in range(times)]
        plan += ["crash the database"] * 2 if self.server else []
        self._random.shuffle(plan)
        for number, name in enumerate(plan, start=1):
            self._tend_for(self._random.uniform(0.5, 1.5) * PAUSE, self.jobs * number // len(plan))
            self._commit(name)

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
            return thawed and self._asked == self.jobs and not left.exists()

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

    def _tend_for(self, seconds: float, asked: int) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._tend(asked)
            time.sleep(0.05)

    def _tend(self, asked: int) -> None:
        """Let journeys come in up to a number, decide what is asked, and start a dead supervisor again."""
        self.cluster.restart_if_gone()
        try:
            while self._asked < asked:
                self._ask(self._asked)
                self._asked += 1
            for checkpoint in Checkpoint.objects.pending().filter(kind=Checkpoint.Kind.APPROVAL_REQUIRED)[:20]:
                self._decide(checkpoint, "approve", {})
            self.unseen.update(invisible())
        except Error:
            connection.close()  # the next round tries again

    def _ask(self, number: int) -> None:
        key = f"journey {number}"
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
        if name == "crash the database":
            self._crash_database()
        elif deed == "drop":
            portal = self.careful if "careful" in of else self.careless
            portal.set(drop_times=1)
        else:
            self._strike(of, self._freeze if deed == "freeze" else psutil.Process.kill)
        self.done[name] += 1

    def _strike(self, of: str, blow: Callable[[psutil.Process], None]) -> None:
        candidates: dict[str, Victim] = {
            "a busy worker": self.cluster.busy,
            "an idle worker": self.cluster.idle,
            "a worker whose request is at the portal": self._submitting,
        }
        look = candidates.get(of, lambda: self.cluster.family()[of.rpartition(" ")[2]])

        def struck() -> bool:
            self._tend(self._asked)
            try:
                found = look()
                if found:
                    blow(self._random.choice(found))
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
        timer = threading.Timer(FROZEN, _thaw, [process])
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
