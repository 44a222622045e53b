"""The stage of a peer: its store, the process that sends its jobs, and its workers, which come and go."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from benchmarks.support import marks, servers
from benchmarks.support.peers.peer import PYTHON, Command, Peer
from config.env import ROOT
from tests.faults.postgres import PostgresServer

PATIENCE = 90.0
GLANCE_SECONDS = 0.01
LOG_SHOWN = 2000


class Stage:
    """A peer with a store and a folder of its own; its sender stays, its workers come and go."""

    def __init__(self, peer: Peer, store: str, folder: Path) -> None:
        self.peer, self.folder = peer, folder
        self._environment = peer.environment(store)
        self._rounds = 0
        self._sender: subprocess.Popen[str] | None = None

    def make_tables(self) -> None:
        """Run the commands that make the tables; raises RuntimeError with the end of the log when one fails."""
        self.folder.mkdir()
        for command in self.peer.prepare:
            if self._start(command, self._environment).wait():
                raise RuntimeError(f"{self.peer.title}: the tables are not made.\n{self._end_of_log()}")

    def open(self) -> None:
        """Start the process that sends jobs."""
        with self._log().open("ab") as log:
            self._sender = subprocess.Popen(
                [*PYTHON, "benchmarks.support.peers.sender", self.peer.tasks],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def ask(self, function: str, *numbers: int) -> Any:
        """Call a function of the peer's tasks in the sender; raises RuntimeError, with the end of the log, when that dies."""
        assert self._sender is not None
        assert self._sender.stdin is not None
        assert self._sender.stdout is not None
        print(function, *numbers, file=self._sender.stdin, flush=True)
        if answer := self._sender.stdout.readline():
            return json.loads(answer)
        raise RuntimeError(f"{self.peer.title}: the sender has ended.\n{self._end_of_log()}")

    @contextmanager
    def workers(self) -> Iterator[Path]:
        """Run the workers for the length of a block, and give the folder in which their handlers leave marks."""
        self._rounds += 1
        marked = self.folder / f"marks-{self._rounds}"
        marked.mkdir()
        environment = self._environment | {marks.FOLDER: str(marked)}
        started = [self._start(command, environment) for command in self.peer.workers]
        try:
            yield marked
        finally:
            _end(marked, started)

    def until(self, reached: Callable[[], bool], what: str) -> None:
        """Wait until something is so; raises TimeoutError with the end of the log."""
        end = time.monotonic() + PATIENCE
        while not reached():
            if time.monotonic() > end:
                raise TimeoutError(f"{self.peer.title}: it is not so that {what}.\n{self._end_of_log()}")
            time.sleep(GLANCE_SECONDS)

    def close(self) -> None:
        """End the sender."""
        if self._sender is not None:
            self._sender.kill()
            self._sender.wait()

    def _start(self, command: Command, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with self._log().open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)

    def _log(self) -> Path:
        return self.folder / "log"

    def _end_of_log(self) -> str:
        return self._log().read_text(encoding="utf-8", errors="replace")[-LOG_SHOWN:]


@contextmanager
def opened(peers: list[Peer], server: PostgresServer, copies: dict[str, str]) -> Iterator[list[Stage]]:
    """Give a stage for each peer, and take away what they leave.

    `copies` names further databases to be made, as they are before the first job, by the package they belong to.
    """
    folder = Path(tempfile.mkdtemp(prefix="provost-queue-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        redis = stack.enter_context(servers.redis()) if any(peer.store == "Redis" for peer in peers) else ""
        stages = [_stage(peer, server, redis, folder / f"peer_{turn}") for turn, peer in enumerate(peers)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(Stage.make_tables, stages))
        for stage in stages:
            if stage.peer.store == "PostgreSQL":
                if name := copies.get(stage.peer.package):
                    server.create(name, stage.folder.name)
                _configure(server, stage.folder.name, "RESET synchronous_commit")
            stack.callback(stage.close)
            stage.open()
        yield stages


def _stage(peer: Peer, server: PostgresServer, redis: str, folder: Path) -> Stage:
    if peer.store == "PostgreSQL":
        server.create(folder.name)
        # Making tables is no part of the measurement, and takes long if each commit waits for the disk.
        _configure(server, folder.name, "SET synchronous_commit = off")
        return Stage(peer, server.url(folder.name), folder)
    return Stage(peer, redis if peer.store == "Redis" else f"sqlite:///{folder}/database.sqlite3", folder)


def _configure(server: PostgresServer, database: str, change: str) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} " + change).format(sql.Identifier(database)))


def _end(marked: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """Kill every process that carries the mark of this round, whoever its parent is by now."""
    while found := [process for process in psutil.process_iter() if _is_of(process, marked)]:
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(found, timeout=5)
    for command in started:
        command.wait()


def _is_of(process: psutil.Process, marked: Path) -> bool:
    try:
        return process.environ().get(marks.FOLDER) == str(marked) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False  # it has ended, or is another user's
