"""The types of documents there are: declared by the apps, known by their slug."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, reduce
from operator import or_
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.template import Engine

from autopilot.document_types import fields, values
from autopilot.document_types.errors import UnknownType
from autopilot.document_types.fields import Field, Fields
from autopilot.models import Document

# What every template may print beside the fields of its type.
COMMON: Fields = {"title": fields.text("Title"), "created": fields.date("Day it was made")}
_declared: dict[str, "DocumentType"] = {}


class Paper(StrEnum):
    """The sheet a type is printed on; the value is its class in the style sheet."""

    LETTER = "letter"
    CERTIFICATE = "certificate"


@dataclass(frozen=True)
class DocumentType:
    """A type of document.

    `slug` names it in code and addresses and `title` to people; `fields` is what its templates may print, by name;
    `sample` is a made-up context for previews, which must fit the fields. Its shipped template is
    `templates/documents/<slug>.html`. `make` makes and archives the document about a row of an app by the row's id, for
    jobs; it is safe to repeat, and raises Invalid for what can never be made. `about` names the model of that row, as
    `programs.invoice`: whoever may not see the row does not see the document. `for_tenant` tells that the organization
    whose row it is may have the document.
    """

    slug: str
    title: str
    fields: Fields
    sample: Mapping[str, Any]
    paper: Paper = Paper.LETTER
    make: Callable[[UUID], Document] | None = None
    about: str = ""
    for_tenant: bool = False

    @property
    def schema(self) -> dict[str, Field]:
        """All that a template of this type may print: its fields, the title and the day."""
        return {**COMMON, **self.fields}

    @property
    def view_right(self) -> str:
        """The permission to view what it is about, as Django names it; blank where it is about no row."""
        app, _, model = self.about.partition(".")
        return f"{app}.view_{model}" if model else ""

    @property
    def template_name(self) -> str:
        """The name of the shipped template."""
        return f"documents/{self.slug}.html"

    @cached_property
    def default_source(self) -> str:
        """The text of the shipped template."""
        # Read, not loaded: it is in the restricted language, which Django's own engine would misread.
        folders = [Path(folder) for folder in Engine.get_default().dirs]
        [file] = [each for folder in folders if (each := folder / self.template_name).is_file()][:1]
        return file.read_text(encoding="utf-8")


def declare(declared: DocumentType) -> DocumentType:
    """Make a type known; at start-up.

    Raises ValueError for a slug that is taken or a field that every type has, ContextRefused for a sample that does
    not fit the fields: both are mistakes of whoever wrote the declaration.
    """
    if declared.slug in _declared or COMMON.keys() & declared.fields.keys():
        raise ValueError(f"The document type {declared.slug} is declared twice, or names a field every type has.")
    values.checked(declared.fields, declared.sample)
    _declared[declared.slug] = declared
    return declared


def named(slug: str) -> DocumentType:
    """Return a type by its slug; raise UnknownType, with the slugs there are."""
    if slug not in _declared:
        raise UnknownType(f"There is no document type “{slug}”. There are: {', '.join(sorted(_declared))}.")
    return _declared[slug]


def declared() -> list[DocumentType]:
    """Return all types, by title."""
    return sorted(_declared.values(), key=lambda each: each.title)


def about(model: type[Model]) -> list[DocumentType]:
    """Return the types of the documents that can be made about a row of a model, by title."""
    return [each for each in declared() if each.make and each.about == model._meta.label_lower]


def given_to_tenants() -> Q:
    """Return what is true of documents whose type says that the organization whose they are may have them."""
    named = [each for each in declared() if each.for_tenant]
    made_by = [Q(template=each.template_name) | Q(template__startswith=f"{each.slug}, version ") for each in named]
    return reduce(or_, made_by, Q(pk__in=[]))


def of_document(document: Document) -> DocumentType | None:
    """Return the type by which a document was made; None for any other document."""
    return _declared.get(str(document.snapshot.get("type", "")))
