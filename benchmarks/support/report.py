"""How every benchmark ends: its targets on the screen, and one line of JSON."""

import argparse
import json
import os
import platform
import sys
from dataclasses import dataclass
from typing import Any

import psutil


@dataclass(frozen=True)
class Target:
    """A figure that was promised: `value` may be at most, or must be at least, `limit`."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the promise holds."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{'  ' if self.met else '✗ '}{self.name:60}{self.value:12,.2f}   {sign} {self.limit:,.2f}"


def options(description: str | None, **defaults: int | str) -> argparse.Namespace:
    """Return what the command line says: `--quick`, and a number or a text for each name with its default."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small run that ends within a minute")
    for name, default in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    return parser.parse_args()


def tell(text: str) -> None:
    """Say on the standard error how far the benchmark is."""
    print(text, file=sys.stderr, flush=True)


def machine() -> dict[str, Any]:
    """Return what the figures were taken on."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def finish(name: str, *, quick: bool, figures: dict[str, Any], targets: list[Target]) -> int:
    """Print the targets and the line of JSON; returns 0 if every target is met, or the run was a quick one, else 1.

    A quick run is too short for its figures to be judged; it says which targets it missed all the same.
    """
    for target in targets:
        tell(str(target))
    report = {
        "benchmark": name,
        "quick": quick,
        "machine": machine(),
        "figures": figures,
        "targets": {
            target.name: {"value": target.value, "limit": target.limit, "met": target.met} for target in targets
        },
        "met": all(target.met for target in targets),
    }
    print(json.dumps(report))
    return 0 if report["met"] or quick else 1
