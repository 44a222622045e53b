"""Programs: set up by their holder, approved by staff, retired when they end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import emit
from autopilot.models import Document
from programs.models import CredentialType, Delivery, Holder, Program, ProgramOccupation, ProgramStatus, Site
from programs.services.holders import unused_slug
from programs.services.requirements import refresh_checklist

# What may change while a program is approved: none of it is what a reviewer approves.
FREE = frozenset({
    "description", "instructions", "capacity", "evening", "childcare", "languages", "listed", "sites", "prerequisites",
    "attendance_percent", "cancel_days", "refund_policy",
})  # fmt: skip
COLUMNS = (
    "title", "description", "type", "cip_code", "credential", "credential_type", "credential_issuer", "approving_agency",
    "leads_to_license", "delivery", "clock_hours", "weeks", "capacity", "prerequisites", "languages", "evening",
    "childcare", "in_demand_proof", "instructions", "tuition", "fees", "books", "supplies", "other_costs", "listed",
    "attendance_percent", "cancel_days", "refund_policy",
)  # fmt: skip
MOST_OCCUPATIONS = 3
SUBMITTED = "programs.program.submitted"
APPROVED = "programs.program.approved"
RETURNED = "programs.program.returned"
RETIRED = "programs.program.retired"

LEGAL_MOVES: dict[str, frozenset[str]] = {
    ProgramStatus.DRAFT: frozenset({ProgramStatus.IN_REVIEW}),
    ProgramStatus.IN_REVIEW: frozenset({ProgramStatus.APPROVED, ProgramStatus.DRAFT}),
    ProgramStatus.APPROVED: frozenset({ProgramStatus.DRAFT, ProgramStatus.RETIRED}),
    ProgramStatus.RETIRED: frozenset(),
}


@transaction.atomic
def create_program(holder: Holder, *, said: Mapping[str, Any], by: User) -> Program:
    """Begin a program as a draft.

    `said` holds values of `COLUMNS`, and may hold `occupations` (SOC codes) and `sites` (places of the holder). Raises
    ValidationError by field.
    """
    program = Program(holder=holder, slug=unused_slug(str(said.get("title", ""))))
    _write(program, said)
    refresh_checklist(holder)
    audit.record(by, "programs.program.created", program)
    return program


@transaction.atomic
def edit_program(program: Program, *, said: Mapping[str, Any], by: User) -> None:
    """Change a program; of an approved one only what is `FREE`, so that what was approved stays what it was.

    Raises ValidationError by field, and with the code `in_review` or `retired` where nothing may be changed.
    """
    Program.objects.select_for_update().get(pk=program.pk)
    program.refresh_from_db()
    changed = _changed(program, said)
    require_editable(program, changed)
    _write(program, said)
    audit.record(by, "programs.program.changed", program, fields=sorted(changed))


@transaction.atomic
def attach_syllabus(program: Program, document: Document, *, by: User) -> None:
    """Give a program its syllabus; an earlier one stays in the archive. Raises ValidationError as `edit_program` does."""
    require_editable(program, {"syllabus"})
    Program.objects.filter(pk=program.pk).update(syllabus=document)
    program.refresh_from_db()
    audit.record(by, "programs.program.syllabus_attached", program, document_id=document.pk)


@transaction.atomic
def submit_program(program: Program, *, by: User) -> None:
    """Hand a draft to the reviewers; raises ValidationError with the code `incomplete` for each fact that is missing."""
    if lacking := list(missing(program)):
        raise ValidationError([ValidationError(text, code="incomplete") for text in lacking])
    move_program(program, ProgramStatus.IN_REVIEW, by=by)
    emit(SUBMITTED, tenant_id=program.holder_id, program_id=program.pk)


@transaction.atomic
def approve_program(program: Program, *, by: User, remark: str = "") -> None:
    """Approve what a holder handed in, and show it in the catalog; raises ValidationError as `move_program` does."""
    move_program(program, ProgramStatus.APPROVED, by=by, remark=remark)
    emit(APPROVED, tenant_id=program.holder_id, program_id=program.pk)


@transaction.atomic
def return_program(program: Program, *, by: User, remark: str) -> None:
    """Give a program back to its holder; raises ValidationError without a remark, and as `move_program` does."""
    if not remark.strip():
        raise ValidationError("Say what the holder should change.", code="no_remark")
    _require(program, ProgramStatus.IN_REVIEW, "Only a program in review can be returned.")
    move_program(program, ProgramStatus.DRAFT, by=by, remark=remark)
    emit(RETURNED, tenant_id=program.holder_id, program_id=program.pk)


@transaction.atomic
def withdraw_program(program: Program, *, by: User) -> None:
    """Take a program back from the reviewers; raises ValidationError where it is not with them."""
    _require(program, ProgramStatus.IN_REVIEW, "This program is not in review.")
    move_program(program, ProgramStatus.DRAFT, by=by)


@transaction.atomic
def reopen_program(program: Program, *, by: User) -> None:
    """Make an approved program a draft, to change what needs a new approval; until then it is not in the catalog.

    Raises ValidationError where it is not approved.
    """
    _require(program, ProgramStatus.APPROVED, "Only an approved program can be reopened.")
    move_program(program, ProgramStatus.DRAFT, by=by)


@transaction.atomic
def retire_program(program: Program, *, by: User) -> None:
    """End a program for good: no new cohorts, and no place in the catalog; raises ValidationError as `move_program`."""
    move_program(program, ProgramStatus.RETIRED, by=by)
    emit(RETIRED, tenant_id=program.holder_id, program_id=program.pk)


def move_program(program: Program, to: str, *, by: User | None, remark: str = "") -> None:
    """Move a program on from where this object says it stands, with audit; the one place that writes its status.

    Raises ValidationError with the code `illegal_move`, or `moved_meanwhile` when somebody was first.
    """
    origin = program.status
    if to not in LEGAL_MOVES[origin]:
        known = ProgramStatus(origin).label.lower(), ProgramStatus(to).label.lower()
        raise ValidationError("A program that is {} cannot become {}.".format(*known), code="illegal_move")
    values: dict[str, Any] = {"status": to, "review_remark": remark.strip()}
    if to == ProgramStatus.APPROVED:
        values |= {"approved_at": clock.now(), "listed": True}
    if not Program.objects.filter(pk=program.pk, status=origin).update(**values):
        raise ValidationError("Somebody else has moved this program meanwhile.", code="moved_meanwhile")
    program.refresh_from_db()
    audit.record(by, f"programs.program.moved_to_{to}", program, reason=remark.strip())


def missing(program: Program) -> Iterator[str]:
    """Yield a sentence for each fact that reviewers need and a program lacks."""
    if not program.description.strip():
        yield "Describe the program: what is taught, and for whom."
    if not program.occupations.exists():
        yield "Name at least one occupation it trains for, by its SOC code."
    if program.delivery != Delivery.ONLINE and not program.sites.filter(closed_at=None).exists():
        yield "Choose at least one site; only a program that is online needs none."
    if program.credential_type != CredentialType.NONE and not program.credential_issuer.strip():
        yield "Say who issues the credential."
    if program.leads_to_license and not program.approving_agency.strip():
        yield "Name the agency that approves it, as it leads to a license."


def require_editable(program: Program, changed: set[str]) -> None:
    """Raise ValidationError where these fields of a program may not be changed now: by field, `in_review` or `retired`."""
    if program.status == ProgramStatus.RETIRED:
        raise ValidationError("A retired program stays as it is.", code="retired")
    if program.status == ProgramStatus.IN_REVIEW:
        raise ValidationError("Reviewers are reading it. Withdraw it from review to change it.", code="in_review")
    if program.status == ProgramStatus.APPROVED and (fixed := changed - FREE):
        text = "This was approved. Reopen the program to change it; it is then reviewed again."
        raise ValidationError({name: ValidationError(text, code="approved") for name in sorted(fixed)})


def _require(program: Program, status: str, otherwise: str) -> None:
    if program.status != status:
        raise ValidationError(otherwise, code="illegal_move")


def _changed(program: Program, said: Mapping[str, Any]) -> set[str]:
    found = {name for name in COLUMNS if name in said and getattr(program, name) != said[name]}
    if "occupations" in said and set(said["occupations"]) != {each.soc_code for each in program.occupations.all()}:
        found.add("occupations")
    if "sites" in said and {site.pk for site in said["sites"]} != {site.pk for site in program.sites.all()}:
        found.add("sites")
    return found


def _write(program: Program, said: Mapping[str, Any]) -> None:
    for name in COLUMNS:
        if name in said:
            setattr(program, name, said[name])
    program.full_clean()
    program.save()
    if "sites" in said:
        _set_sites(program, said["sites"])
    if "occupations" in said:
        _set_occupations(program, said["occupations"])


def _set_sites(program: Program, sites: Sequence[Site]) -> None:
    if any(site.holder_id != program.holder_id for site in sites):
        raise ValidationError({"sites": ValidationError("Choose among your own sites.", code="site")})
    program.sites.set(sites)


def _set_occupations(program: Program, wanted: Sequence[str]) -> None:
    wanted = list(dict.fromkeys(wanted))
    if len(wanted) > MOST_OCCUPATIONS:
        raise ValidationError({"occupations": f"Name at most {MOST_OCCUPATIONS} occupations."})
    program.occupations.exclude(soc_code__in=wanted).delete()
    known = {each.soc_code for each in program.occupations.all()}
    for soc_code in wanted:
        if soc_code not in known:
            _add_occupation(program, soc_code)


def _add_occupation(program: Program, soc_code: str) -> None:
    occupation = ProgramOccupation(program=program, soc_code=soc_code)
    try:
        occupation.full_clean()
    except ValidationError as refusal:
        raise ValidationError({"occupations": refusal.messages}) from refusal
    occupation.save()
