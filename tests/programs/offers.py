"""What holders offer, for tests: all is well with it unless a test says otherwise."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from autopilot import clock
from programs.models import Cohort, Holder, HolderStatus, Program
from programs.services.cohorts import plan_cohort
from programs.services.holders import move_holder
from programs.services.programs import approve_program, create_program, submit_program
from tests.programs.samples import holder

GOOD: dict[str, Any] = {
    "title": "Practical Nursing",
    "description": "Care at the bedside, for people who begin.",
    "type": "healthcare",
    "cip_code": "51.3901",
    "credential": "Licensed Practical Nurse",
    "credential_type": "license",
    "credential_issuer": "State board of nursing",
    "approving_agency": "State board of nursing, 1234",
    "delivery": "in_person",
    "clock_hours": 900,
    "weeks": 40,
    "capacity": 12,
    "languages": "English",
    "tuition": Decimal("4800.00"),
    "fees": Decimal("150.00"),
    "books": Decimal("300.00"),
    "supplies": Decimal("0.00"),
    "other_costs": Decimal("0.00"),
    "listed": True,
    "occupations": ["29-2061"],
}


def clerk() -> User:
    """Return whoever sets things up."""
    user, _ = User.objects.get_or_create(username="clerk-of-offers")
    return user


def active_holder(**changes: Any) -> Holder:
    """Return a holder that is active, with one site."""
    found = holder(**changes)
    move_holder(found, HolderStatus.ACTIVE, by=clerk(), reason="All is there.")
    return found


def draft(of: Holder, **changes: Any) -> Program:
    """Return a complete draft."""
    said = {**GOOD, "sites": list(of.sites.all()), **changes}
    return create_program(of, said=said, by=clerk())


def approved(of: Holder | None = None, **changes: Any) -> Program:
    """Return an approved program, listed in the catalog."""
    program = draft(of or active_holder(), **changes)
    submit_program(program, by=clerk())
    approve_program(program, by=clerk())
    return program


def posted(**changes: Any) -> dict[str, Any]:
    """Return what a browser posts for a program; a change to None leaves the field out."""
    sent = {name: value for name, value in GOOD.items() if value is not False} | {"listed": "on"}
    sent["occupations_0"] = GOOD["occupations"][0]
    return {name: value for name, value in (sent | changes).items() if value is not None}


def in_days(days: int) -> date:
    """Return a day before or after today."""
    return clock.today() + timedelta(days=days)


def cohort_of(program: Program, **changes: Any) -> Cohort:
    """Return a planned cohort that begins in a week and lasts four."""
    said: dict[str, Any] = {"name": "Winter", "starts_on": in_days(7), "ends_on": in_days(35), "capacity": 12}
    return plan_cohort(program, said=said | changes, by=clerk())
