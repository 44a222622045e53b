"""What the review page shows: what is decided on, who may decide, what changed, and what came of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from autopilot import reports, tenants
from autopilot.admin import handing, pictures
from autopilot.admin.changes import Changes, changes_of, changes_since
from autopilot.admin.forms import decision_form
from autopilot.admin.payloads import in_focus
from autopilot.admin.schemas import is_amendable, schema_of
from autopilot.engine import decisions
from autopilot.engine.reviewers import Reviewer
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


def context(checkpoint: Checkpoint, person: User, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what the template of the review page needs; `query` may name the versions to compare."""
    reviewer = Reviewer(person)
    refusal = refusal_of(checkpoint, reviewer)
    found, pages = findings(checkpoint), pictures.shown(checkpoint)
    attached = pictures.attached(checkpoint)
    placed = (("findings", found), ("document", pages), ("attachments", attached))
    elsewhere = [name for name, has_place in placed if has_place]
    weighed, rest, ids = in_focus(checkpoint.payload, schema_of(checkpoint), elsewhere)
    return {
        "title": "Checkpoint",
        "subtitle": checkpoint.title,
        "checkpoint": checkpoint,
        "organization": tenants.names_of([checkpoint.tenant_id])[checkpoint.tenant_id],
        "weighed": weighed,
        "rest": rest,
        "ids": ids,
        "findings": found,
        "packet": pages,
        "attached": attached,
        "comparison": compared(checkpoint, query),
        "history": reports.review_history(checkpoint),
        "submissions": reports.submissions_of(list(checkpoint.job.checkpoints.all())),
        "reviewers": checkpoint.reviewers.all(),
        "outcome": reports.outcome_of(checkpoint),
        "approvals": _approvals(checkpoint),
        "barred": _in_person(checkpoint, person, refusal),
        "in_place_of": None if refusal else _in_place_of(checkpoint, reviewer),
        "wish": _wish(checkpoint, person),
        "may_amend": is_amendable(checkpoint) and refusal_of(checkpoint, reviewer, editing=True) is None,
        "may_ask": refusal is None
        and checkpoint.kind == Checkpoint.Kind.APPROVAL_REQUIRED
        and is_amendable(checkpoint),
        "decision_form": decision_form(checkpoint)(checkpoint=checkpoint),
        **handing.offered(checkpoint, person, may_decide=refusal is None),
    }


def compared(checkpoint: Checkpoint, query: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the two versions to compare, the first and the last unless others are asked for, and what changed."""
    last = checkpoint.payload_version
    if last == 1:
        return None
    versions = range(1, last + 1)
    earlier, later = (_version(query.get(name, ""), versions, usual) for name, usual in (("from", 1), ("to", last)))
    return {"earlier": earlier, "later": later, "versions": versions, "changes": changes_of(checkpoint, earlier, later)}


def refusal_of(
    checkpoint: Checkpoint, person: User | Reviewer, *, editing: bool = False, verdict: str = ""
) -> DecisionRefused | None:
    """Return why a person cannot decide, or amend, a checkpoint as it stands; None if the person can."""
    try:
        version = checkpoint.payload_version
        decisions.require_entitled(checkpoint, person, version, editing=editing, verdict=verdict)
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


def _version(text: str, versions: range, usual: int) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    return number if number in versions else usual


def _in_place_of(checkpoint: Checkpoint, reviewer: Reviewer) -> User | None:
    if reviewer.is_own(checkpoint):
        return None
    return User.objects.filter(pk=reviewer.stands_in_for(checkpoint) or 0).first()


def _wish(checkpoint: Checkpoint, person: User) -> dict[str, Any] | None:
    """Return what a reviewer wants changed in this version, and whether it bars this person from approving."""
    wish = reports.wish_for_changes(checkpoint)
    return {"comment": wish, "bars": checkpoint.changes_asked_by_id != person.pk} if wish else None


def _approvals(checkpoint: Checkpoint) -> int:
    votes = checkpoint.decisions.filter(payload_version=checkpoint.payload_version, verdict=Decision.Verdict.APPROVE)
    return votes.count() if checkpoint.quorum > 1 else 0


def _in_person(checkpoint: Checkpoint, person: User, refusal: DecisionRefused | None) -> str:
    if not isinstance(refusal, FourEyes):
        return str(refusal or "")
    if person.pk == checkpoint.requester_id:
        return "You asked for this, so another person must decide it."
    return f"You made version {checkpoint.payload_version}, so another person must decide it."
