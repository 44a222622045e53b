"""Payments, credit notes, earnings and payouts as lists: to find, to read, to take along."""

from typing import Any

from django.contrib import admin

from autopilot.admin.base import ReadOnlyAdmin, badge
from autopilot.admin.exports import ExportedAdmin
from programs import money
from programs.models import CreditNote, Earning, Payment, Payout


class RecordAdmin(ExportedAdmin[Any], ReadOnlyAdmin[Any]):
    """Rows that are written once."""

    @admin.display(description="Amount", ordering="amount")
    def sum(self, row: Any) -> str:
        """Show the amount in dollars."""
        return money.written(row.amount)


@admin.register(Payment)
class PaymentAdmin(RecordAdmin):
    """What holders have paid."""

    list_display = ["reference", "invoice", "holder", "sum", "received_on", "recorded_by"]
    list_select_related = ["invoice__holder", "recorded_by"]
    list_filter = ["received_on"]
    search_fields = ["reference", "invoice__number", "invoice__holder__legal_name"]
    fields = ["reference", "invoice", "amount", "received_on", "recorded_by", "recorded_at"]
    export_columns = (
        ("Reference", "reference"), ("Invoice", "invoice.number"), ("Holder", "invoice.holder.legal_name"),
        ("Amount", "amount"), ("Received", "received_on"),
    )  # fmt: skip

    @admin.display(description="Holder", ordering="invoice__holder__legal_name")
    def holder(self, row: Payment) -> str:
        """Show who paid."""
        return str(row.invoice.holder)


@admin.register(CreditNote)
class CreditNoteAdmin(RecordAdmin):
    """What was taken back of invoices."""

    list_display = ["number", "invoice", "holder", "sum", "issued_at", "issued_by"]
    list_select_related = ["invoice__holder", "issued_by"]
    list_filter = ["issued_at"]
    search_fields = ["number", "invoice__number", "invoice__holder__legal_name"]
    fields = ["number", "invoice", "amount", "reason", "document", "issued_by", "issued_at"]
    export_columns = (
        ("Number", "number"), ("Invoice", "invoice.number"), ("Holder", "invoice.holder.legal_name"),
        ("Amount", "amount"), ("Reason", "reason"), ("Issued", "issued_at"),
    )  # fmt: skip

    @admin.display(description="Holder", ordering="invoice__holder__legal_name")
    def holder(self, row: CreditNote) -> str:
        """Show whose invoice it was."""
        return str(row.invoice.holder)


@admin.register(Earning)
class EarningAdmin(RecordAdmin):
    """What holders have earned by their MOUs, and which payout pays it."""

    list_display = ["description", "holder", "sum", "earned_on", "paid_by"]
    list_select_related = ["holder", "payout__batch"]
    list_filter = [("payout", admin.EmptyFieldListFilter), "earned_on"]
    search_fields = ["reference", "description", "holder__legal_name"]
    fields = ["holder", "reference", "description", "basis", "amount", "earned_on", "mou", "payout"]
    export_columns = (
        ("Holder", "holder.legal_name"), ("Description", "description"), ("Basis", "basis"), ("Amount", "amount"),
        ("Earned", "earned_on"), ("Batch", "payout.batch.number"),
    )  # fmt: skip

    @admin.display(description="Paid by", empty_value="—")
    def paid_by(self, row: Earning) -> str | None:
        """Show the batch that pays it."""
        return row.payout.batch.number if row.payout else None


@admin.register(Payout)
class PayoutAdmin(RecordAdmin):
    """What is paid to each holder."""

    list_display = ["batch", "holder", "sum", "standing", "created_at"]
    list_select_related = ["holder", "batch"]
    list_filter = ["batch__status", "created_at"]
    search_fields = ["batch__number", "holder__legal_name"]
    fields = ["batch", "holder", "amount", "bank_account", "document", "cancelled_at", "created_at"]
    export_columns = (
        ("Batch", "batch.number"), ("Holder", "holder.legal_name"), ("Amount", "amount"), ("Status", "batch.status"),
        ("Bank reference", "batch.payment_reference"), ("Paid", "batch.paid_at"),
    )  # fmt: skip

    @admin.display(description="Status", ordering="batch__status")
    def standing(self, row: Payout) -> str:
        """Show where its batch stands."""
        return badge(row.batch.status, row.batch.get_status_display())
