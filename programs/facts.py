"""What an application says, as plain values: the one shape that forms, checks, packets and reviews share.

What was not asked in an earlier version is left out of the JSON where it is empty. So what was stored then reads as it
always did, and has the digest that it had.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True)
class ProgramFacts:
    """One program offered: `soc_codes` are the occupations it trains for, `taught_at` the numbers of its training sites.

    A program that names no site is taught at all of them.
    """

    title: str
    cip_code: str
    credential: str
    clock_hours: int
    cost: Decimal
    soc_codes: tuple[str, ...] = ()
    taught_at: tuple[int, ...] = ()

    def columns(self) -> dict[str, Any]:
        """Return the facts as a table holds them: lists are texts with spaces between."""
        return vars(self) | {"soc_codes": " ".join(self.soc_codes), "taught_at": " ".join(map(str, self.taught_at))}

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values; money is text with two decimals."""
        return _without_blanks(self.columns() | {"cost": f"{self.cost:.2f}"}, "soc_codes", "taught_at")


@dataclass(frozen=True)
class SiteFacts:
    """One further training site; its number is its place in the list, which begins with 2."""

    name: str
    street: str
    city: str
    state: str
    zip: str


@dataclass(frozen=True)
class AttachmentFacts:
    """One document that came along. `kind` is the requirement it proves, or blank; `document_id` is the archive's."""

    kind: str
    file_name: str
    document_id: str
    sha256: str


@dataclass(frozen=True)
class ApplicationFacts:
    """The organization, its contact, its addresses, its programs and its documents."""

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
    sites: tuple[SiteFacts, ...] = ()
    attachments: tuple[AttachmentFacts, ...] = ()

    def columns(self) -> dict[str, Any]:
        """Return everything but the lists, by name."""
        return {name: getattr(self, name) for name in COLUMNS}

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values; the attachments are `documents`, as a packet has attachments of its own."""
        lists = {
            "programs": [each.as_json() for each in self.programs],
            "sites": [asdict(each) for each in self.sites],
            "documents": [asdict(each) for each in self.attachments],
        }
        return self.columns() | _without_blanks(lists, "sites", "documents")

    @property
    def all_sites(self) -> tuple[SiteFacts, ...]:
        """Every training site, the first one first."""
        first = SiteFacts("", self.site_street, self.site_city, self.site_state, self.site_zip)
        return (first, *self.sites)


LISTS = ("programs", "sites", "attachments")
COLUMNS = tuple(field.name for field in fields(ApplicationFacts) if field.name not in LISTS)


def facts_from_json(stored: Mapping[str, Any]) -> ApplicationFacts:
    """Return the facts that `as_json` wrote, now or in an earlier version; what a packet adds is left alone.

    Raises ValueError when a program's cost, hours or sites are no numbers.
    """
    return ApplicationFacts(
        **{name: stored[name] for name in COLUMNS},
        programs=tuple(_program(each) for each in stored["programs"]),
        sites=tuple(SiteFacts(**_named(SiteFacts, each)) for each in stored.get("sites", [])),
        attachments=tuple(AttachmentFacts(**_named(AttachmentFacts, each)) for each in stored.get("documents", [])),
    )


def program_from_columns(stored: Mapping[str, Any]) -> ProgramFacts:
    """Return a program from its values as a table or JSON holds them; raises ValueError for sites that are no numbers."""
    return ProgramFacts(
        title=stored["title"],
        cip_code=stored["cip_code"],
        credential=stored["credential"],
        clock_hours=int(stored["clock_hours"]),
        cost=stored["cost"],
        soc_codes=tuple(stored.get("soc_codes", "").split()),
        taught_at=tuple(int(number) for number in stored.get("taught_at", "").split()),
    )


def _program(stored: Mapping[str, Any]) -> ProgramFacts:
    try:
        cost = Decimal(str(stored["cost"]))
    except InvalidOperation:
        raise ValueError("The cost of a program must be a number.") from None
    return program_from_columns({**stored, "cost": cost})


def _named(shape: type[SiteFacts | AttachmentFacts], stored: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: stored.get(field.name, "") for field in fields(shape)}


def _without_blanks(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value or name not in names}
