"""Applications for tests: all is well with them unless a test says otherwise."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from autopilot.identifiers import uuid7
from programs import assurances
from programs.facts import ApplicationFacts, ProgramFacts, SiteFacts
from programs.models import Application, ApplicationStatus, Holder, Member, MemberRole
from programs.services.applications import submit_application
from programs.services.holders import open_holder

WELDING = ProgramFacts("Welding Technology", "48.0508", "AWS Certified Welder", 480, Decimal("7200.00"))

GOOD = ApplicationFacts(
    legal_name="Harbor Trades School, Inc.",
    doing_business_as="Harbor Trades",
    entity_type="training_provider",
    ein="35-1234567",
    contact_name="Imani Brooks",
    contact_title="Director",
    contact_email="imani@harbortrades.example",
    contact_phone="317-555-0100",
    mailing_street="12 Canal Street",
    mailing_city="Indianapolis",
    mailing_state="IN",
    mailing_zip="46204",
    site_street="40 Dock Road",
    site_city="Gary",
    site_state="IN",
    site_zip="46402",
    expected_students=60,
    additional_information="",
    heard_from="",
    assurances_version=assurances.VERSION,
    programs=(WELDING,),
)


def facts(**changes: Any) -> ApplicationFacts:
    """Return good facts with some changed."""
    return replace(GOOD, **changes)


def program(**changes: Any) -> ProgramFacts:
    """Return a good program with some facts changed."""
    return replace(WELDING, **changes)


def submitted(**changes: Any) -> Application:
    """Return a submitted application."""
    return submit_application(facts=facts(**changes), form_key=uuid7())


def posted(said: ApplicationFacts = GOOD, /, **changes: Any) -> dict[str, Any]:
    """Return what a browser posts for facts; a change to None leaves the field out."""
    data = {name: str(value) for name, value in said.columns().items() if name != "assurances_version"}
    data |= {"action": "send", "accepts_assurances": "on", "form_key": str(uuid7()), "leave_empty": ""}
    data |= {"programs-TOTAL_FORMS": str(len(said.programs)), "programs-INITIAL_FORMS": "0"}
    data |= {"sites-TOTAL_FORMS": str(len(said.sites)), "sites-INITIAL_FORMS": "0"}
    for row, program in enumerate(said.programs):
        data |= _posted_program(f"programs-{row}", program)
    for row, site in enumerate(said.sites):
        data |= {f"sites-{row}-{name}": value for name, value in vars(site).items()}
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def _posted_program(prefix: str, said: ProgramFacts) -> dict[str, Any]:
    plain = {name: str(value) for name, value in said.columns().items() if name not in ("soc_codes", "taught_at")}
    data: dict[str, Any] = {f"{prefix}-{name}": value for name, value in plain.items()}
    data |= {f"{prefix}-soc_codes_{number}": code for number, code in enumerate(said.soc_codes)}
    return data | ({f"{prefix}-taught_at": [str(number) for number in said.taught_at]} if said.taught_at else {})


def holder(**changes: Any) -> Holder:
    """Return a holder that the state has approved, with nobody in it yet."""
    application = submitted(**changes)
    Application.objects.filter(pk=application.pk).update(status=ApplicationStatus.STATE_APPROVED)
    application.refresh_from_db()
    return open_holder(application)


def member_of(holder: Holder, role: str = MemberRole.OWNER, username: str = "") -> User:
    """Return an account with a role in a holder."""
    name = username or f"{role}-{str(holder.pk)[-6:]}"
    user, _ = User.objects.get_or_create(username=name, defaults={"email": f"{name}@example.org"})
    Member.objects.create(holder=holder, user=user, role=role)
    return user


def site(**changes: Any) -> SiteFacts:
    """Return a further training site."""
    return replace(SiteFacts("North campus", "8 Lake Avenue", "Hammond", "IN", "46320"), **changes)
