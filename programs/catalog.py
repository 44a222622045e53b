"""The public catalog: what is found in it, and what stands on the page of a program."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet

from autopilot import clock
from programs.access import catalog
from programs.models import Cohort, CohortStatus, Program, Site

MOST_COHORTS = 12
COST = F("tuition") + F("fees") + F("books") + F("supplies") + F("other_costs")
TEXTS = ("title", "description", "credential", "holder__legal_name", "holder__doing_business_as")


def search(wanted: Mapping[str, Any]) -> QuerySet[Program]:
    """Return the programs that fit, by title, each with its holder, its sites and `next_start`, a day or None.

    `wanted` may hold `q` (all of its words), `type`, `state`, `city`, `delivery`, `credential`, `cost` (dollars at most)
    and `evening`.
    """
    found = catalog().select_related("holder").prefetch_related("sites")
    for word in str(wanted.get("q", "")).split()[:8]:
        found = found.filter(_any_text(word))
    for name, column in (("type", "type"), ("delivery", "delivery"), ("credential", "credential_type")):
        if name in wanted:
            found = found.filter(**{column: wanted[name]})
    if "cost" in wanted:
        found = found.annotate(whole_cost=COST).filter(whole_cost__lte=Decimal(wanted["cost"]))
    if wanted.get("evening"):
        found = found.filter(evening=True)
    found = _in_place(found, wanted)
    upcoming = Q(cohorts__status=CohortStatus.OPEN, cohorts__starts_on__gte=clock.today())
    return found.annotate(next_start=Min("cohorts__starts_on", filter=upcoming)).order_by("title", "id")


def upcoming_cohorts(program: Program) -> list[Cohort]:
    """Return the next cohorts of a program that students may enroll in, twelve at most."""
    rows = program.cohorts.select_related("site").filter(status=CohortStatus.OPEN, starts_on__gte=clock.today())
    return list(rows.order_by("starts_on", "name")[:MOST_COHORTS])


def _any_text(word: str) -> Q:
    found = Q()
    for column in TEXTS:
        found |= Q(**{f"{column}__icontains": word})
    return found


def _in_place(found: QuerySet[Program], wanted: Mapping[str, Any]) -> QuerySet[Program]:
    sites = Site.objects.filter(programs=OuterRef("pk"), closed_at=None)
    if "state" in wanted:
        sites = sites.filter(state=wanted["state"])
    if "city" in wanted:
        sites = sites.filter(city__icontains=wanted["city"])
    return found.filter(Exists(sites)) if {"state", "city"} & wanted.keys() else found
