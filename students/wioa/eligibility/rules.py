"""The rules of eligibility as data: each with its clause, where it is explained, its dates and what proves it."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "data"


@dataclass(frozen=True)
class Rule:
    """One rule of the law.

    `clause` is the statute, `source` what explains it; `evidence` is the key of what proves it, or blank; `confirm` says
    what only a state or local area can say about it. It holds from `effective_from` through `effective_to`.
    """

    key: str
    title: str
    clause: str
    source: str
    evidence: str
    effective_from: date
    effective_to: date | None
    confirm: str

    def in_effect(self, day: date) -> bool:
        """Return whether it holds on a day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a file of reference data by column."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text: str) -> date | None:
    """Return a day as reference data writes it, None for an empty text."""
    return date.fromisoformat(text) if text else None


def _read(row: dict[str, str]) -> Rule:
    dates = {"effective_from": date.fromisoformat(row["effective_from"]), "effective_to": day(row["effective_to"])}
    return Rule(**{**row, **dates})  # type: ignore[arg-type]  # every other column is text


RULES = {row["key"]: _read(row) for row in read_rows("eligibility_rules.csv")}
