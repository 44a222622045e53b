"""Measure one part: rows in a second of one core, and the memory of the process at its peak."""

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

KIBIBYTES_OF_MEBIBYTE = 1024


def peak_mebibytes() -> float:
    """Return what the process has had in memory at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBIBYTES_OF_MEBIBYTE


def measure(rows: int, part: Callable[[], dict[str, Any]]) -> None:
    """Do a part once, and print what it gave with rows per second of processor time and of the clock."""
    gc.collect()
    clock, processor = time.perf_counter(), time.process_time()
    given = part()
    took, worked = time.perf_counter() - clock, time.process_time() - processor
    figures = {
        "rows": rows,
        "rows/s of one core": round(rows / worked),
        "rows/s": round(rows / took),
        "seconds": round(took, 2),
        "MiB at its peak": round(peak_mebibytes()),
    }
    json.dump(figures | given, sys.stdout)
