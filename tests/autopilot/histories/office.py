"""Three people: what they decide, amend and find out, as any reviewer or operator would."""

from collections.abc import Iterator

from django.contrib.auth.models import User

from autopilot.engine import amend, decide
from autopilot.exceptions import DecisionRefused
from autopilot.models import Checkpoint
from tests.autopilot.engine.people import group_of, person
from tests.autopilot.histories.world import RECEIPT, World

NAMES = ("alice", "bob", "carol")


class Crash(BaseException):
    """A process ended where it stood."""


def staff() -> list[User]:
    """Return three people, each of whom may decide, find out and operate; alice asks for most jobs."""
    reviewers = group_of("Reviewer", "decide_checkpoint")
    operators = group_of("Operator", "decide_checkpoint", "control_job", "control_worker")
    return [person(name, reviewers, operators) for name in NAMES]


class Office:
    """People in front of a world that they can look at."""

    def __init__(self, world: World, people: list[User]) -> None:
        self.world = world
        self.people = people

    @property
    def alice(self) -> User:
        """The person who asks."""
        return self.people[0]

    def decide(self, checkpoint: Checkpoint, actor: User, *, approve: bool = True, version: int | None = None) -> bool:
        """Let a person decide; returns False if the engine refuses, or if the process ends on the way."""
        seen = checkpoint.payload_version if version is None else version
        verdict = self._verdict(checkpoint, approve)
        try:
            decide(
                checkpoint.pk, actor=actor, verdict=verdict, version=seen, comment="So be it.", data={"number": RECEIPT}
            )
        except (DecisionRefused, Crash):
            return False
        return True

    def amend(self, checkpoint: Checkpoint, actor: User, fee: int) -> bool:
        """Let a person change what is decided on; returns whether the engine took it."""
        try:
            amend(checkpoint.pk, actor=actor, version=checkpoint.payload_version, edits={"fee": fee})
        except DecisionRefused:
            return False
        return True

    def attend(self) -> int:
        """Let everybody decide all that waits for a person; returns how many decisions were taken."""
        return sum(self.decide(checkpoint, actor) for checkpoint in list(waiting()) for actor in self.people)

    def _verdict(self, checkpoint: Checkpoint, approve: bool) -> str:
        if checkpoint.kind == Checkpoint.Kind.RECONCILE:
            return "happened" if self.world.holds(checkpoint.job_id, checkpoint.generation) else "not_happened"
        return "approve" if approve else "reject"


def waiting() -> Iterator[Checkpoint]:
    """Yield what waits for a person, oldest first."""
    yield from Checkpoint.objects.pending()
