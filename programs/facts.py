"""What an application says, as plain values: the one shape that forms, checks, packets and reviews share."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True)
class ProgramFacts:
    """One program offered."""

    title: str
    cip_code: str
    credential: str
    clock_hours: int
    cost: Decimal


@dataclass(frozen=True)
class ApplicationFacts:
    """The organization, its contact, its addresses and its programs."""

    legal_name: str
    doing_business_as: str
    entity_type: str
    ein: str
    contact_name: str
    contact_title: str
    contact_email: str
    contact_phone: str
    mailing_street: str
    mailing_city: str
    mailing_state: str
    mailing_zip: str
    site_street: str
    site_city: str
    site_state: str
    site_zip: str
    expected_students: int
    additional_information: str
    heard_from: str
    assurances_version: str
    programs: tuple[ProgramFacts, ...]

    def columns(self) -> dict[str, Any]:
        """Return everything but the programs, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "programs"}

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values; money is text with two decimals."""
        return asdict(self) | {"programs": [asdict(each) | {"cost": f"{each.cost:.2f}"} for each in self.programs]}


def facts_from_json(stored: Mapping[str, Any]) -> ApplicationFacts:
    """Return the facts that `as_json` wrote; raises ValueError when a program's cost or hours is no number."""
    programs = tuple(_program(each) for each in stored["programs"])
    names = {field.name for field in fields(ApplicationFacts)} - {"programs"}
    return ApplicationFacts(programs=programs, **{name: stored[name] for name in names})


def _program(stored: Mapping[str, Any]) -> ProgramFacts:
    try:
        cost = Decimal(str(stored["cost"]))
    except InvalidOperation:
        raise ValueError("The cost of a program must be a number.") from None
    return ProgramFacts(
        title=stored["title"],
        cip_code=stored["cip_code"],
        credential=stored["credential"],
        clock_hours=int(stored["clock_hours"]),
        cost=cost,
    )
