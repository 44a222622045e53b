"""Open holders for approved applications, and move them through their life."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from autopilot import audit, clock
from autopilot.identifiers import random_code
from autopilot.models import Document
from programs.facts import ApplicationFacts, ProgramFacts
from programs.models import (
    Application,
    ApplicationStatus,
    Holder,
    HolderStatus,
    HolderStatusChange,
    MemberRole,
    Program,
    ProgramOccupation,
    Requirement,
    RequirementStatus,
    Site,
)
from programs.services.applications import facts_of
from programs.services.members import invite
from programs.services.requirements import carry_proof, refresh_checklist

FIRST_SITE = "Main site"
LONGEST_SLUG = 60
LONGEST_SITE_NAME = 120

LEGAL_MOVES: dict[str, frozenset[str]] = {
    HolderStatus.ONBOARDING: frozenset({HolderStatus.ACTIVE, HolderStatus.TERMINATED}),
    HolderStatus.ACTIVE: frozenset({HolderStatus.SUSPENDED, HolderStatus.TERMINATED}),
    HolderStatus.SUSPENDED: frozenset({HolderStatus.ACTIVE, HolderStatus.TERMINATED}),
    HolderStatus.TERMINATED: frozenset(),
}


@transaction.atomic
def open_holder(application: Application) -> Holder:
    """Make an applicant that the state has approved a holder, and invite its contact as the owner; once.

    The holder's id is the application's tenant; its sites, its programs as drafts, and their occupations are
    those of the application. A document that proves a requirement is submitted for it; the others stay on file.
    Nobody is given a role before the invitation is accepted. Raises ValidationError for an application that is not
    approved by the state.
    """
    if application.status != ApplicationStatus.STATE_APPROVED:
        raise ValidationError("Only an application that the state has approved makes a holder.", code="not_approved")
    found = Holder.objects.filter(pk=application.tenant_id).first()
    if found is not None:
        return found
    holder = _created(application)
    refresh_checklist(holder)
    _carry_documents(holder, application)
    _record(holder, "", by=None, reason="Approved by the state.")
    invite(holder, email=application.contact_email, role=MemberRole.OWNER, by=None)
    return holder


@transaction.atomic
def move_holder(holder: Holder, to: str, *, by: User | None, reason: str) -> None:
    """Move a holder on from where this object says it stands, with history and audit.

    Raises ValidationError with the code `no_reason`, `illegal_move`, or `moved_meanwhile` when somebody was first.
    """
    origin = holder.status
    if not reason.strip():
        raise ValidationError("Give a reason; it stands in the history.", code="no_reason")
    if to not in LEGAL_MOVES[origin]:
        raise ValidationError(f"A holder that is {origin} cannot become {to}.", code="illegal_move")
    if not Holder.objects.filter(pk=holder.pk, status=origin).update(status=to):
        raise ValidationError("Somebody else has moved this holder meanwhile.", code="moved_meanwhile")
    holder.refresh_from_db()
    _record(holder, origin, by=by, reason=reason)


def unused_slug(title: str) -> str:
    """Return an address for a program that no other program has."""
    base = slugify(title)[:LONGEST_SLUG] or "program"
    return base if not Program.objects.filter(slug=base).exists() else f"{base}-{random_code(40).lower()}"


def _created(application: Application) -> Holder:
    holder = Holder.objects.create(
        id=application.tenant_id,
        application=application,
        legal_name=application.legal_name,
        doing_business_as=application.doing_business_as,
        entity_type=application.entity_type,
        ein=application.ein,
        contact_name=application.contact_name,
        contact_title=application.contact_title,
        contact_email=application.contact_email,
        contact_phone=application.contact_phone,
    )
    facts = facts_of(application)
    sites = _sites(holder, facts)
    for offered in facts.programs:
        _add_program(holder, offered, sites)
    return holder


def _sites(holder: Holder, facts: ApplicationFacts) -> list[Site]:
    sites: list[Site] = []
    for number, place in enumerate(facts.all_sites, start=1):
        named = place.name or (FIRST_SITE if number == 1 else f"Site {number}")
        taken = {site.name for site in sites}
        name = named if named not in taken else f"{named[: LONGEST_SITE_NAME - 5]} ({number})"
        sites.append(Site.objects.create(holder=holder, **{**vars(place), "name": name}))
    return sites


def _carry_documents(holder: Holder, application: Application) -> None:
    proofs: dict[str, list[tuple[Document, str]]] = {}
    for each in application.documents.exclude(kind="").select_related("document"):
        proofs.setdefault(each.kind, []).append((each.document, each.file_name))
    asked = Requirement.objects.filter(
        holder=holder, program=None, type__slug__in=proofs, status=RequirementStatus.MISSING
    )
    for requirement in asked.select_related("type"):
        carry_proof(requirement, proofs[requirement.type.slug])


def _add_program(holder: Holder, offered: ProgramFacts, sites: list[Site]) -> None:
    program = Program.objects.create(
        holder=holder,
        slug=unused_slug(offered.title),
        title=offered.title,
        cip_code=offered.cip_code,
        credential=offered.credential,
        clock_hours=offered.clock_hours,
        tuition=offered.cost,
    )
    taught_at = set(offered.taught_at) or set(range(1, len(sites) + 1))
    program.sites.set(site for number, site in enumerate(sites, start=1) if number in taught_at)
    ProgramOccupation.objects.bulk_create(
        ProgramOccupation(program=program, soc_code=code) for code in dict.fromkeys(offered.soc_codes)
    )


def _record(holder: Holder, origin: str, *, by: User | None, reason: str) -> None:
    label = by.get_username() if by else ""
    HolderStatusChange.objects.create(
        holder=holder, from_status=origin, to_status=holder.status, reason=reason, actor_label=label, at=clock.now()
    )
    audit.record(by, f"programs.holder.{holder.status}", holder, reason=reason)
