"""Real concurrency for tests: a database that threads and processes share, and threads that act at once."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, connections

from autopilot.engine import faults
from tests import laid

PATIENCE = 20.0  # seconds for one step of one thread
LONGEST = 180.0  # seconds for everything that threads do together
# With all that refers to them, these are everything a test can write.
TABLES = (
    "autopilot_job",
    "autopilot_outboxmessage",
    "autopilot_auditentry",
    "autopilot_worker",
    "autopilot_idempotencykey",
    "autopilot_eventtally",
    "autopilot_durationtally",
    "autopilot_tallycursor",
    "autopilot_document",
    "autopilot_ledgeranchor",
    "programs_numberseries",
    "students_statuslist",
    "auth_user",
    "auth_group",
)


def write_empty_database(file: Path) -> None:
    """Write the migrated but empty database to a file; does nothing on PostgreSQL."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM INTO '{file}'")


@contextmanager
def shared_database(empty: Path, file: Path) -> Iterator[None]:
    """Give every thread, this one included, connections of its own, which commit: to a file, or to PostgreSQL.

    The test's own connection, which never commits, is laid aside; nothing may have been written through it.
    """
    own, settings = connections["default"], connections.settings["default"]
    name = settings["NAME"]
    if own.vendor == "sqlite":
        settings["NAME"] = str(shutil.copy(empty, file))
    else:
        _allow_to_idle()
    connections["default"] = connections.create_connection("default")
    before = laid.kept() if own.vendor == "postgresql" else None
    is_clean = True
    try:
        yield
    finally:
        if before is not None:
            _empty()
            laid.restore(before)
            is_clean = laid.kept() == before
        connections["default"].close()
        settings["NAME"] = name
        connections["default"] = own
    assert is_clean, "this test left rows in a table that TABLES does not name"


def _allow_to_idle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")


class Actor(threading.Thread):
    """A thread with a database connection of its own, whose result or error is kept."""

    def __init__(self, deed: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.deed = deed
        self.result: Any = None
        self.error: BaseException | None = None
        self.pid: int | None = None
        self.start()

    def run(self) -> None:
        """Do the deed."""
        try:
            if connection.vendor == "postgresql":
                connection.ensure_connection()
                self.pid = connection.connection.info.backend_pid
            self.result = self.deed()
        except BaseException as error:
            self.error = error
        finally:
            connection.close()

    def ended(self) -> Any:
        """Return what the deed returned, or raise what it raised."""
        self.join(PATIENCE)
        assert not self.is_alive(), "a thread hangs"
        if self.error is not None:
            raise self.error
        return self.result


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do several deeds in as many threads, all at one moment; returns what each returned, or the error it raised."""
    barrier = threading.Barrier(len(deeds))

    def together(deed: Callable[[], Any]) -> Callable[[], Any]:
        def act() -> Any:
            connection.ensure_connection()
            barrier.wait(PATIENCE)
            return deed()

        return act

    actors = [Actor(together(deed)) for deed in deeds]
    for actor in actors:
        actor.join(LONGEST)
        assert not actor.is_alive(), "a thread hangs"
    return [actor.error or actor.result for actor in actors]


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds; fails, naming it, when it does not for long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.002)


def until_blocked(actor: Actor) -> None:
    """Wait until PostgreSQL says that an actor's statement waits for a lock."""
    until(lambda: actor.pid is not None, "a connection")
    until(lambda: _waits_for_lock(actor.pid) or not actor.is_alive(), "a wait for a lock")
    assert actor.is_alive(), f"it did not wait for a lock: {actor.error or actor.result}"


def _waits_for_lock(pid: int | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted)", [pid])
        return bool(cursor.fetchone()[0])


class Gate:
    """Stops the thread that reaches a fault point, until it is let through."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.reached = threading.Event()
        self._open = threading.Event()
        faults.watch(self._stop)

    def _stop(self, point: str) -> None:
        if point == self.point and not self.reached.is_set():
            self.reached.set()
            assert self._open.wait(PATIENCE), f"nobody opened the gate at {point}"

    def wait(self) -> None:
        """Wait until somebody stands at the gate."""
        assert self.reached.wait(PATIENCE), f"nobody came to {self.point}"

    def open(self) -> None:
        """Let through who stands there."""
        self._open.set()
