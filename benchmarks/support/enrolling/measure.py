"""Import rosters in the database that DATABASE_URL names, which is empty; prints a line of JSON."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django

django.setup()

import psutil
from django.db import connection

from autopilot import spreadsheets, sweep
from autopilot.cluster.pump import Pump
from benchmarks.support.report import tell
from programs.models import Holder
from students.models import Enrollment, RosterImport, RosterStatus
from students.services.rosters import confirm_roster, read_roster
from tests.students.samples import cohort, coordinator, school

HEADING = ["First name", "Last name", "E-mail", "Phone", "Funding", "Reference"]
MEBIBYTE = 2**20
SAMPLED, TOLD = 0.01, 1.0  # seconds


class Watch(threading.Thread):
    """Looks at the memory of this process, and tells how far an import is."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.process, self.over = psutil.Process(), threading.Event()
        self.before = self.peak = self.resident()

    def resident(self) -> float:
        """Return the memory in use, in MiB."""
        return float(self.process.memory_info().rss / MEBIBYTE)

    def run(self) -> None:
        """Look often, and tell seldom, until it is over."""
        spoken = time.monotonic()
        while not self.over.wait(SAMPLED):
            self.peak = max(self.peak, self.resident())
            if time.monotonic() - spoken > TOLD:
                spoken = time.monotonic()
                self.speak()
        connection.close()

    def speak(self) -> None:
        """Tell how many rows the job has compared, as the holder's page does."""
        for compared, total in RosterImport.objects.filter(status=RosterStatus.IMPORTING).values_list(
            "checked", "total"
        ):
            tell(f"  {compared:,} of {total:,} rows compared")


@contextmanager
def measured(figures: dict[str, float], name: str, rows: int) -> Iterator[None]:
    """Note how long a block takes, how many rows a second that is, and how much memory it holds at its peak."""
    watch, start = Watch(), time.perf_counter()
    watch.start()
    yield
    taken = time.perf_counter() - start
    watch.over.set()
    watch.join()
    figures[f"{name}: seconds"] = round(taken, 2)
    figures[f"{name}: rows a second"] = round(rows / taken)
    figures[f"{name}: MiB before"] = round(watch.before, 1)
    figures[f"{name}: MiB at its peak"] = round(watch.peak, 1)


def table(rows: int, first: int) -> list[list[str]]:
    """Return a roster of so many students, numbered from `first`, with its heading."""
    return [HEADING] + [
        [f"Imani{n}", "Okonkwo-Diaz", f"student{n}@example.org", "317-555-0111", "wioa", f"R-{n}"]
        for n in range(first, first + rows)
    ]


def as_csv(rows: list[list[str]]) -> bytes:
    """Return a table as CSV."""
    return "".join(spreadsheets.csv_lines(rows)).encode()


def as_xlsx(rows: list[list[str]]) -> bytes:
    """Return a table as a workbook."""
    return spreadsheets.workbook(rows, title="Roster")


def imported(holder: Holder, rows: int, first: int) -> dict[str, float]:
    """Read a roster and import it by its job, twice: the second time everybody is known. Return what each took."""
    by, group, figures = holder.members.get().user, cohort(holder, f"From {first}", capacity=rows), {}
    content = as_csv(table(rows, first))
    for name, new in (("import", rows), ("the same again", 0)):
        with measured(figures, f"{name}, read", rows):
            roster = read_roster(group, content=content, file_name="roster.csv", by=by)
        confirm_roster(roster, by=by)
        with measured(figures, name, rows):
            Pump().run_until_empty()
        roster.refresh_from_db()
        assert (roster.status, roster.new, roster.known) == (RosterStatus.IMPORTED, new, rows - new), roster.problem
    assert Enrollment.objects.filter(cohort=group).count() == rows
    return figures


def read_only(holder: Holder, rows: int) -> dict[str, float]:
    """Return what it takes to read a workbook of so many students, and to show it."""
    by, group, figures = holder.members.get().user, cohort(holder, "Workbook", capacity=rows), {}
    content = as_xlsx(table(rows, 0))
    with measured(figures, "XLSX, read", rows):
        roster = read_roster(group, content=content, file_name="roster.xlsx", by=by)
    assert (roster.total, roster.faulty) == (rows, 0)
    return figures


def main(rows: int) -> dict[str, Any]:
    """Import a fifth of the rows and then all of them, in this one process."""
    holder = school()
    coordinator(holder)
    few = rows // 5
    return {
        f"{few:,} rows": imported(holder, few, 0),
        f"{rows:,} rows": imported(holder, rows, few) | read_only(holder, rows),
    }


if __name__ == "__main__":
    sweep.DUTIES.clear()  # what a pump does beside its jobs is not what a job costs
    print(json.dumps(main(int(sys.argv[1]))))
