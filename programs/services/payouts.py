"""Pay holders what they earned: a batch that one person prepares and another approves; `move_batch` alone moves it.

Every earning belongs to one payout at most, and a payout is the sum of its earnings: so nothing is ever paid twice or
above what is owed, however many batches are prepared at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import emit, enqueue
from programs import money
from programs.models import BankAccount, Earning, Holder, HolderStatus, Payout, PayoutBatch, PayoutBatchStatus
from programs.services.bank_accounts import account_of, is_held
from programs.services.charges import checked_text
from programs.services.earnings import unpaid
from programs.services.numbers import next_number
from programs.services.rights import APPROVE, PREPARE, require

APPROVED, PAID, CANCELLED = (f"programs.payout.{name}" for name in ("approved", "paid", "cancelled"))
DOCUMENT_JOB = "billing.remittance"
SERIES = "PAY"
LONGEST_REFERENCE, LONGEST_REASON = 120, 1000

LEGAL_MOVES: dict[str, frozenset[str]] = {
    PayoutBatchStatus.PREPARED: frozenset({PayoutBatchStatus.APPROVED, PayoutBatchStatus.CANCELLED}),
    PayoutBatchStatus.APPROVED: frozenset({PayoutBatchStatus.PAID, PayoutBatchStatus.CANCELLED}),
    PayoutBatchStatus.PAID: frozenset(),
    PayoutBatchStatus.CANCELLED: frozenset(),
}


@dataclass(frozen=True)
class LeftOut:
    """A holder to whom something is owed and nothing is paid, and why."""

    holder: Holder
    reason: str


def move_batch(batch: PayoutBatch, to: str, *, by: User, reason: str = "", **columns: Any) -> None:
    """Move a batch on from where this object says it stands, with audit.

    Raises ValidationError with the code `illegal_move`, or `moved_meanwhile` when somebody was first.
    """
    origin = batch.status
    if to not in LEGAL_MOVES[origin]:
        raise ValidationError(f"A batch that is {origin} cannot become {to}.", code="illegal_move")
    if not PayoutBatch.objects.filter(pk=batch.pk, status=origin).update(status=to, **columns):
        raise ValidationError(
            "Somebody else has moved this batch meanwhile. Load the page again.", code="moved_meanwhile"
        )
    batch.refresh_from_db()
    audit.record(by, f"programs.payout_batch.{to}", batch, reason=reason)


@transaction.atomic
def prepare_batch(*, until: date, by: User) -> tuple[PayoutBatch, list[LeftOut]]:
    """Prepare payouts of all that is earned until a day and not paid; return the batch, and who is left out and why.

    Raises PermissionDenied, and ValidationError with the code `until` for a day that lies ahead, or `nothing_to_pay`.
    """
    require(by, PREPARE)
    if until > clock.today():
        raise ValidationError("Choose a day that does not lie ahead.", code="until")
    batch = PayoutBatch.objects.create(number=next_number(SERIES, clock.today()), prepared_by=by)
    left_out = [left for holder in owed_holders(until) if (left := _prepare(batch, holder, until))]
    if not batch.payouts.exists():
        reasons = " ".join(f"{each.holder.legal_name}: {each.reason}" for each in left_out[:10])
        raise ValidationError(f"There is nothing to pay. {reasons}".strip(), code="nothing_to_pay")
    audit.record(by, "programs.payout_batch.prepared", batch, payouts=batch.payouts.count(), until=until)
    return batch, left_out


@transaction.atomic
def approve_batch(batch: PayoutBatch, *, by: User) -> None:
    """Approve a batch that somebody else prepared.

    Raises PermissionDenied, and ValidationError with the code `four_eyes`, `account_changed`, or as `move_batch` does.
    """
    require(by, APPROVE)
    if batch.prepared_by_id == by.pk:
        told = "You prepared this batch. Another person must approve it."
        raise ValidationError(told, code="four_eyes")
    _check_accounts(batch)
    move_batch(batch, PayoutBatchStatus.APPROVED, by=by, approved_by=by, approved_at=clock.now())
    _tell(batch, APPROVED)


@transaction.atomic
def pay_batch(batch: PayoutBatch, *, reference: str, by: User) -> None:
    """Record that the bank has paid an approved batch, under the bank's reference; its remittances are made by jobs.

    Raises PermissionDenied, and ValidationError with the code `reference`, `account_changed`, or as `move_batch` does.
    """
    require(by, PREPARE)
    reference = checked_text(reference, "reference", LONGEST_REFERENCE)
    _check_accounts(batch)
    move_batch(batch, PayoutBatchStatus.PAID, by=by, paid_at=clock.now(), payment_reference=reference)
    for payout in batch.payouts.all():
        enqueue(DOCUMENT_JOB, tenant_id=payout.holder_id, unique_key=f"payout:{payout.pk}", payout_id=payout.pk)
    _tell(batch, PAID)


@transaction.atomic
def cancel_batch(batch: PayoutBatch, *, reason: str, by: User) -> None:
    """Cancel a batch that is not paid; what it would have paid is owed again.

    Raises PermissionDenied, and ValidationError with the code `reason`, or as `move_batch` does.
    """
    if not (by.has_perm(PREPARE) or by.has_perm(APPROVE)):
        raise PermissionDenied("Your role does not allow this. Ask an administrator.")
    reason, was_approved = checked_text(reason, "reason", LONGEST_REASON), batch.status == PayoutBatchStatus.APPROVED
    now = clock.now()
    move_batch(batch, PayoutBatchStatus.CANCELLED, by=by, reason=reason, cancel_reason=reason, cancelled_at=now)
    Payout.objects.filter(batch=batch).update(cancelled_at=now)
    Earning.objects.filter(payout__batch=batch).update(payout=None)
    if was_approved:
        _tell(batch, CANCELLED)


def owed_holders(until: date) -> list[Holder]:
    """Return the holders to whom something is owed until a day, in the order in which they are always locked."""
    owed = Earning.objects.filter(payout__isnull=True, earned_on__lte=until, amount__gt=0).values("holder_id")
    return list(Holder.objects.filter(pk__in=owed).order_by("pk"))


def obstacle(holder: Holder, account: BankAccount | None) -> str:
    """Return why a holder cannot be paid now; empty if it can."""
    if holder.status == HolderStatus.SUSPENDED:
        return "It is suspended."
    if account is None:
        return "It has not entered its bank details."
    if is_held(account) and account.hold_until:
        return (
            f"Its bank details have changed; nothing is paid before {account.hold_until:%B} {account.hold_until.day}."
        )
    return ""


def _prepare(batch: PayoutBatch, holder: Holder, until: date) -> LeftOut | None:
    Holder.objects.select_for_update(no_key=True).get(pk=holder.pk)
    account = account_of(holder)
    hindered = obstacle(holder, account)
    if account is None or hindered:
        return LeftOut(holder, hindered)
    earnings = list(Earning.objects.select_for_update(no_key=True).filter(unpaid(holder, until)))
    if not earnings:  # another batch was first
        return None
    amount = money.total(each.amount for each in earnings)
    payout = Payout.objects.create(batch=batch, holder=holder, bank_account=account, amount=amount)
    chosen = Earning.objects.filter(pk__in=[each.pk for each in earnings], payout=None)
    if chosen.update(payout=payout) != len(earnings):
        raise ValidationError("Somebody else prepares payouts at this moment. Try again.", code="moved_meanwhile")
    return None


def _check_accounts(batch: PayoutBatch) -> None:
    for payout in _locked(batch):
        account = account_of(payout.holder)
        if account is None or account.pk != payout.bank_account_id or is_held(account):
            told = (
                f"The bank details of {payout.holder.legal_name} have changed. Cancel this batch and prepare another."
            )
            raise ValidationError(told, code="account_changed")


def _locked(batch: PayoutBatch) -> Iterable[Payout]:
    payouts = list(batch.payouts.select_related("holder").order_by("holder_id"))
    list(
        Holder.objects.select_for_update(no_key=True).filter(pk__in=[each.holder_id for each in payouts]).order_by("pk")
    )
    return payouts


def _tell(batch: PayoutBatch, topic: str) -> None:
    for payout in batch.payouts.all():
        emit(topic, tenant_id=payout.holder_id, payout_id=payout.pk)
