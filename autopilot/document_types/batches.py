"""Documents by the job `document.render`: asked for by the ids of what they are about, made one by one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from autopilot import storable
from autopilot.document_types.types import named
from autopilot.engine import enqueue
from autopilot.exceptions import Invalid
from autopilot.models import Document, Job, Step

KIND, STEP = "document.render", "render"
ASK = "autopilot.add_document"
MOST = 1000
MOST_SHOWN = 20


@dataclass(frozen=True)
class Progress:
    """How many documents of a job are made or refused, of how many; the first of those made; why how many were refused."""

    done: int
    total: int
    documents: list[Document]
    refusals: list[tuple[str, int]]


def request(slug: str, subjects: Sequence[UUID], *, tenant_id: UUID, by: User | None = None) -> Job:
    """Ask for the documents of a type about some subjects, such as invoices, in the caller's transaction.

    What is asked for twice while it is made is made once. Raises UnknownType, and Invalid for a type whose documents
    are not made by ids, for no subject and for more than 1,000.
    """
    check(slug, subjects)
    same = f"{KIND}:{storable.digest([slug, sorted(map(str, subjects))])}"
    return enqueue(
        KIND, tenant_id=tenant_id, requested_by=by, unique_key=same, document_type=slug, subjects=list(subjects)
    )


def check(slug: str, subjects: Sequence[UUID]) -> None:
    """Refuse what `request` refuses."""
    if named(slug).make is None:
        raise Invalid(f"Documents of the type {slug} are not made by ids.")
    if not 1 <= len(subjects) <= MOST:
        raise Invalid(f"{len(subjects)} documents are asked for; 1 to {MOST} are made by one job.")


def made(slug: str, subject: UUID) -> dict[str, str]:
    """Make one document and return its id, or why it can never be made; what may work later raises."""
    make = named(slug).make
    if make is None:
        raise Invalid(f"Documents of the type {slug} are not made by ids.")
    try:
        return {"document": str(make(subject).pk)}
    except Invalid as refusal:
        return {"refused": str(refusal)}


def progress(job: Job, among: QuerySet[Document] | None = None) -> Progress | None:
    """Return how far a job is with its documents, naming only those `among` some; None for a job of another kind."""
    if job.kind != KIND:
        return None
    stored = job.steps.filter(generation=job.generation, key__startswith=STEP, state=Step.State.DONE).order_by("id")
    outputs: list[Any] = list(stored.values_list("output", flat=True))
    told = [each for each in outputs if isinstance(each, dict)]
    ids = [each["document"] for each in told if "document" in each][:MOST_SHOWN]
    refusals = Counter(each["refused"] for each in told if "refused" in each)
    rows = Document.objects.all() if among is None else among
    documents = rows.defer("snapshot").in_bulk([UUID(each) for each in ids])
    return Progress(
        len(outputs), len(job.payload.get("subjects", [])), list(documents.values()), refusals.most_common(MOST_SHOWN)
    )
