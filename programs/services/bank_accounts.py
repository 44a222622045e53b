"""Where holders are paid: entered by their owners, encrypted, masked, and revealed only with a reason that is recorded."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import emit
from programs.models import BankAccount, Holder, Member, MemberRole
from programs.services.charges import checked_text
from programs.services.rights import REVEAL

CHANGED = "programs.bank_account.changed"
ROUTING_DIGITS = 9
ROUTING_WEIGHTS = (3, 7, 1) * 3
ACCOUNT_DIGITS = range(4, 18)
LONGEST_NAME, LONGEST_REASON = 150, 200


@transaction.atomic
def enter_bank_account(
    holder: Holder, *, account_holder: str, routing_number: str, account_number: str, by: User
) -> BankAccount:
    """Keep where a holder is to be paid from now on.

    A change holds all payouts back for BANK_HOLD_DAYS, and tells the contact as it was when the former account was
    entered. The account that stands already is left as it is. Raises PermissionDenied for anybody but an owner, and
    ValidationError with the code `account_holder`, `routing_number` or `account_number`.
    """
    if not Member.objects.filter(holder=holder, user=by, role=MemberRole.OWNER, left_at=None).exists():
        raise PermissionDenied("Only an owner of the organization enters its bank details.")
    Holder.objects.select_for_update(no_key=True).get(pk=holder.pk)
    name = checked_text(account_holder, "account_holder", LONGEST_NAME)
    routing, number = _checked_routing(routing_number), _checked_account(account_number)
    former = account_of(holder)
    if former and (former.account_holder, former.routing_number, former.account_number) == (name, routing, number):
        return former
    BankAccount.objects.filter(holder=holder, replaced_at=None).update(replaced_at=clock.now())
    made = BankAccount.objects.create(
        holder=holder,
        account_holder=name,
        routing_number=routing,
        account_number=number,
        last_four=number[-4:],
        contact_email=holder.contact_email,
        hold_until=clock.now() + timedelta(days=settings.BANK_HOLD_DAYS) if former else None,
        entered_by=by,
    )
    audit.record(by, "programs.bank_account.entered", made, holder_id=holder.pk, former_id=former and former.pk)
    if former:
        emit(CHANGED, tenant_id=holder.pk, bank_account_id=made.pk, former_id=former.pk)
    return made


def account_of(holder: Holder) -> BankAccount | None:
    """Return the account a holder is paid to, if it has entered one."""
    return BankAccount.objects.filter(holder=holder, replaced_at=None).first()


def is_held(account: BankAccount) -> bool:
    """Return whether nothing may be paid to an account yet, because it is new in the place of another."""
    return account.hold_until is not None and account.hold_until > clock.now()


@transaction.atomic
def reveal_bank_account(account: BankAccount, *, reason: str, by: User) -> tuple[str, str]:
    """Return the whole routing and account number to staff with the permission; each time is recorded.

    Raises PermissionDenied, and ValidationError with the code `no_reason`.
    """
    if not by.has_perm(REVEAL):
        raise PermissionDenied("You may not read whole account numbers.")
    if not reason.strip():
        raise ValidationError("Say why you need the whole number; it is recorded with your name.", code="no_reason")
    audit.record(by, "programs.bank_account.revealed", account, reason=reason[:LONGEST_REASON])
    return account.routing_number, account.account_number


def _checked_routing(text: str) -> str:
    """Return a routing number whose check digit is right (ABA: weights 3, 7, 1; the sum is a multiple of ten)."""
    digits = text.replace(" ", "").replace("-", "")
    right = digits.isascii() and digits.isdecimal() and len(digits) == ROUTING_DIGITS and digits != "0" * ROUTING_DIGITS
    if not right or sum(int(digit) * weight for digit, weight in zip(digits, ROUTING_WEIGHTS, strict=True)) % 10:
        raise ValidationError("Enter the nine digits at the bottom left of a check.", code="routing_number")
    return digits


def _checked_account(text: str) -> str:
    digits = text.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) in ACCOUNT_DIGITS):
        raise ValidationError("Enter the account number: 4 to 17 digits.", code="account_number")
    return digits
