"""What the handlers of every peer leave behind: when a job was sent and when its handler began, by this machine's clock.

The first job of a worker process waits in its handler until the gate is opened. So the clock of a measurement starts
when all processes are up and have work in hand, and no peer's start counts.
"""

import os
import struct
import time
from functools import cache
from pathlib import Path

FOLDER = "BENCHMARK_MARKS"
GATE = "gate"
PAIR = struct.Struct("dd")
GLANCE_SECONDS = 0.002


def leave(sent: float) -> None:
    """Mark that a job has begun; `sent` is when it was sent, in seconds since 1970, or 0 when that does not matter."""
    began = time.time()
    os.write(_file(os.getpid()), PAIR.pack(sent, began))


def open_gate(folder: Path) -> float:
    """Let the handlers go on, and return when that was."""
    (folder / GATE).touch()
    return time.time()


def processes(folder: Path) -> int:
    """Return how many processes have come to the gate or through it."""
    return len(_files(folder))


def count(folder: Path) -> int:
    """Return how many jobs have begun."""
    return sum(file.stat().st_size for file in _files(folder)) // PAIR.size


def latencies(folder: Path) -> list[float]:
    """Return the milliseconds between sending and beginning of each job whose sending mattered."""
    pairs = [pair for file in _files(folder) for pair in PAIR.iter_unpack(file.read_bytes())]
    return [(began - sent) * 1000 for sent, began in pairs if sent]


def _files(folder: Path) -> list[Path]:
    return list(folder.glob("[0-9]*"))


@cache
def _file(process: int) -> int:
    folder = Path(os.environ[FOLDER])
    file = os.open(folder / str(process), os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    while not (folder / GATE).exists():
        time.sleep(GLANCE_SECONDS)
    return file
