"""Servers that a benchmark starts for itself on loopback, and takes away with it."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.postgres import PostgresServer

# The defaults of PostgreSQL, durable commits among them; only the memory is that of a small server.
DURABLE = "-c listen_addresses=127.0.0.1 -c max_connections=100 -c shared_buffers=512MB -c max_wal_size=4GB"


def postgres() -> PostgresServer:
    """Return a PostgreSQL server whose commits are durable."""
    return PostgresServer(DURABLE)


@contextmanager
def redis() -> Iterator[str]:
    """Run Redis with durable writes, and give its address; raises FileNotFoundError where it is not installed."""
    folder = Path(tempfile.mkdtemp(prefix="provost-redis-"))
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--appendonly", "yes"]
    server = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 20) -> None:
    """Wait until somebody listens on a port of loopback; raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nobody listens on port {port} after {seconds:.0f} seconds.")
