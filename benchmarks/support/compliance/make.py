"""Write a PIRL file of invented participants, every hundredth with a mistake that the logical checks find.

    python -m benchmarks.support.compliance.make FILE ROWS

The values are right everywhere, so that no stage of the checks ends before the last one.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from students.wioa.pirl.schema import development_schema
from students.wioa.pirl.writing import lines
from tests.students.wioa.participants import participants

EVERY = 100
BLANKED = ("923", "1303", "1801", "1603", "410", "1811")


def mistaken(rows: int) -> Iterator[Mapping[str, str]]:
    """Yield so many records; of every hundredth an element is blank that must not be."""
    for number, record in enumerate(participants(rows)):
        wrong = BLANKED[number // EVERY % len(BLANKED)]
        yield record | {wrong: ""} if number % EVERY == 0 and record.get(wrong) else record


def main() -> None:
    """Write the file."""
    path, rows = Path(sys.argv[1]), int(sys.argv[2])
    with path.open("wb") as file:
        file.writelines(lines(mistaken(rows), development_schema()))


if __name__ == "__main__":
    main()
