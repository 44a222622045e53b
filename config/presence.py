"""Whether the database is there: noticed while a request waits for it, and known before the next one asks it.

A server that has gone refuses at once; one that hangs says nothing, and no timeout of a statement, which the server
itself keeps, ends that. So a thread looks after the requests of a web process: when one of them takes long, it asks
whether the server answers anybody at all, and if not, cuts this process's connections off and says so until it does.
A statement that merely takes long is left alone.
"""

import logging
import os
import socket
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from django.db import OperationalError, connection

logger = logging.getLogger(__name__)

# In sum less than the two seconds within which a request is answered.
EVERY = 0.2
PATIENCE = 0.4
LONGEST_SILENCE = 0.9
# What a client says before it says who it is; every server, and pgbouncer, answers with a letter and forgets it.
ARE_YOU_THERE = bytes.fromhex("00000008 04d2162f")


class Presence:
    """What a process knows about its database; until `start` it watches nothing, and takes the database to be there."""

    def __init__(self) -> None:
        self.is_away = False
        self._watching = self._suspected = False
        self._begun: dict[int, float] = {}
        self._lines: set[socket.socket] = set()

    def start(self) -> None:
        """Watch over this process, and over those that it forks, from now on; SQLite is always there."""
        if connection.vendor != "postgresql":
            return
        self._watching = True
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """Say that a request is under way in this thread for the length of a block."""
        self._begun[threading.get_ident()] = time.monotonic()
        try:
            yield
        finally:
            self._begun.pop(threading.get_ident(), None)

    def suspect(self) -> None:
        """Have somebody look soon: the database has refused something that it does not refuse in health."""
        self._suspected = True

    def require(self, parameters: Mapping[str, Any]) -> None:
        """Raise OperationalError, within a second, if no connection with these parameters could be opened now."""
        if self._watching and not self.is_away and not answers(parameters):
            self._note(away=True)
        if self.is_away:
            raise OperationalError("The database is away.")

    def keep(self, opened: psycopg.Connection[Any]) -> None:
        """Remember a connection, as long as it exists, to cut it off should the database hang."""
        if self._watching:
            # A descriptor of our own: the connection's may belong to another file by the time it is cut off.
            line = socket.socket(fileno=os.dup(opened.pgconn.socket))
            self._lines.add(line)
            weakref.finalize(opened, self._forget, line)

    def _begin(self) -> None:
        threading.Thread(target=self._watch, name="presence", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(EVERY)
            if self.is_away or self._suspected or self._longest_wait() > PATIENCE:
                self._suspected = False
                self._note(away=not answers(connection.get_connection_params()))

    def _longest_wait(self) -> float:
        return time.monotonic() - min(list(self._begun.values()), default=float("inf"))

    def _note(self, *, away: bool) -> None:
        if away != self.is_away:
            self.is_away = away
            logger.warning("the database is away" if away else "the database is back")
        if away:
            for line in list(self._lines):
                with suppress(OSError):  # it was closed in the meantime
                    line.shutdown(socket.SHUT_RDWR)

    def _forget(self, line: socket.socket) -> None:
        self._lines.discard(line)
        line.close()


def answers(parameters: Mapping[str, Any]) -> bool:
    """Return whether a server answers, at one of the addresses that libpq's `host` and `port` name, within a second."""
    hosts = str(parameters.get("host") or "/var/run/postgresql").split(",")
    ports = str(parameters.get("port") or 5432).split(",")
    pairs = zip(hosts, ports * len(hosts) if len(ports) == 1 else ports, strict=False)
    return any(_answers(host, int(port)) for host, port in pairs)


def _answers(host: str, port: int) -> bool:
    try:
        with _dial(host, port) as line:
            line.settimeout(LONGEST_SILENCE)
            line.sendall(ARE_YOU_THERE)
            return bool(line.recv(1))
    except OSError:
        return False


def _dial(host: str, port: int) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port), timeout=LONGEST_SILENCE)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(LONGEST_SILENCE)
    line.connect(f"{host}/.s.PGSQL.{port}")
    return line


presence = Presence()
