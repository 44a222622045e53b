"""Which requirements a holder has: those of the types in force for its type of organization, some once per program."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, Q

from autopilot import clock
from programs.models import (
    Holder,
    HolderStatus,
    Mou,
    MouStatus,
    Program,
    ProgramStatus,
    Requirement,
    RequirementStatus,
    RequirementType,
    RequirementUpload,
)
from programs.services.requirements.moves import move_requirement

MOU = "mou"
BATCH = 200


@transaction.atomic
def refresh_checklist(holder: Holder) -> None:
    """Give a holder a row for each thing that is asked of it and has none; what is asked no longer stays as history."""
    types = types_for(holder.entity_type, clock.today())
    programs = list(Program.objects.filter(holder=holder).exclude(status=ProgramStatus.RETIRED))
    rows = [Requirement(holder=holder, type=each) for each in types if not each.per_program]
    rows += [
        Requirement(holder=holder, type=each, program=program)
        for each in types
        if each.per_program
        for program in programs
    ]
    Requirement.objects.bulk_create(rows, ignore_conflicts=True)
    follow_mou(holder.pk)


def refresh_all() -> int:
    """Refresh the checklist of every holder that is not terminated, one transaction each; returns how many."""
    known = Holder.objects.exclude(status=HolderStatus.TERMINATED).order_by("pk")
    count = 0
    for holder in known.iterator(chunk_size=BATCH):
        refresh_checklist(holder)
        count += 1
    return count


def types_for(entity_type: str, on: date) -> list[RequirementType]:
    """Return the types that are asked of a type of organization on a day."""
    in_force = RequirementType.objects.filter(effective_from__lte=on).filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=on)
    )
    return [each for each in in_force if not each.entity_types or entity_type in each.entity_types]


def asked(holder: Holder) -> list[Requirement]:
    """Return what is asked of a holder today, in the order of the checklist, each with its type, program and files."""
    types = {each.pk: each for each in types_for(holder.entity_type, clock.today())}
    rows = Requirement.objects.filter(holder=holder, type__in=types).select_related("type", "program")
    standing = rows.exclude(program__status=ProgramStatus.RETIRED)
    ordered = standing.order_by("type__group", "type__position", "type__slug", "program__title", "pk")
    return list(ordered.prefetch_related(Prefetch("uploads", RequirementUpload.objects.select_related("document"))))


def lacking(holder: Holder) -> list[Requirement]:
    """Return what is required of a holder today and is not accepted."""
    return [row for row in asked(holder) if row.type.required and row.status != RequirementStatus.ACCEPTED]


def named(requirement: Requirement) -> str:
    """Return the title of a requirement, with the program it is about."""
    return f"{requirement.type.title} ({requirement.program.title})" if requirement.program else requirement.type.title


@transaction.atomic
def follow_mou(holder_id: UUID) -> None:
    """Let the line “MOU” of a holder's checklist stand where its MOU stands; nobody uploads or reviews that one."""
    row = Requirement.objects.select_related("type").filter(holder=holder_id, type__slug=MOU, type__effective_to=None)
    for requirement in row:
        to = _standing_of_mou(holder_id, requirement.status)
        if to != requirement.status:
            move_requirement(requirement, to, by=None)


def _standing_of_mou(holder_id: UUID, now: str) -> str:
    mous = Mou.objects.filter(holder=holder_id)
    good = mous.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=clock.today()), status=MouStatus.EXECUTED)
    if good.exists():
        return RequirementStatus.ACCEPTED
    if now in (RequirementStatus.ACCEPTED, RequirementStatus.EXPIRED):
        return RequirementStatus.EXPIRED
    signed = mous.filter(status=MouStatus.SIGNED_BY_HOLDER).exists()
    return RequirementStatus.SUBMITTED if signed else RequirementStatus.MISSING
