"""What the network offers, program by program, as figures."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min, Q

from autopilot import clock
from programs.models import CohortStatus, Program, ProgramStatus

COLUMNS = {
    "holder": "Holder",
    "title": "Program",
    "status": "Status",
    "type": "Field",
    "cip_code": "CIP code",
    "credential": "Credential",
    "clock_hours": "Clock hours",
    "weeks": "Weeks",
    "cost": "Cost",
    "delivery": "Delivery",
    "listed": "Listed",
    "cohorts": "Cohorts",
    "open_cohorts": "Open cohorts",
    "running_cohorts": "Running cohorts",
    "next_start": "Next start",
    "open_enquiries": "Open enquiries",
}

ON_PAPER = ("holder", "title", "status", "cip_code", "clock_hours", "cost", "cohorts", "open_cohorts", "running_cohorts",
            "next_start", "open_enquiries")  # fmt: skip


def program_rows(status: str = "") -> Iterator[dict[str, Any]]:
    """Yield a row of figures for each program, by holder and title: all, or those of a status.

    Each has the names of `COLUMNS`; `cost` is dollars with two decimals, `next_start` a day in ISO 8601 or empty. Raises
    ValueError for a status that there is not.
    """
    if status and status not in ProgramStatus.values:
        raise ValueError(f"There is no status {status!r}. Choose one of {', '.join(ProgramStatus.values)}.")
    rows = Program.objects.filter(status=status) if status else Program.objects.all()
    counted = rows.select_related("holder").annotate(
        cohort_count=Count("cohorts", distinct=True),
        open_count=Count("cohorts", distinct=True, filter=Q(cohorts__status=CohortStatus.OPEN)),
        running_count=Count("cohorts", distinct=True, filter=Q(cohorts__status=CohortStatus.RUNNING)),
        first_start=Min(
            "cohorts__starts_on", filter=Q(cohorts__status=CohortStatus.OPEN, cohorts__starts_on__gte=clock.today())
        ),
        enquiry_count=Count("enquiries", distinct=True, filter=Q(enquiries__answered_at=None)),
    )
    for program in counted.order_by("holder__legal_name", "title", "id").iterator(chunk_size=500):
        yield _row(program)


def _row(program: Any) -> dict[str, Any]:
    return {
        "holder": program.holder.legal_name,
        "title": program.title,
        "status": program.status,
        "type": program.type,
        "cip_code": program.cip_code,
        "credential": program.credential,
        "clock_hours": program.clock_hours,
        "weeks": program.weeks,
        "cost": f"{program.cost:.2f}",
        "delivery": program.delivery,
        "listed": program.listed,
        "cohorts": program.cohort_count,
        "open_cohorts": program.open_count,
        "running_cohorts": program.running_count,
        "next_start": program.first_start.isoformat() if program.first_start else "",
        "open_enquiries": program.enquiry_count,
    }
