"""Any history at all: work, faults, people, operators and time, in whatever order Hypothesis draws them."""

from contextlib import ExitStack
from datetime import timedelta
from typing import ClassVar, NamedTuple

from django.contrib.auth.models import User
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from autopilot import clock, sweep
from autopilot.engine import Requeue
from autopilot.models import Checkpoint, Job, JobStatus
from tests.autopilot.histories import ending, promises
from tests.autopilot.histories.cluster import ANYWHERE, MODES, PAST_THE_LEASE, Fault
from tests.autopilot.histories.office import NAMES
from tests.autopilot.histories.operators import Operators
from tests.autopilot.histories.stage import Stage, staged
from tests.autopilot.histories.world import PLACES, TROUBLES

MOST_JOBS = 2
# Most begin with an approved packet: what follows is where most can go wrong.
HOW_FAR = (2, 2, 2, 0, 1, 3, 4)
MOST_POINTS = 10  # that a run comes by, or little more
LENGTHS = [timedelta(seconds=1), timedelta(seconds=31), timedelta(minutes=20), timedelta(hours=2)]

SOON = timedelta(minutes=10)
DEEDS = ("hold_or_release", "hold_or_release", "pause_or_resume", "pause_or_resume", "cancel")
MEANWHILE = ("nothing", "nothing", "nothing", "cancel", "stop")

which = st.integers(0, MOST_JOBS - 1)
nth = st.sampled_from(range(1, MOST_POINTS + 1))
mode = st.sampled_from(MODES)
meanwhile = st.sampled_from(MEANWHILE)
quorum = st.integers(1, 2)
on_expiry = st.sampled_from(Checkpoint.OnExpiry.values)
person = st.integers(0, len(NAMES) - 1)


class ThereIs(NamedTuple):
    """What there is to do: rules that would find nothing to do are not drawn."""

    work: bool
    question: bool
    failure: bool


