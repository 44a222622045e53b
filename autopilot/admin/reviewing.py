"""What the review page shows: what is decided on, who may decide, what changed, and what came of it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from autopilot import reports
from autopilot.admin.changes import Changes, changes_since
from autopilot.admin.forms import decision_form
from autopilot.admin.payloads import in_focus
from autopilot.admin.schemas import is_amendable, schema_of
from autopilot.engine import decisions
from autopilot.exceptions import DecisionRefused, FourEyes, StaleVersion
from autopilot.models import Checkpoint, Decision

VERDICTS = {"fail": "failed", "warn": "with a warning", "pass": "passed"}
VERDICT_WORDS = {"fail": "failed", "warn": "warning", "pass": "passed"}
WORST_FIRST = {verdict: place for place, verdict in enumerate(VERDICTS)}


@dataclass(frozen=True)
class Refusal:
    """Why a decision was not taken, what was typed with it, and what the person had not seen."""

    text: str
    typed: str
    missed: Changes | None


def context(checkpoint: Checkpoint, person: User) -> dict[str, Any]:
    """Return what the template of the review page needs."""
    barred = refusal_of(checkpoint, person)
    found, document = findings(checkpoint), reports.document_of(checkpoint)
    elsewhere = [name for name, has_place in (("findings", found), ("document", document)) if has_place]
    weighed, rest, ids = in_focus(checkpoint.payload, schema_of(checkpoint), elsewhere)
    outcome = reports.outcome_of(checkpoint)
    return {
        "title": "Checkpoint",
        "subtitle": checkpoint.title,
        "checkpoint": checkpoint,
        "weighed": weighed,
        "rest": rest,
        "ids": ids,
        "findings": found,
        "document_id": document,
        "changes": changes_since(checkpoint, 1) if checkpoint.payload_version > 1 else None,
        "history": reports.review_history(checkpoint),
        "submissions": reports.submissions_of(list(checkpoint.job.checkpoints.all())),
        "reviewers": checkpoint.reviewers.all(),
        "outcome": outcome,
        "approvals": _approvals(checkpoint),
        "barred": _in_person(checkpoint, person, barred),
        "may_amend": is_amendable(checkpoint) and refusal_of(checkpoint, person, editing=True) is None,
        "following": reports.next_review(checkpoint) if outcome else None,
        "decision_form": decision_form(checkpoint)(checkpoint=checkpoint),
    }


def refusal_of(checkpoint: Checkpoint, person: User, *, editing: bool = False) -> DecisionRefused | None:
    """Return why a person cannot decide, or amend, a checkpoint as it stands; None if the person can."""
    try:
        decisions.require_entitled(checkpoint, person, checkpoint.payload_version, editing=editing)
    except DecisionRefused as refusal:
        return refusal
    return None


def missed(checkpoint: Checkpoint, refusal: DecisionRefused, seen: int) -> Changes | None:
    """Return what changed since the version that a person saw, if that is why the decision was refused."""
    return changes_since(checkpoint, seen) if isinstance(refusal, StaleVersion) else None


def findings(checkpoint: Checkpoint) -> dict[str, Any] | None:
    """Return what checks found, the worse first, and how many of each there are; None where nothing was checked."""
    found = checkpoint.payload.get("findings")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found) or not found:
        return None
    named = sorted((_named(each) for each in found), key=lambda each: WORST_FIRST.get(each["verdict"], -1))
    counts = Counter(each["verdict"] for each in named)
    said = [f"{counts[verdict]} {words}" for verdict, words in VERDICTS.items() if counts[verdict]]
    passed = [each for each in named if each["verdict"] == "pass"]
    return {"told": named[: len(named) - len(passed)], "passed": passed, "summary": ", ".join(said)}


def _named(finding: dict[str, Any]) -> dict[str, Any]:
    verdict = str(finding.get("verdict", ""))
    told = {name: finding.get(name, "") for name in ("reason", "action", "source", "position", "internal")}
    title = finding.get("title") or finding.get("check") or "Finding"
    return told | {"title": title, "verdict": verdict, "word": VERDICT_WORDS.get(verdict, verdict)}


def _approvals(checkpoint: Checkpoint) -> int:
    votes = checkpoint.decisions.filter(payload_version=checkpoint.payload_version, verdict=Decision.Verdict.APPROVE)
    return votes.count() if checkpoint.quorum > 1 else 0


def _in_person(checkpoint: Checkpoint, person: User, refusal: DecisionRefused | None) -> str:
    if not isinstance(refusal, FourEyes):
        return str(refusal or "")
    if person.pk == checkpoint.requester_id:
        return "You asked for this, so another person must decide it."
    return f"You made version {checkpoint.payload_version}, so another person must decide it."
