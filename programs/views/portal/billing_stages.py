"""How billing and payouts stand, for the holder's overview."""

from programs import money
from programs.models import Earning, Holder, Invoice, InvoiceStatus, Payout, PayoutBatchStatus
from programs.portal import Stage, stage
from programs.services.bank_accounts import account_of, is_held
from programs.services.statements import owed_by


@stage(80)
def billing_stage(holder: Holder) -> Stage:
    """Tell what the holder owes."""
    owed = owed_by(holder)
    if owed:
        late = Invoice.objects.filter(holder=holder, status=InvoiceStatus.OVERDUE).exists()
        line = f"You owe {money.written(owed)}{', and some of it is overdue' if late else ''}."
        return Stage("Invoices", "due", line, "See the invoices", "portal:billing")
    sent = Invoice.objects.filter(holder=holder).exclude(number="").exists()
    return Stage("Invoices", "done" if sent else "pending", "You owe nothing." if sent else "No invoice was sent yet.")


@stage(90)
def payout_stage(holder: Holder) -> Stage:
    """Tell what the holder has earned, and what keeps it from being paid."""
    account, earned = account_of(holder), Earning.objects.filter(holder=holder)
    if account is None and (earned.exists() or holder.mous.filter(executed_at__isnull=False).exists()):
        line = "Enter your bank details, so that we can pay you."
        return Stage("Payouts", "due", line, "Enter bank details", "portal:bank")
    if account and is_held(account) and account.hold_until:
        line = (
            f"Your bank details have changed; nothing is paid before {account.hold_until:%B} {account.hold_until.day}."
        )
        return Stage("Payouts", "waiting", line)
    coming = money.total(earned.exclude(payout__batch__status=PayoutBatchStatus.PAID).values_list("amount", flat=True))
    if coming:
        return Stage("Payouts", "waiting", f"You have earned {money.written(coming)} that we pay next.")
    paid = Payout.objects.filter(holder=holder, batch__status=PayoutBatchStatus.PAID).exists()
    line = "All that you have earned is paid." if paid else "What you earn by your MOU is paid here."
    return Stage("Payouts", "done" if paid else "pending", line)
