"""Which documents prove what: by PIRL element as printed, or by a word where there is no element.

Any one of the documents is enough. A person's own attestation counts only where it stands in the list, and only with the
reason that no other source could be had (TEGL 7-18, Change 1).
"""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILE = Path(__file__).parent / "data" / "source_documentation.csv"
JOINT = "TEGL 7-18"


@dataclass(frozen=True)
class Topic:
    """What can be proven: `documents` are alternatives; `confirm` says what a state must be asked about the list."""

    key: str
    name: str
    documents: tuple[str, ...]
    self_attestation: bool
    source: str
    effective_from: date
    confirm: str

    @property
    def element(self) -> str:
        """The PIRL element as printed, blank where there is none."""
        return self.key if self.key.isdigit() else ""

    @property
    def jointly_validated(self) -> bool:
        """Whether it is one of the elements that the departments validate together."""
        return self.source.startswith(JOINT)


def _read(row: dict[str, str]) -> Topic:
    return Topic(
        row["key"],
        row["name"],
        tuple(each.strip() for each in row["documents"].split(";")),
        row["self_attestation"] == "yes",
        row["source"],
        date.fromisoformat(row["effective_from"]),
        row["confirm"],
    )


with FILE.open(encoding="utf-8", newline="") as _file:
    TOPICS = {row["key"]: _read(row) for row in csv.DictReader(_file)}
