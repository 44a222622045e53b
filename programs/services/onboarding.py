"""Onboarding: four steps in which a holder completes what the network needs to know; each is stored when it is sent."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction

from autopilot import audit, clock
from programs.models import Holder, HolderStatus, Program, ProgramStatus, Requirement
from programs.services.programs import attach_syllabus, create_program, edit_program, missing, submit_program
from programs.services.requirements import refresh_checklist, submit_proof

ORGANIZATION, PROGRAM, CURRICULUM, REVIEW = 1, 2, 3, 4
COLUMNS = ("doing_business_as", "contact_name", "contact_title", "contact_phone", "website", "description",
           "accreditation", "state_authority", "established_on")  # fmt: skip
SLUG = "curriculum"


def program_of(holder: Holder) -> Program | None:
    """Return the program that the onboarding is about: the first that is still a draft, else the first of all."""
    programs = (
        holder.programs.exclude(status=ProgramStatus.RETIRED).select_related("syllabus").order_by("created_at", "pk")
    )
    return programs.filter(status=ProgramStatus.DRAFT).first() or programs.first()


def require_onboarding(holder: Holder) -> None:
    """Raise ValidationError with the code `not_onboarding` for a holder that is past it."""
    if holder.status != HolderStatus.ONBOARDING:
        raise ValidationError("Your organization has been through onboarding.", code="not_onboarding")


@transaction.atomic
def save_organization(holder: Holder, *, said: Mapping[str, Any], by: User) -> None:
    """Store step 1, values of `COLUMNS`; raises ValidationError by field, and as `require_onboarding`."""
    require_onboarding(holder)
    locked = Holder.objects.select_for_update().get(pk=holder.pk)
    for name in COLUMNS:
        setattr(locked, name, said[name])
    locked.full_clean(validate_constraints=False)
    locked.save(update_fields=COLUMNS)
    _reach(locked, PROGRAM)
    audit.record(by, "programs.holder.described", locked, fields=sorted(said))
    holder.refresh_from_db()


@transaction.atomic
def save_program(holder: Holder, *, said: Mapping[str, Any], by: User) -> Program:
    """Store step 2, the first program; raises ValidationError by field, and as `require_onboarding`."""
    require_onboarding(holder)
    program = program_of(holder)
    if program is None:
        program = create_program(holder, said=said, by=by)
    else:
        edit_program(program, said=said, by=by)
    _reach(holder, CURRICULUM)
    return program


def save_curriculum(holder: Holder, *, file: "File[Any] | None", instructions: str, by: User) -> None:
    """Store step 3: the syllabus, which is the proof of the curriculum as well, and what students should know.

    Without a file the one of before stays. Raises ValidationError with the code `no_program` before step 2, `no_file`
    where there is none, as `submit_proof`, and as `require_onboarding`.
    """
    require_onboarding(holder)
    program = program_of(holder)
    if program is None:
        raise ValidationError("Describe your program first, in step 2.", code="no_program")
    if file is None and program.syllabus is None:
        raise ValidationError({"file": ValidationError("Choose the file of the syllabus.", code="no_file")})
    if file is not None:
        _prove(program, file, by)
    edit_program(program, said={"instructions": instructions}, by=by)
    _reach(holder, REVIEW)


@transaction.atomic
def finish_onboarding(holder: Holder, *, by: User) -> None:
    """Close the onboarding, and hand the program to the reviewers if it is a draft.

    Raises ValidationError with the code `incomplete` for each thing that is missing, and as `require_onboarding`.
    """
    require_onboarding(holder)
    program = program_of(holder)
    if lacking := open_points(holder, program):
        raise ValidationError([ValidationError(text, code="incomplete") for text in lacking])
    if program is not None and program.status == ProgramStatus.DRAFT:
        submit_program(program, by=by)
    if Holder.objects.filter(pk=holder.pk, onboarded_at=None).update(onboarded_at=clock.now(), onboarding_step=REVIEW):
        audit.record(by, "programs.holder.onboarded", holder)
    holder.refresh_from_db()


def open_points(holder: Holder, program: Program | None) -> list[str]:
    """Return a sentence for each thing that the onboarding lacks."""
    lacking = [] if holder.description.strip() else ["Step 1: describe your organization for the public catalog."]
    if program is None:
        return [*lacking, "Step 2: describe your program."]
    lacking += [f"Step 2: {text}" for text in missing(program)]
    return lacking + ([] if program.syllabus_id else ["Step 3: upload the syllabus."])


def _prove(program: Program, file: "File[Any]", by: User) -> None:
    refresh_checklist(program.holder)
    proof = Requirement.objects.select_related("type", "holder").filter(program=program, type__slug=SLUG).last()
    if proof is None:
        raise ValidationError("No curriculum is asked of this program. Ask our staff.", code="not_asked")
    try:
        submit_proof(proof, files=[file], by=by)
    except ValidationError as refusal:
        raise ValidationError({"file": refusal.messages}) from refusal
    upload = proof.uploads.select_related("document").filter(replaced_at=None).order_by("uploaded_at", "pk").last()
    if upload is not None:
        attach_syllabus(program, upload.document, by=by)


def _reach(holder: Holder, step: int) -> None:
    """Note how far the holder came; who goes back to a step stays where they were."""
    Holder.objects.filter(pk=holder.pk, onboarding_step__lt=step).update(onboarding_step=step)
