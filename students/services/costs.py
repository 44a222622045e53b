"""What is spent on a student: obligation, voucher, payment and refund on an ITA, none above what it stands on; and help."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from autopilot import audit, clock
from programs import money
from programs.services.charges import checked_text
from programs.services.rights import require
from students.models import CostEntry, CostKind, Enrollment, Student, SupportiveService, SupportKind, TrainingAccount

MANAGE = "students.manage_trainingaccount"
LONGEST_NUMBER, LONGEST_REFERENCE, LONGEST_NOTE = 40, 120, 300
# The sum that a kind raises, and the one that it may not pass; an obligation may not pass the limit.
SUMS = {
    CostKind.OBLIGATION: ("obligated", "limit"),
    CostKind.VOUCHER: ("vouchered", "obligated"),
    CostKind.PAYMENT: ("paid", "vouchered"),
    CostKind.REFUND: ("refunded", "paid"),
}
BEYOND = {
    CostKind.OBLIGATION: "the local board’s limit",
    CostKind.VOUCHER: "what is obligated",
    CostKind.PAYMENT: "what was vouchered",
    CostKind.REFUND: "what was paid",
}


@dataclass(frozen=True)
class Spent:
    """One step: what it is, how much in dollars, when, and the reference by which it is known again."""

    kind: str
    amount: Decimal
    reference: str
    on: date
    note: str = ""


@transaction.atomic
def open_account(enrollment: Enrollment, *, number: str, by: User, limit: Decimal | None = None) -> TrainingAccount:
    """Open the training account of an enrollment; `limit` is the local board's, None where nobody knows it.

    Raises PermissionDenied, and ValidationError with the code `number`, `limit`, or `opened` where there is one.
    """
    require(by, MANAGE)
    number = checked_text(number, "number", LONGEST_NUMBER)
    if limit is not None and not (limit.is_finite() and limit > 0):
        raise ValidationError("Enter the limit in dollars, or leave it blank.", code="limit")
    try:
        with transaction.atomic():
            made = TrainingAccount.objects.create(enrollment=enrollment, number=number, limit=limit)
    except IntegrityError:
        told = "This enrollment has an account already, or the number belongs to another one."
        raise ValidationError(told, code="opened") from None
    audit.record(by, "students.training_account.opened", made)
    return made


@transaction.atomic
def enter_cost(account: TrainingAccount, spent: Spent, *, by: User) -> CostEntry:
    """Enter a step; the same kind under the same reference changes nothing, and returns the entry that is there.

    A voucher never passes what is obligated, a payment what was vouchered, a refund what was paid. Raises
    PermissionDenied, and ValidationError with the code `kind`, `amount`, `reference`, `on`, `reference_reused` or
    `beyond`.
    """
    require(by, MANAGE)
    if spent.kind not in CostKind.values:
        raise ValidationError("Choose what it is.", code="kind")
    amount, reference = money.checked(spent.amount), checked_text(spent.reference, "reference", LONGEST_REFERENCE)
    if spent.on > clock.today():
        raise ValidationError("Enter the day on which it was done; it cannot lie ahead.", code="on")
    TrainingAccount.objects.select_for_update().get(pk=account.pk)
    known = CostEntry.objects.filter(account=account, kind=spent.kind, reference=reference).first()
    if known is not None:
        return _repeated(known, amount)
    _raise_sum(account, CostKind(spent.kind), amount)
    made = CostEntry.objects.create(
        account=account, kind=spent.kind, amount=amount, reference=reference, on=spent.on,
        note=spent.note.strip()[:LONGEST_NOTE], entered_by=by,
    )  # fmt: skip
    audit.record(by, f"students.cost.{spent.kind}_entered", account, entry_id=made.pk, amount=amount)
    return made


@transaction.atomic
def enter_support(
    student: Student, *, kind: str, description: str, amount: Decimal, provided_on: date, reference: str, by: User
) -> SupportiveService:
    """Enter a supportive service; the same reference is the same service. It extends no period of participation.

    `amount` is in dollars, and may be 0 for what cost nothing. Raises PermissionDenied, and ValidationError with the
    code `kind`, `description`, `amount`, `provided_on`, `reference` or `reference_reused`.
    """
    require(by, MANAGE)
    if kind not in SupportKind.values:
        raise ValidationError("Choose what it is.", code="kind")
    told, known_as = (
        checked_text(description, "description", LONGEST_NOTE),
        checked_text(reference, "reference", LONGEST_REFERENCE),
    )
    amount = money.checked(amount) if amount else Decimal(0)
    if provided_on > clock.today():
        raise ValidationError("Enter the day on which it was given; it cannot lie ahead.", code="provided_on")
    facts = {"student": student, "kind": kind, "description": told, "amount": amount, "provided_on": provided_on}
    made, is_new = SupportiveService.objects.get_or_create(reference=known_as, defaults=facts | {"entered_by": by})
    if not is_new and any(getattr(made, name) != value for name, value in facts.items()):
        raise ValidationError("Another service has this reference. Choose another.", code="reference_reused")
    if is_new:
        audit.record(by, "students.supportive_service.entered", made, kind=kind, amount=amount)
    return made


def _raise_sum(account: TrainingAccount, kind: CostKind, amount: Decimal) -> None:
    name, bound = SUMS[kind]
    within = Q(**{f"{name}__lte": F(bound) - amount})
    if kind == CostKind.OBLIGATION:
        within |= Q(limit=None)
    raised = TrainingAccount.objects.filter(within, pk=account.pk).update(**{name: F(name) + amount})
    account.refresh_from_db()
    if not raised:
        left = (getattr(account, bound) or Decimal(0)) - getattr(account, name)
        raise ValidationError(f"This is beyond {BEYOND[kind]}. At most {money.written(left)} is left.", code="beyond")


def _repeated(entry: CostEntry, amount: Decimal) -> CostEntry:
    if entry.amount != amount:
        raise ValidationError(
            "Another amount was entered under this reference. Choose another reference.", code="reference_reused"
        )
    return entry
