"""The forms that staff keep: uploaded and mapped by one person, approved by another, filled while approved."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from autopilot import audit, clock
from autopilot.documents import archive
from autopilot.documents.kinds import FORM
from autopilot.documents.pages import PDF
from autopilot.documents.provenance import Provenance
from autopilot.fillable_forms import cautions, desk, merging, shapes
from autopilot.fillable_forms.errors import FormUnusable
from autopilot.fillable_forms.shapes import Field, Refusal, Triage
from autopilot.models.documents import Document
from autopilot.models.fillable_forms import EditionStatus, FieldMapping, FillableForm, FormEdition
from autopilot.states import STATES
from autopilot.tenants import NETWORK

ADD, CHANGE, APPROVE = "autopilot.add_formedition", "autopilot.change_formedition", "autopilot.approve_formedition"
MISSING = "Nothing is known that could be written here, and the form is incomplete without it."


@dataclass(frozen=True)
class Mapped:
    """What staff say of one field."""

    field: str
    merge_field: str
    transform: str = ""
    required: bool = False


@dataclass(frozen=True)
class FilledForm:
    """An archived filled form, what was refused by field, and what its reviewer should know."""

    document: Document
    refused: tuple[Refusal, ...]
    notes: tuple[Refusal, ...]
    warnings: tuple[str, ...]

    def attachment(self) -> dict[str, Any]:
        """Return what a packet's payload says of it under `attachments`, so that reviewers see it and vote on it."""
        return {
            "id": str(self.document.pk),
            "sha256": self.document.sha256,
            "title": self.document.title,
            "refused": [each.plain() for each in self.refused],
            "notes": [each.plain() for each in self.notes],
            "warnings": list(self.warnings),
        }


@transaction.atomic
def upload(content: bytes, *, agency: str, name: str, by: User, state: str = "") -> FormEdition:
    """Keep an agency's form as a draft to be mapped; the same file of the same form is the edition that is there.

    `state` is that whose applications it goes with; empty: every state.

    Raises PermissionDenied, FormUnusable for a form that cannot be filled, ValidationError for a name that is too long.
    """
    _require(by, ADD)
    found = desk.examine(content)
    if found.triage.refusal:
        raise FormUnusable(found.triage.refusal, found.triage.message, found.triage.names)
    form = _form(agency, name)
    document = archive.store(content, media_type=PDF, title=f"{form}"[:300], tenant_id=NETWORK)
    edition, created = FormEdition.objects.get_or_create(
        form=form,
        document=document,
        defaults={
            "edition": found.triage.edition[:50],
            "expires_on": date.fromisoformat(found.triage.expires_on) if found.triage.expires_on else None,
            "triage": asdict(found.triage),
            "fields": [asdict(field) for field in found.fields],
            "sizes": found.sizes,
            "edited_by": by,
            "state": _known(state),
        },
    )
    if created:
        audit.record(by, "autopilot.formedition.uploaded", edition, sha256=document.sha256)
    return edition


@transaction.atomic
def map_fields(edition: FormEdition, mappings: Collection[Mapped], *, among: Collection[str], by: User) -> None:
    """Say what is written into some fields of a draft: those of `among` that no mapping names are left blank.

    Raises PermissionDenied, and ValidationError for a field, merge field or transform that is not there, and once the
    edition is approved or retired.
    """
    _require(by, CHANGE)
    _check(edition, mappings)
    changed = FormEdition.objects.filter(pk=edition.pk, status=EditionStatus.DRAFT).update(
        edited_by=by, version=F("version") + 1
    )
    if not changed:
        raise ValidationError("Only a draft can be mapped; upload the form anew.", code="not_draft")
    edition.mappings.filter(field__in=among).delete()
    FieldMapping.objects.bulk_create(FieldMapping(edition=edition, **asdict(each)) for each in mappings)
    audit.record(by, "autopilot.formedition.mapped", edition, mapped=len(mappings), among=len(among))


@transaction.atomic
def set_state(edition: FormEdition, state: str, *, by: User) -> None:
    """Say with which state's applications a draft goes; empty: with every state's. Raises as `map_fields` does."""
    _require(by, CHANGE)
    changed = FormEdition.objects.filter(pk=edition.pk, status=EditionStatus.DRAFT).update(
        state=_known(state), edited_by=by, version=F("version") + 1
    )
    if not changed:
        raise ValidationError("Only a draft changes; upload the form anew.", code="not_draft")
    audit.record(by, "autopilot.formedition.state_set", edition, state=state)


