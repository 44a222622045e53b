"""What one document may cost, enforced by the operating system on the process that makes it."""

import math
import resource
from dataclasses import dataclass

MEBIBYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """The most that one document may take; `memory_bytes` is address space, of which Pango and Python claim 300 MiB."""

    wall_seconds: float = 30
    cpu_seconds: int = 20
    memory_bytes: int = 768 * MEBIBYTE
    file_bytes: int = 16 * MEBIBYTE
    pages: int = 200
    characters: int = 2_000_000


def confine(limits: Limits) -> None:
    """Bind this process, for good, to the memory and file sizes of the limits, and let it leave no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_bytes, limits.file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_processor_time(seconds: int) -> None:
    """Let this process use so many seconds of processor time from now on; the kernel ends it beyond."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = math.ceil(usage.ru_utime + usage.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))
