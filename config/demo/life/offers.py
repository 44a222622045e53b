"""What the holder offers: an approved program in the catalog with two cohorts, a draft, and somebody who asks."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid5

from django.contrib.auth.models import User

from autopilot import clock
from programs.demo import BARBERING, SAMPLE_FORMS
from programs.models import Cohort, CohortStatus, Enquiry, Holder, Program, ProgramStatus
from programs.services.cohorts import move_cohort, open_cohort, plan_cohort
from programs.services.enquiries import enquire
from programs.services.programs import approve_program, create_program, edit_program, submit_program
from programs.services.sessions import Slot, set_rules

WEEK = timedelta(weeks=1)
EVENINGS = [Slot(day, time(17, 30), time(21, 30)) for day in (0, 1, 3)]
FACTS: dict[str, Any] = {
    "description": "Cuts, shaves and color on a floor of twenty chairs, for people who begin. You leave ready for the state’s examination.",
    "type": "beauty",
    "credential_type": "license",
    "credential_issuer": "Indiana Professional Licensing Agency",
    "approving_agency": "Indiana Professional Licensing Agency",
    "leads_to_license": True,
    "weeks": 48,
    "capacity": 20,
    "languages": "English, Spanish",
    "evening": True,
    "fees": Decimal("150.00"),
    "books": Decimal("220.00"),
    "supplies": Decimal("680.00"),
    "occupations": ["39-5011"],
}
INSTRUCTOR: dict[str, Any] = FACTS | {
    "title": "Barber Instructor",
    "description": "How to teach on the floor and in class, for licensed barbers.",
    "cip_code": "12.0413",
    "credential": "Indiana barber instructor license",
    "clock_hours": 900,
    "weeks": 30,
    "tuition": Decimal("5400.00"),
    "listed": False,
}


def approved_program(holder: Holder, *, owner: User, reviewer: User) -> Program:
    """Return the program of the application, described, approved and listed in the catalog."""
    program = holder.programs.get(title=BARBERING.title)
    if program.status == ProgramStatus.DRAFT:
        edit_program(program, said=FACTS, by=owner)
        submit_program(program, by=owner)
    if program.status == ProgramStatus.IN_REVIEW:
        approve_program(program, by=reviewer)
    return program


def drafted_program(holder: Holder, *, by: User) -> Program:
    """Return a second program, which is still a draft."""
    found = holder.programs.filter(title=INSTRUCTOR["title"]).first()
    return found or create_program(holder, said=INSTRUCTOR | {"sites": list(holder.sites.all())}, by=by)


def running_cohort(program: Program, *, by: User) -> Cohort:
    """Return a cohort that began three weeks ago."""
    cohort = _opened(program, "Fall evenings", clock.today() - 3 * WEEK, by)
    if cohort.status == CohortStatus.OPEN:
        move_cohort(cohort, CohortStatus.RUNNING, by=None, reason="Its first day has come.")
    return cohort


def upcoming_cohort(program: Program, *, by: User) -> Cohort:
    """Return a cohort that is open for enrollment and begins in four weeks."""
    return _opened(program, "Spring evenings", clock.today() + 4 * WEEK, by)


def receive_enquiry(program: Program) -> Enquiry:
    """Have somebody ask about the program on its page of the catalog."""
    return enquire(
        program, name="Jordan Pruitt", email="jordan.pruitt@mail.example", phone="317-555-0188",
        message="Can I keep my day job during the evening classes?", form_key=uuid5(SAMPLE_FORMS, "enquiry"),
    )  # fmt: skip


def _opened(program: Program, name: str, starts_on: date, by: User) -> Cohort:
    cohort = program.cohorts.filter(name=name).first()
    if cohort is None:
        said = {"name": name, "starts_on": starts_on, "ends_on": starts_on + 12 * WEEK, "capacity": 12}
        cohort = plan_cohort(program, said=said | {"site": program.sites.first()}, by=by)
        set_rules(cohort, slots=EVENINGS, by=by)
    if cohort.status == CohortStatus.PLANNED:
        open_cohort(cohort, by=by)
    return cohort
