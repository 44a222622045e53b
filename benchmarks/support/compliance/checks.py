"""Run every edit check over a file.

python -m benchmarks.support.compliance.checks FILE ROWS
"""

import sys
from pathlib import Path
from typing import Any

from benchmarks.support.compliance.measuring import measure
from students.wioa.pirl.engine import Engine
from students.wioa.pirl.schema import development_schema
from tests.students.wioa.participants import PERIOD_END


def checked() -> dict[str, Any]:
    """Check the file; returns what was found by rule."""
    with Path(sys.argv[1]).open("rb") as file:
        report = Engine(development_schema(), PERIOD_END).check_file(file)
    return {"found": report.by_rule}


if __name__ == "__main__":
    measure(int(sys.argv[2]), checked)
