"""Documents with made-up data, for those who write templates and those who want to see one."""

from datetime import datetime

from autopilot.document_types import producing, values
from autopilot.document_types.types import DocumentType


def sample_pdf(kind: DocumentType, *, created: datetime, source: str | None = None) -> bytes:
    """Return a PDF of a type's sample data, by the template in force or by `source`; nothing is archived.

    Raises TemplateRefused for a source that is wrong, and what `documents.pdf.render` raises.
    """
    recipe = producing.in_force(kind) if source is None else producing.Recipe("draft", source)
    context = values.checked(kind.fields, kind.sample)
    title = f"{kind.title} {context.get('reference') or ''}".strip()
    return producing.printed(kind, recipe, context, title=title, created=created)
