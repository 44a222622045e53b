"""Figures of many requests: how many, how long they took, how many went wrong."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request, as the users wrote it down: when it ended (Unix time), and how long it took in milliseconds."""

    at: float
    method: str
    name: str
    milliseconds: float
    status: int
    problem: str
    detail: str = ""

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"


def table(requests: Iterable[Request]) -> dict[str, dict[str, Any]]:
    """Return the figures of each name, reads before writes."""
    named: dict[tuple[bool, str], list[Request]] = defaultdict(list)
    for each in requests:
        named[not each.is_read, each.name].append(each)
    return {name: figures(rows) for (_, name), rows in sorted(named.items())}


def figures(requests: Sequence[Request]) -> dict[str, Any]:
    """Return count, p50, p95, p99 and longest in milliseconds, and how many requests went wrong."""
    taken = [each.milliseconds for each in requests]
    return {
        "count": len(requests),
        **{f"p{percent}": percentile(taken, percent) for percent in (50, 95, 99)},
        "longest": max(taken, default=0.0),
        "errors": sum(bool(each.problem) for each in requests),
    }


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that at least so many percent do not exceed; 0 where there is none."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1] if ordered else 0.0


def written(rows: dict[str, dict[str, Any]]) -> str:
    """Return a table for people to read."""
    lines = [f"{'':26}{'count':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'longest':>9}{'errors':>8}"]
    for name, row in rows.items():
        taken = "".join(f"{row[each]:9.0f}" for each in ("p50", "p95", "p99", "longest"))
        lines.append(f"{name:26}{row['count']:8}{taken}{row['errors']:8}")
    return "\n".join(lines)
