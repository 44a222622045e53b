"""Money as staff see it: charges, invoices and what settles them; earnings, payouts and where they go."""

from programs.admin.billing.bank_accounts import BankAccountAdmin
from programs.admin.billing.charges import ChargeAdmin
from programs.admin.billing.invoices import InvoiceAdmin
from programs.admin.billing.payouts import PayoutBatchAdmin
from programs.admin.billing.records import CreditNoteAdmin, EarningAdmin, PaymentAdmin, PayoutAdmin
from programs.admin.billing.revenue import RevenueAdmin

__all__ = [
    "BankAccountAdmin",
    "ChargeAdmin",
    "CreditNoteAdmin",
    "EarningAdmin",
    "InvoiceAdmin",
    "PaymentAdmin",
    "PayoutAdmin",
    "PayoutBatchAdmin",
    "RevenueAdmin",
]
