"""Refunds by the school's rules: reckoned for the day somebody left, shown, and granted as a credit note."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Sum

from autopilot import audit, clock
from programs import money
from programs.models import Invoice, Session
from programs.services.payments import issue_credit_note
from students.models import Enrollment, EnrollmentStatus, Refund, RefundBasis, RefundRule

CENT, HUNDRED = Decimal("0.01"), Decimal(100)
ENDED = (EnrollmentStatus.WITHDRAWN, EnrollmentStatus.TRANSFERRED)


@dataclass(frozen=True)
class Reckoning:
    """What would be given back, and why."""

    rule: RefundRule | None
    left_on: date
    tuition: Decimal
    percent: Decimal
    amount: Decimal
    explanation: str


def reckon(enrollment: Enrollment) -> Reckoning:
    """Return what the rules in force on the day of the application give back to who has left.

    The first rule that fits counts: by days since the training began, then by the part of the clock hours that were
    taught, each in order. Raises ValidationError with the code `not_left` for somebody who has not.
    """
    if enrollment.status not in ENDED or enrollment.ended_on is None:
        raise ValidationError("Only who has withdrawn gets a refund.", code="not_left")
    program, left = enrollment.cohort.program, enrollment.ended_on
    days = max((left - enrollment.started_on).days, 0) if enrollment.started_on else 0
    taught = _taught_percent(enrollment, left)
    rule = next((each for each in _rules(enrollment) if _fits(each, days, taught)), None)
    percent = rule.refund_percent if rule else Decimal(0)
    amount = (program.tuition * percent / HUNDRED).quantize(CENT, ROUND_HALF_UP)
    known = f"Left {days} day{'' if days == 1 else 's'} after the training began, when {taught} percent of the hours were taught"
    why = (
        f"{known}: {percent.normalize():f} percent of the tuition, by {rule.source}."
        if rule
        else f"{known}: no rule gives anything back."
    )
    return Reckoning(rule, left, program.tuition, percent, amount, why[:400])


@transaction.atomic
def grant_refund(enrollment: Enrollment, invoice: Invoice, *, by: User) -> Refund:
    """Credit what is reckoned on an invoice of the school, once; returns the refund with its credit note.

    Raises PermissionDenied, and ValidationError with the code `not_left`, `nothing`, `refunded`, `other_holder`, or as
    `issue_credit_note` does.
    """
    locked = Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
    if Refund.objects.filter(enrollment=locked).exists():
        raise ValidationError("This enrollment was refunded already.", code="refunded")
    if invoice.holder_id != locked.holder_id:
        raise ValidationError("This invoice is of another organization.", code="other_holder")
    found = reckon(locked)
    if found.rule is None or not found.amount:
        raise ValidationError(f"Nothing is given back. {found.explanation}", code="nothing")
    reason = f"Refund of enrollment {locked.pk}: {money.written(found.amount)}. {found.explanation}"
    note = issue_credit_note(invoice, amount=found.amount, reason=reason, by=by)
    made = Refund.objects.create(
        enrollment=locked, rule=found.rule, left_on=found.left_on, tuition=found.tuition, percent=found.percent,
        amount=found.amount, explanation=found.explanation, credit_note=note, granted_by=by,
    )  # fmt: skip
    audit.record(by, "students.refund.granted", made, amount=found.amount, credit_note_id=note.pk)
    return made


def _rules(enrollment: Enrollment) -> list[RefundRule]:
    day = clock.day_of(enrollment.applied_at)
    rows = RefundRule.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=day), program=enrollment.cohort.program_id, effective_from__lte=day
    )
    return sorted(rows, key=lambda rule: (rule.basis != RefundBasis.DAYS, rule.up_to))


def _fits(rule: RefundRule, days: int, taught: Decimal) -> bool:
    return (days if rule.basis == RefundBasis.DAYS else taught) <= rule.up_to


def _taught_percent(enrollment: Enrollment, until: date) -> Decimal:
    if enrollment.started_on is None:
        return Decimal(0)
    held = Session.objects.filter(
        cohort=enrollment.cohort_id, cancelled_at=None, date__range=(enrollment.started_on, until)
    )
    hours = held.aggregate(total=Sum("hours"))["total"] or Decimal(0)
    return (hours * HUNDRED / enrollment.cohort.program.clock_hours).quantize(CENT, ROUND_HALF_UP)
