"""Reckon every indicator from a file.

python -m benchmarks.support.compliance.indicators FILE ROWS
"""

import sys
from pathlib import Path
from typing import Any

from benchmarks.support.compliance.measuring import measure
from students.wioa.calendar import Quarter
from students.wioa.indicators.files import read_rows
from students.wioa.indicators.reckoning import reckon
from students.wioa.pirl.schema import development_schema
from tests.students.wioa.participants import PERIOD_END


def reckoned() -> dict[str, Any]:
    """Reckon the file; returns how many rows could not be read, and how many figures there are."""
    columns = [element.number for element in development_schema().elements]
    rows = (row.record for row in read_rows(Path(sys.argv[1]), columns))
    report = reckon(rows, ends=Quarter.of(PERIOD_END))
    return {"bad": report.bad, "figures": len(report.figures)}


if __name__ == "__main__":
    measure(int(sys.argv[2]), reckoned)
