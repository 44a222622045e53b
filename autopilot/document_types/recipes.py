"""By which template a document is made: the version in force on its day, or the one that is shipped."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from autopilot.document_types.errors import SourcesChanged
from autopilot.document_types.types import DocumentType
from autopilot.models import TemplateStatus, TemplateVersion


@dataclass(frozen=True)
class Recipe:
    """A template: its name for people, its text, and its version if it is not the shipped one."""

    name: str
    source: str
    version: str = ""


def in_force(slug: str, on: date) -> TemplateVersion | None:
    """Return the version by which documents of a day are made; None where it is the shipped template.

    Of those that are approved and have begun, it is the one that began last. A version retired later than the day
    still counts for it, so that a document made again is the same.
    """
    standing = Q(status=TemplateStatus.APPROVED) | Q(status=TemplateStatus.RETIRED, retired_on__gt=on)
    begun = TemplateVersion.objects.filter(standing, slug=slug, effective_on__lte=on)
    return begun.defer("preview").order_by("-effective_on", "-number").first()


def for_day(kind: DocumentType, on: date) -> Recipe:
    """Return the template for documents of a type and a day."""
    version = in_force(kind.slug, on)
    return _of(version) if version else Recipe(kind.template_name, kind.default_source)


def recorded(kind: DocumentType, version: str) -> Recipe:
    """Return the template that a document says it was made by; raise SourcesChanged if it is not there."""
    if not version:
        return Recipe(kind.template_name, kind.default_source)
    found = TemplateVersion.objects.filter(pk=UUID(version)).defer("preview").first()
    if found is None:
        raise SourcesChanged
    return _of(found)


def _of(version: TemplateVersion) -> Recipe:
    return Recipe(f"{version.slug}, version {version.number}", version.source, str(version.pk))
