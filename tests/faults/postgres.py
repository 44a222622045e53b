"""A PostgreSQL server of our own, which may be harmed."""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

PROGRAMS = "/usr/lib/postgresql/*/bin"
FLAGS = "-c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60 -c shared_buffers=32MB"


class PostgresServer:
    """A throwaway server that runs as an ordinary user inside a `with` block, by default one that never waits for a disk.

    `parent` is the folder in which it makes its own; without one, that of temporary files.
    """

    def __init__(self, flags: str = FLAGS, parent: Path | None = None) -> None:
        self._flags = flags
        self.folder = Path(tempfile.mkdtemp(prefix="provost-faults-postgres-", dir=parent))
        self.port = _free_port()

    def __enter__(self) -> Self:
        if os.geteuid() == 0:  # PostgreSQL refuses to be run by root
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-U", "provost", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def url(self, name: str) -> str:
        """Return the DATABASE_URL of one of its databases."""
        return f"postgres://provost@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        flags = f"-p {self.port} -k {self.folder} {self._flags}"
        self._run("pg_ctl", "-w", "-l", f"{self.folder}/log", "-o", flags, "start")

    def stop(self) -> None:
        """Stop it as a crash would: without a word to anybody."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def create(self, name: str, template: str = "template0") -> None:
        """Create a database, a copy of another one."""
        self._run_client("createdb", "-T", template, name)

    def connections(self, name: str) -> int:
        """Return how many connections a database has, without the one that asks."""
        count = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        return int(self._run_client("psql", "-d", name, "-Atc", count))

    def _run(self, program: str, *arguments: str) -> None:
        owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
        command = [_program(program), "-D", f"{self.folder}/data", *arguments]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL, **owner)

    def _run_client(self, program: str, *arguments: str) -> str:
        command = [_program(program), "-h", "127.0.0.1", "-p", str(self.port), "-U", "provost", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _program(name: str) -> str:
    found = sorted(glob.glob(f"{PROGRAMS}/{name}"), key=lambda path: int(path.split("/")[-3]))
    return found[-1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
