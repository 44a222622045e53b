"""The agencies' forms in a packet: every approved edition that an application's facts can fill, filled."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from autopilot.fillable_forms import merging, shelf
from autopilot.models import FieldMapping, FormEdition
from programs.facts import ApplicationFacts

PREFIX = "application"
MOST_FORMS = 20
FIRST_FURTHER_SITE = 2


def fill_all(payload: dict[str, Any], facts: ApplicationFacts) -> list[dict[str, Any]]:
    """Fill and archive every form that an application serves, and return each as the packet's payload names it.

    What a form refuses stands with it by field, for the reviewer. Raises FormUnusable where a form cannot be filled.
    """
    known = context_of(
        facts, reference=payload["reference"], submitted_at=datetime.fromisoformat(payload["submitted_at"])
    )
    return [
        shelf.fill(edition, known, title=str(edition.form)[:300], tenant_id=UUID(payload["tenant_id"])).attachment()
        for edition in served(facts.site_state)
    ]


def served(state: str) -> list[FormEdition]:
    """Return the approved editions into which nothing but facts of applications is written, in the order of their names.

    An application goes to the state of its first training site: with it go that state's forms, and those of every state.
    """
    approved = FormEdition.objects.approved().filter(mappings__isnull=False, state__in=["", state])
    others = FieldMapping.objects.exclude(merge_field__startswith=f"{PREFIX}.").values("edition")
    ours = approved.exclude(pk__in=others).select_related("form", "document").distinct()
    return list(ours.order_by("form__agency", "form__name", "pk")[:MOST_FORMS])


def context_of(facts: ApplicationFacts, *, reference: str, submitted_at: datetime) -> dict[str, Any]:
    """Return what is known of an application, by the names of the merge fields."""
    known = {f"{PREFIX}.{name}": value for name, value in facts.columns().items()}
    known |= {f"{PREFIX}.reference": reference, f"{PREFIX}.submitted_at": submitted_at.date()}
    for number, program in enumerate(facts.programs, start=1):
        known |= _of(f"program_{number}", program.columns())
    for number, site in enumerate(facts.sites, start=FIRST_FURTHER_SITE):
        known |= _of(f"site_{number}", asdict(site))
    offered = {field.name for field in merging.offered()}
    return {name: value for name, value in known.items() if name in offered}


def _of(place: str, columns: dict[str, Any]) -> dict[str, Any]:
    return {f"{PREFIX}.{place}.{name}": value for name, value in columns.items()}
