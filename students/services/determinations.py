"""Determinations: opened, filled with facts, judged by the law of the day, decided by a person, and fixed from then on."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.encryption import new_key
from autopilot.exceptions import Invalid
from programs.services.rights import require
from students.models import (
    Answer,
    Determination,
    DeterminationChange,
    DeterminationStatus,
    Enrollment,
    Immigration,
    Race,
    Student,
    StudentKey,
)
from students.models.determinations import DECIDED, OPEN, PROGRAMS
from students.services.details import read_details
from students.services.evidence import ASSESS, proven_topics
from students.services.figures import figures_on, policy_on
from students.wioa.eligibility import Case, Decision, Facts, Sex, Verdict, decide

READ = "students.read_determination"
ANSWERS: dict[str, bool] = {Answer.YES: True, Answer.NO: False}
AUTHORIZED: dict[str, bool] = {
    Immigration.CITIZEN: True,
    Immigration.PERMANENT_RESIDENT: True,
    Immigration.REFUGEE: True,
    Immigration.AUTHORIZED: True,
    Immigration.NOT_AUTHORIZED: False,
}
NATIVE: set[str] = {Race.AMERICAN_INDIAN, Race.PACIFIC_ISLANDER}
Status = DeterminationStatus

LEGAL_MOVES: dict[str, frozenset[str]] = {
    Status.GATHERING: frozenset({Status.IN_REVIEW, Status.WITHDRAWN}),
    Status.IN_REVIEW: frozenset({Status.ELIGIBLE, Status.INELIGIBLE, Status.GATHERING}),
    Status.ELIGIBLE: frozenset({Status.SUBMITTED, Status.REFUSED}),
    Status.SUBMITTED: frozenset({Status.CERTIFIED, Status.REFUSED}),
    Status.INELIGIBLE: frozenset(),
    Status.CERTIFIED: frozenset(),
    Status.REFUSED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}


@transaction.atomic
def begin_determination(enrollment: Enrollment, *, by: User | None, reason: str = "") -> Determination:
    """Open a determination for an enrollment; one that follows another begins with its facts, and needs a reason.

    Raises PermissionDenied, and ValidationError with the code `open` while one is, or `no_reason`.
    """
    require(by, ASSESS)
    Enrollment.objects.select_for_update().get(pk=enrollment.pk)
    if enrollment.determinations.filter(status__in=OPEN).exists():
        raise ValidationError("A determination of this enrollment is open.", code="open")
    decided = enrollment.student.determinations.filter(status__in=DECIDED)
    earlier = decided.order_by("-decided_at", "-pk").first()
    if earlier is not None and by is not None and not reason.strip():
        raise ValidationError("Say why eligibility is determined again.", code="no_reason")
    StudentKey.objects.get_or_create(student_id=enrollment.student_id, defaults={"secret": new_key()})
    determination = Determination(
        student=enrollment.student,
        enrollment=enrollment,
        earlier=earlier,
        as_of=clock.today(),
        reason=reason.strip(),
        facts=earlier.facts if earlier else json.dumps(known_of(enrollment.student, by=by).as_json()),
        created_by=by,
    )
    determination.save(force_insert=True)
    _record(determination, "", by=by, reason=determination.reason)
    return determination


@transaction.atomic
def enter_facts(determination: Determination, facts: Facts, *, by: User) -> Decision:
    """Keep what is known of the person, and judge it at once; returns what the law says of it.

    Raises PermissionDenied, and ValidationError with the code `not_open` once it is in review or decided.
    """
    require(by, ASSESS)
    locked = _locked(determination)
    if locked.status != Status.GATHERING:
        raise ValidationError("It is in review or decided; its facts are fixed.", code="not_open")
    changed = _changed(facts_of(locked), facts)
    locked.facts, locked.assessed_by = json.dumps(facts.as_json()), by
    locked.save(update_fields=["facts", "assessed_by"])
    audit.record(by, "students.determination.facts_entered", locked, fields=changed)
    return judge(locked)


@transaction.atomic
def judge(determination: Determination) -> Decision:
    """Judge an open determination by the facts, evidence, figures and settings of today, and keep what follows."""
    locked = _locked(determination)
    if locked.status != Status.GATHERING:
        raise ValidationError("It is in review or decided; it is not judged again.", code="not_open")
    today = clock.today()
    decision = decide(case_of(locked))
    eligible = decision.with_verdict(Verdict.MET)
    locked.as_of, locked.verdict = today, decision.verdict.value
    for program in PROGRAMS:
        setattr(locked, program, program in {each.value for each in eligible})
    locked.priority = decision.priority.level
    locked.counts_for_assistance, locked.counts_for_income = decision.counts_for_assistance, decision.counts_for_income
    locked.decision = json.dumps(decision.as_json())
    written = ["as_of", "verdict", *PROGRAMS, "priority", "counts_for_assistance", "counts_for_income", "decision"]
    locked.save(update_fields=written)
    determination.refresh_from_db()
    return decision


def case_of(determination: Determination) -> Case:
    """Return what a determination is judged by today."""
    today = clock.today()
    proven = proven_topics(determination.student)
    return Case(facts_of(determination), today, proven, figures_on(today), policy_on(today))


def facts_of(determination: Determination) -> Facts:
    """Return the facts of a determination, opened; whoever shows them must hold READ."""
    return Facts.from_json(json.loads(determination.facts or "{}"))


def decision_of(determination: Determination) -> dict[str, Any] | None:
    """Return what was decided with every criterion, opened, as `Decision.as_json` wrote it; None before it was judged."""
    return json.loads(determination.decision) if determination.decision else None


@transaction.atomic
def withdraw_determination(determination: Determination, *, reason: str, by: User) -> None:
    """End an open determination that nobody needs any more, with the reason. Raises as `move_determination` does."""
    require(by, ASSESS)
    if not reason.strip():
        raise ValidationError("Give a reason; it stands in the history.", code="no_reason")
    move_determination(determination, Status.WITHDRAWN, by=by, reason=reason.strip())


@transaction.atomic
def move_determination(
    determination: Determination, to: str, *, by: User | None = None, reason: str = "", **changes: Any
) -> None:
    """Move a determination on from where this object says it stands, with history and audit.

    `changes` are columns that change with it. Raises ValidationError with the code `illegal_move` or `moved_meanwhile`.
    """
    origin = determination.status
    if to not in LEGAL_MOVES[origin]:
        known = Status(origin).label.lower(), Status(to).label.lower()
        raise ValidationError("A determination cannot go from “{}” to “{}”.".format(*known), code="illegal_move")
    values = {"status": to, "reason": reason, **changes}
    if not Determination.objects.filter(pk=determination.pk, status=origin).update(**values):
        raise ValidationError("Somebody else has moved this determination meanwhile.", code="moved_meanwhile")
    determination.refresh_from_db()
    _record(determination, origin, by=by, reason=reason)


def get_determination(determination_id: UUID) -> Determination:
    """Return a determination with its student and enrollment; raises Invalid for an unknown one."""
    rows = Determination.objects.select_related("student__key", "enrollment__cohort__program", "enrollment__holder")
    found = rows.filter(pk=determination_id).first()
    if found is None:
        raise Invalid(f"There is no determination {determination_id}.")
    return found


def known_of(student: Student, *, by: User | None) -> Facts:
    """Return what a student’s sensitive details say of eligibility; what was not disclosed is unknown."""
    details = read_details([student.pk], purpose="eligibility", by=by).get(student.pk)
    if details is None:
        return Facts()
    return Facts(
        date_of_birth=details.birth_date,
        sex=Sex(details.sex) if details.sex in set(Sex) else None,
        work_authorized=AUTHORIZED.get(details.immigration),
        disability=ANSWERS.get(details.disability),
        offender=ANSWERS.get(details.justice),
        native=bool(NATIVE & set(details.races)) if details.races and Race.UNDISCLOSED not in details.races else None,
    )


def _locked(determination: Determination) -> Determination:
    rows = Determination.objects.select_for_update(of=("self",)).select_related("student__key")
    return rows.get(pk=determination.pk)


def _changed(before: Facts, after: Facts) -> list[str]:
    """Return the names of the facts that changed, which is all that the audit may tell."""
    return sorted(name for name, value in vars(after).items() if vars(before)[name] != value)


def _record(determination: Determination, origin: str, *, by: User | None, reason: str) -> None:
    label = by.get_username() if by else ""
    DeterminationChange.objects.create(
        determination=determination,
        from_status=origin,
        to_status=determination.status,
        reason=reason,
        actor_label=label,
    )
    audit.record(by, f"students.determination.moved_to_{determination.status}", determination, reason=reason)
