"""One call from data to an archived document, and one that makes the same bytes again from the archive's row."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from autopilot import clock
from autopilot.document_types import language, recipes, values
from autopilot.document_types.errors import SourcesChanged
from autopilot.document_types.recipes import Recipe
from autopilot.document_types.types import DocumentType, named
from autopilot.documents import archive, pdf, provenance
from autopilot.documents.process import Renderer
from autopilot.documents.provenance import Provenance
from autopilot.models import Document

SHEET = "pdf/typed.html"
PDF = "application/pdf"


def produce(slug: str, context: Mapping[str, Any], *, title: str, tenant_id: UUID, created: datetime) -> Document:
    """Print a document of a type by the template in force on the day of `created`, archive it and return its row.

    Safe to repeat: the same arguments give the same bytes and the same row. `context` holds plain values by the names
    of the type's fields; `title` stands on the document; `created` (aware) is the time that the file bears as its own.

    Raises UnknownType; ContextRefused for a value that does not fit its field; UnprintableField for a character our
    fonts lack; what `documents.pdf.render` and `archive.store` raise.
    """
    kind = named(slug)
    recipe = recipes.for_day(kind, clock.day_of(created))
    taken = values.checked(kind.fields, context)
    return archive.store(
        printed(kind, recipe, taken, title=title, created=created),
        media_type=PDF,
        title=title,
        tenant_id=tenant_id,
        snapshot={
            "type": slug,
            "version": recipe.version,
            "title": title,
            "created": created.isoformat(),
            "context": taken,
        },
        provenance=_provenance(recipe),
    )


def reproduce(document: Document) -> bytes:
    """Make the bytes of a produced document again, from what its row says.

    Raises UnknownType for a document that was not produced, SourcesChanged when its template, the style sheet, the
    fonts or the program that prints are not what they were, and what `produce` raises.
    """
    snapshot = document.snapshot
    kind = named(snapshot.get("type", ""))
    recipe = recipes.recorded(kind, snapshot.get("version", ""))
    made_by = Provenance(document.template, document.template_digest, document.renderer, document.fonts_digest)
    if _provenance(recipe) != made_by:
        raise SourcesChanged
    taken = values.restored(kind.fields, snapshot["context"])
    created = datetime.fromisoformat(snapshot["created"])
    return printed(kind, recipe, taken, title=snapshot["title"], created=created)


def printed(
    kind: DocumentType,
    recipe: Recipe,
    context: Mapping[str, Any],
    *,
    title: str,
    created: datetime,
    renderer: Renderer | None = None,
) -> bytes:
    """Return the PDF of a checked context; `renderer` is as for `documents.pdf.render`.

    Raises as `produce` does, and TemplateRefused for a template that is wrong.
    """
    template = language.compiled(recipe.source, kind.schema)
    values.refuse_unprintable(kind.schema, {**context, "title": title})
    day = clock.day_of(created)
    body = language.written(template, {**context, "title": title, "created": day})
    sheet = {"body": body, "paper": kind.paper, "reference": context.get("reference", "")}
    return pdf.render(SHEET, sheet, title=title, created=created, renderer=renderer)


def _provenance(recipe: Recipe) -> Provenance:
    """Say what a document is made of; the digest covers the template, the sheet around it and the style sheet."""
    made_of = provenance.of(SHEET)
    digest = hashlib.sha256(f"{made_of.template_digest}\0{recipe.source}".encode()).hexdigest()
    return replace(made_of, template=recipe.name, template_digest=digest)
