"""Individual plans: written by staff, signed by both, reviewed every 90 days; `_move` alone writes their status."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from autopilot import audit, clock, trace
from autopilot.storable import digest
from programs.services.charges import checked_text
from programs.services.rights import require
from students.models import IndividualPlan, PlanReview, PlanSignature, PlanStatus, Student
from students.services.persons import own_records

WRITE = "students.change_individualplan"
REVIEW_EVERY = timedelta(days=90)
LONGEST_GOAL, LONGEST_STEPS, LONGEST_NAME, LONGEST_REASON, LONGEST_SUMMARY = 300, 4000, 150, 300, 2000
STUDENT, STAFF = PlanSignature.Party.STUDENT, PlanSignature.Party.STAFF


@transaction.atomic
def write_plan(student: Student, *, goal: str, steps: str, by: User) -> IndividualPlan:
    """Write a plan for both to sign; it takes the place of one in force when both have.

    Raises PermissionDenied, and ValidationError with the code `goal`, `steps`, or `open` while another waits to be signed.
    """
    require(by, WRITE)
    goal, steps = checked_text(goal, "goal", LONGEST_GOAL), checked_text(steps, "steps", LONGEST_STEPS)
    Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
    if IndividualPlan.objects.filter(student=student, status=PlanStatus.DRAFT).exists():
        raise ValidationError("Another plan waits to be signed. Close it first.", code="open")
    made = IndividualPlan.objects.create(student=student, goal=goal, steps=steps, written_by=by)
    audit.record(by, "students.plan.written", made)
    return made


@transaction.atomic
def sign_plan(plan: IndividualPlan, *, name: str, shown: str, by: User) -> PlanSignature:
    """Sign a plan as it stands, as its student or as staff; it is in force once both have, and the one before is closed.

    `shown` is the digest of what was on the page. Raises PermissionDenied, and ValidationError with the code `name`,
    `changed`, `not_draft` or `signed`.
    """
    party = _party_of(plan, by)
    name = checked_text(name, "name", LONGEST_NAME)
    locked = IndividualPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if locked.status != PlanStatus.DRAFT:
        raise ValidationError("This plan is not to be signed any more.", code="not_draft")
    if shown != digest_of(locked):
        raise ValidationError("The plan on your page is not the one that stands. Read it again.", code="changed")
    if locked.signatures.filter(party=party).exists() or locked.signatures.filter(signer=by).exists():
        raise ValidationError(
            "You have signed, or somebody has for your side. The other side signs next.", code="signed"
        )
    made = PlanSignature.objects.create(
        plan=locked, party=party, signer=by, name=name, plan_digest=shown, ip=trace.current().ip
    )
    audit.record(by, "students.plan.signed", locked, party=party)
    if locked.signatures.count() == len(PlanSignature.Party):
        _bring_into_force(locked, by)
    return made


@transaction.atomic
def review_plan(plan: IndividualPlan, *, summary: str, by: User, on: date | None = None) -> PlanReview:
    """Note that a plan in force was looked at; the next look is due 90 days later.

    Raises PermissionDenied, and ValidationError with the code `summary`, `on` or `not_active`.
    """
    require(by, WRITE)
    day = on or clock.today()
    if day > clock.today():
        raise ValidationError("Enter a day that has come.", code="on")
    summary = checked_text(summary, "summary", LONGEST_SUMMARY)
    standing = IndividualPlan.objects.filter(pk=plan.pk, status=PlanStatus.ACTIVE)
    if not standing.update(review_on=day + REVIEW_EVERY):
        raise ValidationError("This plan is not in force.", code="not_active")
    made = PlanReview.objects.create(
        plan=plan, reviewed_on=day, summary=summary, next_on=day + REVIEW_EVERY, reviewed_by=by
    )
    audit.record(by, "students.plan.reviewed", plan, review_id=made.pk)
    return made


@transaction.atomic
def close_plan(plan: IndividualPlan, *, reason: str, by: User) -> None:
    """Close a plan; raises PermissionDenied, and ValidationError with the code `reason` or `closed`."""
    require(by, WRITE)
    _move(
        plan,
        PlanStatus.CLOSED,
        by,
        closed_at=clock.now(),
        closed_because=checked_text(reason, "reason", LONGEST_REASON),
    )


def digest_of(plan: IndividualPlan) -> str:
    """Return the SHA-256 of what a plan says, in hexadecimal."""
    return digest({"plan": str(plan.pk), "goal": plan.goal, "steps": plan.steps})


def overdue_reviews() -> QuerySet[IndividualPlan]:
    """Return the plans whose review is overdue today, the oldest first."""
    due = IndividualPlan.objects.filter(status=PlanStatus.ACTIVE, review_on__lt=clock.today())
    return due.order_by("review_on", "pk")


def _party_of(plan: IndividualPlan, by: User) -> str:
    if own_records(by).filter(pk=plan.student_id).exists():
        return STUDENT
    if by.is_active and by.has_perm(WRITE):
        return STAFF
    raise PermissionDenied("Only the student and the staff who look after them sign this plan.")


def _bring_into_force(plan: IndividualPlan, by: User) -> None:
    for former in IndividualPlan.objects.filter(student=plan.student_id, status=PlanStatus.ACTIVE):
        _move(former, PlanStatus.CLOSED, by, closed_at=clock.now(), closed_because="Another plan took its place.")
    _move(plan, PlanStatus.ACTIVE, by, review_on=clock.today() + REVIEW_EVERY)


def _move(plan: IndividualPlan, to: str, by: User, **columns: Any) -> None:
    standing = IndividualPlan.objects.filter(pk=plan.pk, status=plan.status).exclude(status=PlanStatus.CLOSED)
    if not standing.update(status=to, **columns):
        raise ValidationError("This plan was closed or changed meanwhile.", code="closed")
    plan.refresh_from_db()
    audit.record(by, f"students.plan.{to}", plan)
