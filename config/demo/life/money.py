"""An invoice that is paid, one that is sent, what the holder has earned, and a batch that is to pay it."""

from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import clock
from programs.models import Holder, Invoice, Program
from programs.services.bank_accounts import enter_bank_account
from programs.services.charges import charge
from programs.services.earnings import Month, accrue
from programs.services.invoices import draft_invoice, send_invoice
from programs.services.payments import record_payment
from programs.services.payouts import prepare_batch
from programs.services.revenue import record_revenue

ROUTING, ACCOUNT = "021000021", "000998877665"


@transaction.atomic
def bill_and_pay(holder: Holder, program: Program, *, owner: User, by: User) -> None:
    """Bill the holder, record what came in, and prepare to pay what it has earned; once."""
    if holder.invoices.exists():
        return
    paid = _sent(holder, "demo-annual-fee", "Annual network fee", Decimal("450.00"), by)
    _sent(holder, "demo-booth", "Booth at the spring job fair", Decimal("125.00"), by)
    record_payment(paid, reference="demo-check-1107", amount=paid.total, received_on=clock.today(), by=by)
    _earn(holder, program, owner, by)


def _sent(holder: Holder, reference: str, what: str, price: Decimal, by: User) -> Invoice:
    made = charge(holder, reference=reference, description=what, unit_price=price, incurred_on=clock.today(), by=by)
    invoice = draft_invoice(holder, [made], by=by)
    send_invoice(invoice, by=by)
    return invoice


def _earn(holder: Holder, program: Program, owner: User, by: User) -> None:
    """Have a share of today's revenue earned: the MOU is in force since today, so the month is not waited for."""
    today = clock.today()
    enter_bank_account(
        holder, account_holder=holder.legal_name, routing_number=ROUTING, account_number=ACCOUNT, by=owner
    )
    record_revenue(
        program, reference="demo-funds-0001", description="Tuition of ten students, first part",
        gross=Decimal("11800.00"), costs=Decimal("1300.00"), cleared_on=today, by=by,
    )  # fmt: skip
    accrue(holder, Month.read(f"{today:%Y-%m}"))
    prepare_batch(until=today, by=by)
