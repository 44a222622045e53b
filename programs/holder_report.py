"""The report about holders: how far each is with what it must prove, and its compliance score."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from autopilot import clock
from programs.compliance import scores_of
from programs.models import Holder, ProgramStatus, Requirement, RequirementStatus
from programs.services.requirements import types_for

COLUMNS = ("id", "legal_name", "entity_type", "status", "created_at", "programs", "required", "accepted", "to_review",
           "open", "expired", "score", "standing")  # fmt: skip
ON_PAPER = (
    "legal_name",
    "status",
    "programs",
    "required",
    "accepted",
    "to_review",
    "open",
    "expired",
    "score",
    "standing",
)
BATCH = 200


def holder_rows(holders: QuerySet[Holder]) -> Iterator[dict[str, Any]]:
    """Yield a row of `COLUMNS` for each holder, in a few queries for every 200 of them.

    `required` counts what must be accepted today, `accepted` how much of it is; `open` is what nobody has uploaded or
    what came back.
    """
    offered = ~Q(programs__status=ProgramStatus.RETIRED)
    counted = holders.annotate(offers=Count("programs", filter=offered, distinct=True)).order_by("legal_name", "pk")
    every = counted.iterator(chunk_size=BATCH)
    while batch := list(islice(every, BATCH)):
        yield from _rows(batch)


def _rows(batch: Sequence[Holder]) -> Iterator[dict[str, Any]]:
    ids = [holder.pk for holder in batch]
    scores, found = scores_of(ids), _counted(batch)
    for holder in batch:
        needed, score = found[holder.pk], scores[holder.pk]
        yield {
            "id": holder.pk,
            "legal_name": holder.legal_name,
            "entity_type": holder.entity_type,
            "status": holder.status,
            "created_at": holder.created_at,
            "programs": getattr(holder, "offers", 0),
            "required": needed.total(),
            "accepted": needed[RequirementStatus.ACCEPTED],
            "to_review": needed[RequirementStatus.SUBMITTED],
            "open": needed[RequirementStatus.MISSING] + needed[RequirementStatus.REJECTED],
            "expired": needed[RequirementStatus.EXPIRED],
            "score": score.points,
            "standing": score.standing,
        }


def _counted(batch: Iterable[Holder]) -> dict[UUID, Counter[str]]:
    """Return by holder how many of its required lines stand at each status."""
    today, entity_types = clock.today(), {holder.pk: holder.entity_type for holder in batch}
    asked = {kind: {each.pk for each in types_for(kind, today)} for kind in set(entity_types.values())}
    rows = Requirement.objects.filter(holder__in=entity_types, type__required=True)
    standing = rows.exclude(program__status=ProgramStatus.RETIRED)
    found: dict[UUID, Counter[str]] = defaultdict(Counter)
    for holder, kind, status, count in (
        standing.values_list("holder", "type", "status").annotate(Count("pk")).order_by()
    ):
        if kind in asked[entity_types[holder]]:
            found[holder][status] += count
    return found
