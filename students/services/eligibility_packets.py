"""What a reviewer of eligibility reads: the criteria with their reasons, the priority, the barriers and the evidence."""

from dataclasses import asdict
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from students.models import Determination, Evidence
from students.models.determinations import PROGRAMS
from students.services.determinations import decision_of
from students.wioa.documentation import TOPICS
from students.wioa.eligibility.rows import proofs_in, rows_of

Decided = dict[str, Any]


def packet_facts(determination: Determination) -> dict[str, Any]:
    """Return what the eligibility packet prints; the same determination gives the same facts."""
    decided = decision_of(determination) or {}
    student, enrollment = determination.student, determination.enrollment
    return {
        "reference": determination.reference,
        "student": student.full_name,
        "enrolled": f"{enrollment.cohort.program.title}, {enrollment.holder.legal_name}",
        "as_of": determination.as_of,
        "prepared_at": _prepared(determination),
        "eligible": determination.verdict == "met",
        "programs": [_program(name, title, decided["programs"][name]) for name, title in PROGRAMS.items()],
        "priority": decided["priority"],
        "training": [asdict(row) for row in rows_of(decided["training"])],
        "barriers": [each for each in decided["barriers"] if each["verdict"] == "met"],
        "evidence": [_evidence(row) for row in student.evidence.filter(withdrawn_at=None).order_by("topic", "pk")],
    }


def topics_in(decided: Decided | None) -> frozenset[str]:
    """Return the topics whose proof the programs rest on that somebody is eligible for."""
    programs = (decided or {}).get("programs", {}).values()
    return frozenset(topic for each in programs for topic in proofs_in(each))


def _program(name: str, title: str, criterion: dict[str, Any]) -> dict[str, Any]:
    """Return a program with all of its criteria if somebody is eligible for it, else with those that decide."""
    rows = rows_of(criterion, deepest=9 if criterion["verdict"] == "met" else 2)
    return {"name": name, "title": title, "verdict": criterion["verdict"], "rows": [asdict(row) for row in rows]}


def _evidence(row: Evidence) -> dict[str, Any]:
    topic = TOPICS.get(row.topic)
    return {
        "topic": topic.name if topic else row.topic,
        "element": topic.element if topic else "",
        "kind": row.get_kind_display(),
        "description": row.description,
        "obtained_on": row.obtained_on,
        "reason": row.reason,
        "by": row.recorded_by_label,
    }


def _prepared(determination: Determination) -> str:
    """Return the time that the packet bears: the beginning of the day as of which the facts are judged."""
    return datetime.combine(determination.as_of, time.min, ZoneInfo(settings.TIME_ZONE)).isoformat()
