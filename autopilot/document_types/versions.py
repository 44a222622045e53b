"""Templates that staff write: checked when they are stored, approved by another person, in force from a day on."""

from datetime import date

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Max, QuerySet

from autopilot import audit, clock
from autopilot.document_types import samples
from autopilot.document_types.types import named
from autopilot.documents.errors import PdfError
from autopilot.models import TemplateStatus, TemplateVersion

ADD = "autopilot.add_templateversion"
CHANGE = "autopilot.change_templateversion"
APPROVE = "autopilot.approve_templateversion"


def draft(slug: str, source: str, *, note: str, by: User) -> TemplateVersion:
    """Keep a new version as a draft of its author.

    Raises PermissionDenied, UnknownType, and ValidationError for a template that is refused, with the line and the
    reason.
    """
    _require(by, ADD)
    version = TemplateVersion(slug=slug, source=source, note=note.strip(), preview=_tried(slug, source), author=by)
    version.clean_fields(exclude=["number"])
    with transaction.atomic():
        version.number = 1 + (_versions(slug).aggregate(last=Max("number"))["last"] or 0)
        try:
            with transaction.atomic():
                version.save(force_insert=True)
        except IntegrityError:
            raise ValidationError("Somebody stored a version meanwhile; store yours again.", code="stale") from None
        audit.record(by, "autopilot.templateversion.drafted", version, type=slug, number=version.number)
    return version


def revise(version: TemplateVersion, source: str, *, note: str, revision: int, by: User) -> None:
    """Store another text of a draft; only its author may, so that who approves it has not written any of it.

    Raises PermissionDenied, and ValidationError for a template that is refused, for somebody else's draft, and once it
    is no draft any more or not of the `revision` that was seen.
    """
    _require(by, CHANGE)
    if version.author_id != by.pk:
        raise ValidationError("Only its author changes a draft; write a version of your own.", code="not_author")
    preview = _tried(version.slug, source)
    changed = TemplateVersion(slug=version.slug, source=source, note=note.strip(), preview=preview, author=by)
    changed.clean_fields(exclude=["number"])
    with transaction.atomic():
        seen = _drafts(version, revision)
        if not seen.update(source=source, note=changed.note, preview=preview, revision=F("revision") + 1):
            raise ValidationError("It changed meanwhile; look at it again.", code="stale")
        audit.record(by, "autopilot.templateversion.revised", version, revision=revision + 1)


@transaction.atomic
def approve(version: TemplateVersion, *, revision: int, effective_on: date, by: User, reason: str) -> None:
    """Have documents made by a version from a day on, today at the earliest; its author cannot approve it.

    Raises PermissionDenied, and ValidationError for one's own version, for a day that is over, and for one that is no
    draft any more or not of the `revision` that was seen.
    """
    _require(by, APPROVE)
    if version.author_id == by.pk:
        raise ValidationError("Who wrote it cannot approve it; another person must.", code="four_eyes")
    if effective_on < clock.today():
        raise ValidationError("Documents of days that are over stay as they are; choose today or later.", code="past")
    approved = _drafts(version, revision).update(
        status=TemplateStatus.APPROVED, approved_by=by, approved_at=clock.now(), effective_on=effective_on
    )
    if not approved:
        raise ValidationError("It changed meanwhile; look at it again.", code="stale")
    audit.record(
        by, "autopilot.templateversion.approved", version, effective_on=effective_on.isoformat(), reason=reason
    )


@transaction.atomic
def retire(version: TemplateVersion, *, by: User, reason: str) -> None:
    """Have no document made by a version from today on; raises PermissionDenied, and ValidationError if it is retired."""
    _require(by, APPROVE)
    standing = TemplateVersion.objects.filter(pk=version.pk).exclude(status=TemplateStatus.RETIRED)
    if not standing.update(status=TemplateStatus.RETIRED, retired_by=by, retired_on=clock.today()):
        raise ValidationError("It is retired already.", code="retired")
    audit.record(by, "autopilot.templateversion.retired", version, reason=reason)


def _tried(slug: str, source: str) -> bytes:
    """Return the PDF a template makes of the sample data, within the limits of any document; refuse what makes none."""
    try:
        return samples.sample_pdf(named(slug), created=clock.now(), source=source)
    except PdfError as refusal:
        raise ValidationError({"source": str(refusal)}, code="refused") from None


def _versions(slug: str) -> QuerySet[TemplateVersion]:
    return TemplateVersion.objects.filter(slug=slug)


def _drafts(version: TemplateVersion, revision: int) -> QuerySet[TemplateVersion]:
    return TemplateVersion.objects.filter(pk=version.pk, status=TemplateStatus.DRAFT, revision=revision)


def _require(by: User, permission: str) -> None:
    if not (by.is_active and by.has_perm(permission)):
        raise PermissionDenied