class Histories(RuleBasedStateMachine):
    """One history: after every rule each promise is kept, and at its end everything ends."""

    people: ClassVar[list[User]]
    ended: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.stage: Stage = self._open.enter_context(staged(self.people))
        self.operators = Operators(self.stage)

    @initialize(quorum=quorum, probes=st.booleans(), on_expiry=on_expiry, far=st.sampled_from(HOW_FAR))
    def begin(self, quorum: int, probes: bool, on_expiry: str, far: int) -> None:
        """Ask for a first packet, and let it come some way undisturbed."""
        job = self.stage.enqueue(quorum=quorum, probes=probes, on_expiry=on_expiry)
        for _ in range(far):
            if not (self.stage.cluster.work() or self.stage.office.attend()):
                self.stage.world.answer(job.pk)

    @rule(quorum=quorum, on_expiry=on_expiry, unique=st.booleans(), asks=person, hurried=st.booleans())
    def ask_for_a_packet(self, quorum: int, on_expiry: str, unique: bool, asks: int, hurried: bool) -> None:
        """Ask for another packet."""
        if Job.objects.live().count() < MOST_JOBS:
            self.stage.enqueue(
                quorum=quorum,
                on_expiry=on_expiry,
                asks=self.people[asks],
                unique_key="the one" if unique else "",
                start_by=clock.now() + SOON if hurried else None,
            )

    @precondition(lambda self: self.there_is.work)
    @rule(late=st.booleans(), stopping=st.booleans())
    def work(self, late: bool, stopping: bool) -> None:
        """Let a process run one job: one that was claimed long ago, if there is any, or as it is told to stop."""
        if late:
            self.stage.cluster.catch_up()
        self.stage.cluster.stops = stopping and late
        self.stage.cluster.work()
        self.stage.cluster.stops = False

    @precondition(lambda self: self.there_is.work)
    @rule(nth=nth, mode=mode, meanwhile=meanwhile, noticed=st.booleans())
    def work_amid_faults(self, nth: int, mode: str, meanwhile: str, noticed: bool) -> None:
        """Let a process run one job, and die or freeze in it; while it is frozen, an operator may act."""
        deeds = {"cancel": self.operators.cancel_running, "stop": self.operators.stop_worker}
        self.stage.cluster.expect(Fault(ANYWHERE, nth, mode), meanwhile=deeds.get(meanwhile))
        self.stage.cluster.work()
        self.stage.cluster.expect()
        if noticed:
            self.time_passes(PAST_THE_LEASE)

    @precondition(lambda self: self.there_is.work)
    @rule(place=st.sampled_from(PLACES), trouble=st.sampled_from(TROUBLES), nth=nth, mode=mode)
    def work_amid_trouble_and_faults(self, place: str, trouble: str, nth: int, mode: str) -> None:
        """Let the outside fail as well, before or after its effect."""
        self.stage.world.trouble = [(place, trouble)]
        self.work_amid_faults(nth, mode, "nothing", noticed=True)

    @rule(length=st.sampled_from(LENGTHS))
    def time_passes(self, length: timedelta) -> None:
        """Move the clock, and let the urgent duties notice."""
        clock.move(length)
        sweep.leases.run()
        sweep.timers.run()

    @rule(length=st.sampled_from(LENGTHS), duty=st.sampled_from(sorted(sweep.DUTIES)))
    def time_passes_and_one_duty_notices(self, length: timedelta, duty: str) -> None:
        """Move the clock, and attend to one duty."""
        clock.move(length)
        sweep.DUTIES[duty]()

    @precondition(lambda self: self.there_is.question)
    @rule()
    def attend(self) -> None:
        """Let everybody decide what waits for them."""
        self.stage.office.attend()

    @rule(which=which, actor=person, approve=st.booleans(), older=st.booleans(), dies=st.booleans())
    def decide(self, which: int, actor: int, approve: bool, older: bool, dies: bool) -> None:
        """Let a person decide anything, again or on an older version too; the process may die in it."""
        checkpoint = self._checkpoint(which)
        if checkpoint is not None:
            self.stage.cluster.expect(*[Fault("decide.before_wake", 1, "crash")] * dies)
            version = checkpoint.payload_version - older
            self.stage.office.decide(checkpoint, self.people[actor], approve=approve, version=version)
            self.stage.cluster.expect()

    @precondition(lambda self: self.there_is.question)
    @rule(which=which, actor=person, fee=st.integers(0, 3))
    def amend(self, which: int, actor: int, fee: int) -> None:
        """Let a person change what is decided on."""
        checkpoint = self._checkpoint(which)
        if checkpoint is not None:
            self.stage.office.amend(checkpoint, self.people[actor], fee)

    @rule(which=which, while_asking=st.booleans())
    def answer(self, which: int, while_asking: bool) -> None:
        """Let the office answer now, or at the very moment in which it is asked."""
        for job in self.operators.live()[which : which + 1]:
            if while_asking:
                self.stage.world.answering.add(job.pk)
            else:
                self.stage.world.answer(job.pk)

    @rule(which=which, deed=st.sampled_from(DEEDS))
    def operate(self, which: int, deed: str) -> None:
        """Let an operator step in."""
        getattr(self.operators, deed)(which)

    @precondition(lambda self: self.there_is.failure)
    @rule(mode=st.sampled_from(list(Requeue)), step=st.integers(0, 5))
    def requeue(self, mode: Requeue, step: int) -> None:
        """Put what failed or was cancelled back in the queue."""
        self.operators.requeue(mode, step)

    @invariant()
    def keep_promises(self) -> None:
        """Check every promise after every rule."""
        everything = promises.keep(self.stage.world)
        self.there_is = ThereIs(
            work=any(is_due(rows.job) for rows in everything) or bool(self.stage.cluster.claimed),
            question=any(rows.open for rows in everything),
            failure=any(rows.job.status in (JobStatus.FAILED, JobStatus.CANCELLED) for rows in everything),
        )

    def teardown(self) -> None:
        """Without more faults, and with attentive people, everything ends."""
        with self._open:
            ending.bring_about(self.stage)
            promises.keep(self.stage.world)
        type(self).ended += 1

    def _checkpoint(self, which: int) -> Checkpoint | None:
        # The newest first: what lies further back has nothing but refusals to offer.
        asked = Checkpoint.objects.exclude(kind="info").order_by("-created_at", "-pk")
        return next(iter(asked[which : which + 1]), None)


def is_due(job: Job) -> bool:
    """Return whether a process could claim a job now, but for a hold or a pause."""
    return job.status == JobStatus.PENDING and job.scheduled_for <= clock.now()
