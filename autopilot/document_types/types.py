"""The types of documents there are: declared by the apps, known by their slug."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

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
    jobs; it is safe to repeat, and raises Invalid for what can never be made.
    """

    slug: str
    title: str
    fields: Fields
    sample: Mapping[str, Any]
    paper: Paper = Paper.LETTER
    make: Callable[[UUID], Document] | None = None

    @property
    def schema(self) -> dict[str, Field]:
        """All that a template of this type may print: its fields, the title and the day."""
        return {**COMMON, **self.fields}

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
