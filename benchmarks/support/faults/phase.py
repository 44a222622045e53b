"""What a phase finds, and what it is told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.support.report import Target
from tests.faults.databases import PostgresDatabases

RECOVERY = 60.0  # seconds
PATIENCE = 240.0  # seconds in which a loaded machine finishes what came in


@dataclass
class Findings:
    """The figures of a phase and the promises they are held to; `left_out` says why it did not take place."""

    figures: dict[str, Any] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    left_out: str = ""

    def expect(self, name: str, value: float, most: float = 0.0) -> None:
        """Hold a figure to the most it may be."""
        self.targets.append(Target(name, round(value, 2), most))

    def expect_least(self, name: str, value: float, least: float) -> None:
        """Hold a figure to the least it must be."""
        self.targets.append(Target(name, round(value, 2), least, at_least=True))


@dataclass(frozen=True)
class Ground:
    """Where a phase takes place: its databases, a folder of its own, and how it is run."""

    databases: PostgresDatabases
    folder: Path
    seed: int
    quick: bool
    tell: Callable[[str], None]
