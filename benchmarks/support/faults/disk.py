"""The disk under the database is full for a while: on a file system in memory that a large file fills."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg

from benchmarks.support.faults.phase import RECOVERY, Findings, Ground
from config.env import ROOT
from tests.faults.cluster import Cluster, eventually
from tests.faults.databases import SETTINGS, Databases, PostgresDatabases, SqliteDatabases
from tests.faults.office import QUICK
from tests.faults.postgres import PostgresServer

SIZES = {"postgresql": 320, "sqlite": 96}  # MiB
FLAGS = "-c listen_addresses=127.0.0.1 -c max_connections=40 -c shared_buffers=32MB -c max_wal_size=64MB"
COMPLETED = "SELECT id FROM autopilot_job WHERE status = 'completed'"
STORED = "SELECT id FROM autopilot_job"


@dataclass
class Writer:
    """Puts in jobs in a process of its own, one after the other, and keeps what was acknowledged and what was refused."""

    url: str
    acknowledged: set[UUID] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        command = [sys.executable, "-m", "benchmarks.support.faults.writer"]
        environment = os.environ | SETTINGS | {"DATABASE_URL": self.url}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def stop(self) -> None:
        """Let it end, and read what it says."""
        said, _ = self._process.communicate(timeout=60)
        for line in said.splitlines():
            word, _, rest = line.partition(" ")
            if word == "stored":
                self.acknowledged.add(UUID(rest))
            else:
                self.refused.append(rest)

    def end(self) -> None:
        """Kill it if it is still there."""
        self._process.kill()
        self._process.wait()


def fill(ground: Ground) -> Findings:
    """Fill the disk of a PostgreSQL and of an SQLite file, and free it again; a quick run has SQLite alone."""
    findings = Findings()
    for kind in ["sqlite"] if ground.quick else ["postgresql", "sqlite"]:
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(small_disk(SIZES[kind]))
            except (OSError, subprocess.CalledProcessError) as error:
                return Findings(left_out=f"no file system in memory can be mounted here ({type(error).__name__})")
            ground.tell(f"the disk of a {kind} database of {SIZES[kind]} MiB will be full")
            server = stack.enter_context(PostgresServer(FLAGS, folder)) if kind == "postgresql" else None
            databases = PostgresDatabases(server) if server else SqliteDatabases(folder)
            _go_through(ground, kind, databases, folder, stack, findings)
    return findings


def _go_through(
    ground: Ground, kind: str, databases: Databases, disk: Path, stack: ExitStack, findings: Findings
) -> None:
    url = databases.fresh()
    cluster = _cluster(ground, kind, url)
    stack.callback(cluster.end)
    cluster.start()
    writer = Writer(url)
    stack.callback(writer.end)
    seconds = 3 if ground.quick else 10
    time.sleep(seconds)
    ballast = _fill(disk)
    time.sleep(seconds)
    ballast.unlink()
    freed = time.monotonic()
    ended = isinstance(databases, PostgresDatabases) and _start_again(databases.server)
    time.sleep(seconds)
    writer.stop()
    look = _reader(url)
    eventually(lambda: writer.acknowledged <= look(STORED) & look(COMPLETED), RECOVERY * 2, "all jobs are done")
    findings.figures[kind] = {
        "acknowledged": len(writer.acknowledged),
        "refused": len(writer.refused),
        "errors": sorted(set(writer.refused)),
        "server ended": ended,
        "seconds until all was done": round(time.monotonic() - freed, 1),
    }
    findings.expect_least(f"writes refused by {kind} on a full disk", len(writer.refused), 1)
    findings.expect(f"acknowledged jobs lost by {kind}", len(writer.acknowledged - look(STORED)))
    unclean = [error for error in writer.refused if error not in {"OperationalError", "DatabaseError"}]
    findings.expect(f"errors of {kind} that were not the database's", len(unclean))


def _cluster(ground: Ground, kind: str, url: str) -> Cluster:
    folder = ground.folder / f"full-{kind}"
    folder.mkdir()
    files = {"AUTOPILOT_JOB_FILES": str(folder / "jobs"), "EMAIL_FILE_PATH": str(folder / "mail")}
    return Cluster(folder, SETTINGS | QUICK | files | {"DATABASE_URL": url}, workers=1)


@contextmanager
def small_disk(mebibytes: int) -> Iterator[Path]:
    """Mount a file system in memory; raises CalledProcessError or FileNotFoundError where that is not allowed."""
    folder = Path(tempfile.mkdtemp(prefix="provost-faults-disk-"))
    try:
        options = f"size={mebibytes}m,mode=777"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True, capture_output=True)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
    finally:
        folder.rmdir()


def _fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return ballast


def _start_again(server: PostgresServer) -> bool:
    """Start a server that ended on its full disk, as a service unit would; returns whether it had."""
    time.sleep(2)
    try:
        psycopg.connect(server.url("postgres"), connect_timeout=2).close()
    except psycopg.Error:
        with suppress(subprocess.CalledProcessError):  # it may be on its way up by itself
            server.start()
        return True
    return False


def _reader(url: str) -> Callable[[str], set[UUID]]:
    """Return what asks the database itself for ids, without any of the project's code."""

    def look(query: str) -> set[UUID]:
        if url.startswith("sqlite"):
            with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30) as database:
                return {UUID(found) for (found,) in database.execute(query)}
        with psycopg.connect(url) as server:
            return {found for (found,) in server.execute(query)}

    return look
