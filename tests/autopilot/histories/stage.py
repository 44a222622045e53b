"""One history's stage: a world, people and processes of its own, and afterwards nothing of it is left."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction

from autopilot import clock
from autopilot.engine import enqueue, faults, registry
from autopilot.models import Job, Worker
from tests.autopilot.histories import packet
from tests.autopilot.histories.cluster import Cluster
from tests.autopilot.histories.office import Office
from tests.autopilot.histories.world import World

TENANT = UUID(int=1)


class Stage:
    """What one history is played with."""

    def __init__(self, people: list[User]) -> None:
        self.world = World()
        self.office = Office(self.world, people)
        self.cluster = Cluster(self.world, self.office)
        packet.register(self.world)
        self.worker, _ = Worker.objects.get_or_create(name=registry.worker_of(packet.KIND))

    def enqueue(
        self,
        *,
        quorum: int = 1,
        probes: bool = False,
        on_expiry: str = "fail",
        asks: User | None = None,
        unique_key: str = "",
        start_by: datetime | None = None,
    ) -> Job:
        """Ask for a packet; alice does unless it is somebody else."""
        return enqueue(
            packet.KIND,
            tenant_id=TENANT,
            requested_by=asks or self.office.alice,
            unique_key=unique_key,
            start_by=start_by,
            quorum=quorum,
            probes=probes,
            on_expiry=on_expiry,
        )


@contextmanager
def staged(people: list[User]) -> Iterator[Stage]:
    """Play one history: what it writes is rolled back, what it registers forgotten, its clock set back."""
    began = clock.shift()
    with _rolled_back(), registry.registered_for_test():
        try:
            yield Stage(people)
        finally:
            faults.watch(None)
            clock.move(began - clock.shift())


@contextmanager
def _rolled_back() -> Iterator[None]:
    block = transaction.atomic()
    # As Django's own TestCase marks it: the engine then does not take it for a transaction of the handler's.
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        # Until a commit, PostgreSQL would leave the foreign keys unchecked.
        connection.check_constraints()
        transaction.set_rollback(True)
