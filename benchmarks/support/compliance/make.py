"""Write a PIRL file of invented participants.

python -m benchmarks.support.compliance.make FILE ROWS
"""

import sys
from pathlib import Path

from students.wioa.pirl.schema import development_schema
from students.wioa.pirl.writing import lines
from tests.students.wioa.participants import participants


def main() -> None:
    """Write the file."""
    path, rows = Path(sys.argv[1]), int(sys.argv[2])
    with path.open("wb") as file:
        file.writelines(lines(participants(rows), development_schema()))


if __name__ == "__main__":
    main()
