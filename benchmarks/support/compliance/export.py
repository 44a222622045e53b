"""Make records of facts and write them as a file, each of which anew.

    python -m benchmarks.support.compliance.export FILE ROWS

Facts of a thousand participants are kept, and each is written under many identifiers: to invent them takes longer than
to write them, and is nobody's work in production.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.support.compliance.measuring import measure
from students.wioa.participation import Exclusion, Period, Received
from students.wioa.pirl.record import Credential, Facts, Gain, Outcome, Training, record
from students.wioa.pirl.schema import development_schema
from students.wioa.pirl.writing import lines
from students.wioa.programs import Program
from students.wioa.services import SERVICES
from tests.students.wioa.participants import PERIOD_END

PEOPLE = 1000
OFFERED = [service for service in SERVICES.values() if Program.ADULT in service.programs and service.begins]
ANSWERS = dict.fromkeys(("202", "210", "211", "212", "213", "214", "300", "301", "400", "402", "600"), "0")


def people() -> list[Facts]:
    """Return the facts of a thousand adults who were served, trained, and mostly exited."""
    random = Random(6)
    return [_facts(random, number) for number in range(PEOPLE)]


def _facts(random: Random, number: int) -> Facts:
    entered = date(2024, 7, 1) + timedelta(days=random.randint(0, 300))
    exited = entered + timedelta(days=random.randint(60, 200))
    services = [Received(entered + timedelta(days=random.randint(0, 60)), Program.ADULT, kind) for kind in OFFERED]
    return Facts(
        person=f"P{number:011d}",
        period=Period(frozenset({Program.ADULT}), entered, exited, exited, exited, Exclusion.NONE, ()),
        answers=ANSWERS | {"200": "19900101", "201": "2"},
        services=services,
        trainings=[Training("06", entered, exited, completed=True, cip="51.3902", account=True)],
        enrolled_on=entered,
        completed_on=exited,
        gains={Gain.MILESTONE: exited},
        credentials=[Credential("4", exited)],
        outcomes={quarter: Outcome("1", "1", Decimal("8450.10")) for quarter in (1, 2, 3, 4)},
        same_employer=True,
    )


def exported(path: Path, rows: int, known: list[Facts]) -> dict[str, Any]:
    """Write so many records to a file; returns its size."""

    def records() -> Iterator[dict[str, str]]:
        for number in range(rows):
            yield record(replace(known[number % PEOPLE], person=f"P{number:011d}"), PERIOD_END)

    with path.open("wb") as file:
        file.writelines(lines(records(), development_schema()))
    return {"MiB written": round(path.stat().st_size / 2**20)}


if __name__ == "__main__":
    some = people()
    measure(int(sys.argv[2]), lambda: exported(Path(sys.argv[1]), int(sys.argv[2]), some))
