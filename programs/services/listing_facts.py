"""What a state asks about a program before it lists it, out of what is stored; what is missing is said.

Source of the fields: WIOA section 122(d) and 20 CFR 680.450-.460, and what states' forms ask beside.
"""

from collections.abc import Iterator
from typing import Any

from programs import codes
from programs.classifications import title_of
from programs.models import Holder, Listing, Program

MISSING = "Not on record"
# Measured by students after they leave (20 CFR 680.460(f)); a state that has them itself needs none of us.
PERFORMANCE = (
    "Students served",
    "Students who exited",
    "Students who completed",
    "Employment in the second quarter after exit",
    "Employment in the fourth quarter after exit",
    "Median earnings in the second quarter after exit",
    "Credential attainment",
)
Part = dict[str, Any]


def parts_of(program: Program, eligibility: str) -> list[Part]:
    """Return the application for a program in parts, each a title and rows of a label and a text.

    What is not stored reads `Not on record`. Performance is asked for continued eligibility alone.
    """
    parts = [
        _part("Provider", _provider(program.holder)),
        _part("Program", _program(program)),
        _part("Costs to a student", _costs(program)),
        _part("Sites", _sites(program)),
    ]
    if eligibility == Listing.Eligibility.CONTINUED:
        parts.append(_part("Performance of all students", [(name, "") for name in PERFORMANCE]))
    return parts


def missing_in(parts: list[Part]) -> list[str]:
    """Return the labels of what is not on record, each with its part."""
    return [f"{part['title']}: {label}" for part in parts for label, value in part["rows"] if value == MISSING]


def _part(title: str, rows: Any) -> Part:
    return {"title": title, "rows": [[label, str(value).strip() or MISSING] for label, value in rows]}


def _provider(holder: Holder) -> Iterator[tuple[str, Any]]:
    yield "Legal name", holder.legal_name
    yield "Doing business as", holder.doing_business_as or holder.legal_name
    yield "EIN", holder.ein
    yield "Type of organization", holder.get_entity_type_display()
    yield "Contact", ", ".join(filter(None, [holder.contact_name, holder.contact_title]))
    yield "Contact e-mail", holder.contact_email
    yield "Contact phone", holder.contact_phone
    yield "Website", holder.website
    yield "Description", holder.description
    yield "Established on", f"{holder.established_on:%m/%d/%Y}" if holder.established_on else ""
    yield "Accreditation", holder.accreditation
    yield "State approval or license, with number", holder.state_authority


def _program(program: Program) -> Iterator[tuple[str, Any]]:
    yield "Name", program.title
    yield "Description", program.description
    yield "CIP code (2020)", f"{program.cip_code} {title_of(program.cip_code)}"
    named = [f"{each.soc_code} {title_of(each.soc_code)}".strip() for each in program.occupations.all()]
    yield "Occupations (SOC 2018)", "; ".join(named)
    yield "Credential", f"{program.credential} ({program.get_credential_type_display()})"
    yield "Issuer of the credential", program.credential_issuer
    yield "Leads to a license", "Yes" if program.leads_to_license else "No"
    yield "Approving agency", program.approving_agency
    yield "Clock hours", program.clock_hours
    yield "Length in weeks", program.weeks
    yield "Format", program.get_delivery_display()
    yield "Students per cohort", program.capacity
    yield "Prerequisites", program.prerequisites or "None"
    yield "Languages", program.languages
    yield "Evening or weekend classes", "Yes" if program.evening else "No"
    yield "Childcare", "Yes" if program.childcare else "No"
    yield "Proof that the occupation is in demand", program.in_demand_proof


def _costs(program: Program) -> Iterator[tuple[str, Any]]:
    named = {"Tuition": program.tuition, "Fees": program.fees, "Books": program.books,
             "Tools and supplies": program.supplies, "Other costs": program.other_costs, "Total": program.cost}  # fmt: skip
    for name, amount in named.items():
        yield name, f"${amount:,.2f}"


def _sites(program: Program) -> Iterator[tuple[str, Any]]:
    sites = list(program.sites.filter(closed_at=None))
    if not sites:
        yield "Site", "Online" if program.delivery == "online" else ""
    for site in sites:
        address = f"{site.street}, {site.city}, {codes.STATES.get(site.state, site.state)} {site.zip}"
        yield site.name, "; ".join(filter(None, [address, site.accessibility]))
