"""Documents with made-up data, for those who write templates and those who want to see one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from autopilot import clock
from autopilot.document_types import producing, recipes, values
from autopilot.document_types.recipes import Recipe
from autopilot.document_types.types import DocumentType
from autopilot.documents import process


def sample_pdf(
    kind: DocumentType, *, created: datetime, source: str | None = None, context: Mapping[str, Any] | None = None
) -> bytes:
    """Return a PDF of a type's sample data, by the template in force; nothing is archived.

    `source` is another template, whose limits are narrower; `context` is other data. Raises TemplateRefused for a source that is wrong, and what
    `produce` raises.
    """
    recipe = recipes.for_day(kind, clock.day_of(created)) if source is None else Recipe("draft", source)
    taken = values.checked(kind.fields, kind.sample if context is None else context)
    title = f"{kind.title} {taken.get('reference') or ''}".strip()
    renderer = process.shared if source is None else process.trial
    return producing.printed(kind, recipe, taken, title=title, created=created, renderer=renderer)