@transaction.atomic
def approve(edition: FormEdition, *, version: int, by: User, reason: str) -> None:
    """Have an edition filled from now on, and the one before it no more; who mapped it last cannot approve it.

    Raises PermissionDenied, and ValidationError for one's own mapping, an empty one, and one that is no draft any more
    or not of the `version` that was seen.
    """
    _require(by, APPROVE)
    if edition.edited_by_id == by.pk:
        raise ValidationError(
            "Who uploaded or mapped it last cannot approve it; another person must.", code="four_eyes"
        )
    if not edition.mappings.exists():
        raise ValidationError("Nothing is mapped yet.", code="not_mapped")
    FormEdition.objects.filter(form=edition.form_id, status=EditionStatus.APPROVED).update(status=EditionStatus.RETIRED)
    now = clock.now()
    seen = FormEdition.objects.filter(pk=edition.pk, status=EditionStatus.DRAFT, version=version).exclude(edited_by=by)
    try:
        with transaction.atomic():
            approved = seen.update(status=EditionStatus.APPROVED, approved_by=by, approved_at=now)
    except IntegrityError:
        approved = 0
    if not approved:
        raise ValidationError("It changed meanwhile; look at it again.", code="stale")
    audit.record(by, "autopilot.formedition.approved", edition, reason=reason)


@transaction.atomic
def retire(edition: FormEdition, *, by: User, reason: str) -> None:
    """Have an edition filled no more; raises PermissionDenied, and ValidationError where it is retired already."""
    _require(by, APPROVE)
    standing = FormEdition.objects.filter(pk=edition.pk).exclude(status=EditionStatus.RETIRED)
    if not standing.update(status=EditionStatus.RETIRED):
        raise ValidationError("It is retired already.", code="retired")
    audit.record(by, "autopilot.formedition.retired", edition, reason=reason)


def fill(edition: FormEdition, context: Mapping[str, Any], *, title: str, tenant_id: UUID) -> FilledForm:
    """Fill an approved edition with what is known, and archive it.

    `context` holds a value for each merge field by its name. What is refused, and what is required and missing, is
    told by field for the reviewer to see; its field is blank. The same edition and context give the same document,
    unless the form is encrypted.

    Raises ValidationError for an edition that is not approved, FormUnusable where the file cannot be filled.
    """
    if edition.status != EditionStatus.APPROVED:
        raise ValidationError("This edition of the form is not approved.", code="not_approved")
    mappings = list(edition.mappings.all())
    missing = [each for each in mappings if merging.is_missing(context, each.merge_field)]
    known = {each.field: context[each.merge_field] for each in mappings if each not in missing}
    values = {each.field: merging.merged(known[each.field], each.transform) for each in mappings if each.field in known}
    filled = desk.fill(archive.read(edition.document), values)
    snapshot = {"edition": str(edition.pk), "form": edition.document.sha256, "values": values}
    document = archive.store(
        filled.pdf, media_type=PDF, title=title, tenant_id=tenant_id, snapshot=snapshot, provenance=Provenance(FORM)
    )
    absent = [Refusal(each.field, "missing", MISSING) for each in missing if each.required]
    warnings = cautions.of(Triage.of(edition.triage), clock.today())
    return FilledForm(document, (*filled.refused, *absent), filled.notes, tuple(warnings))


def fields_of(edition: FormEdition) -> list[Field]:
    """Return the fields of an edition, as they were read when it was uploaded."""
    return [Field.of(each) for each in edition.fields]


def to_map(edition: FormEdition) -> list[Field]:
    """Return the fields of an edition that can be mapped."""
    return [field for field in fields_of(edition) if _can_be_mapped(field)]


def _can_be_mapped(field: Field) -> bool:
    shown = any(widget.shown for widget in field.widgets)
    barred = field.read_only or field.for_signing or bool(field.unsupported)
    return field.type in shapes.FILLABLE and shown and not barred


def _form(agency: str, name: str) -> FillableForm:
    form = FillableForm(agency=agency.strip(), name=name.strip())
    form.clean_fields()
    found, _ = FillableForm.objects.get_or_create(agency=form.agency, name=form.name)
    return found


def _known(state: str) -> str:
    if state and state not in STATES:
        raise ValidationError("Choose a state of the list.", code="state")
    return state


def _check(edition: FormEdition, mappings: Collection[Mapped]) -> None:
    names = {field.name for field in to_map(edition)}
    fields = {field.name for field in merging.offered()}
    for each in mappings:
        if each.field not in names:
            raise ValidationError("The form has no such field that could be filled.", code="no_field")
        if each.merge_field not in fields or each.transform not in merging.TRANSFORMS:
            raise ValidationError("Choose what is written from the list.", code="no_merge_field")


def _require(by: User, permission: str) -> None:
    if not (by.is_active and by.has_perm(permission)):
        raise PermissionDenied
