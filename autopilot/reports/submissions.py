"""What went to a portal, as the work that led there asks for it."""

from collections.abc import Sequence
from uuid import UUID

from autopilot.models import Checkpoint, Submission


def submissions_of(checkpoints: Sequence[Checkpoint]) -> list[Submission]:
    """Return the submissions of the documents that these checkpoints asked about, oldest first."""
    documents = {document for each in checkpoints if (document := document_of(each)) is not None}
    found = Submission.objects.filter(document_id__in=documents).select_related("portal")
    return list(found.order_by("created_at", "id")) if documents else []


def document_of(checkpoint: Checkpoint) -> UUID | None:
    """Return the id of the document a checkpoint asks about; None if it asks about none."""
    document = checkpoint.payload.get("document") if isinstance(checkpoint.payload, dict) else None
    try:
        return UUID(str(document["id"])) if isinstance(document, dict) else None
    except (KeyError, ValueError):
        return None
