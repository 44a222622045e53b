"""The services of Title I: which make somebody a participant, which put off the exit, and where each is reported.

Source: TEGL 10-16, Change 3, Attachment VII, tables A and B; the rows stand in `data/services.csv`.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from students.wioa.programs import Program

FILE = Path(__file__).with_name("data") / "services.csv"
NEVER = date.max


@dataclass(frozen=True)
class Service:
    """One kind of service.

    `begins` says that it makes a participant of whom is ready to become one, `extends` that it puts off the exit.
    `participants_only` marks what is given to participants and makes none. `elements` are numbers of elements as
    printed, or ranges of them. The rule holds from `effective_from` until before `effective_to`.
    """

    code: str
    programs: frozenset[Program]
    name: str
    category: str
    begins: bool
    extends: bool
    participants_only: bool
    elements: tuple[str, ...]
    note: str
    source: str
    effective_from: date
    effective_to: date = NEVER


def read_services(path: Path = FILE) -> dict[str, Service]:
    """Return the services of a file by their codes, in its order.

    Raises ValueError for a code that stands there twice, a program or a yes or no that is neither.
    """
    found: dict[str, Service] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["code"] in found:
                raise ValueError(f"The service {row['code']} stands in {path.name} twice.")
            found[row["code"]] = _service(row)
    return found


def _service(row: dict[str, str]) -> Service:
    return Service(
        code=row["code"],
        programs=frozenset(Program(word) for word in row["programs"].split()),
        name=row["name"],
        category=row["category"],
        begins=_yes(row["begins"]),
        extends=_yes(row["extends"]),
        participants_only=_yes(row["participants_only"]),
        elements=tuple(row["elements"].split()),
        note=row["note"],
        source=row["source"],
        effective_from=date.fromisoformat(row["effective_from"]),
        effective_to=date.fromisoformat(row["effective_to"]) if row["effective_to"] else NEVER,
    )


def _yes(word: str) -> bool:
    if word not in ("yes", "no"):
        raise ValueError(f"{word!r} is neither yes nor no.")
    return word == "yes"


SERVICES: Mapping[str, Service] = MappingProxyType(read_services())
