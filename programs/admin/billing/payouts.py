"""Batches of payouts: prepared by one person, approved by another, paid, or cancelled."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse

from autopilot import clock
from autopilot.admin.base import badge
from programs import money
from programs.admin.billing.base import DAY, Answers, MoneyAdmin, ReasonForm, Task
from programs.models import PayoutBatch, PayoutBatchStatus
from programs.services.payouts import approve_batch, cancel_batch, pay_batch, prepare_batch
from programs.services.rights import APPROVE, PREPARE

OPEN = {PayoutBatchStatus.PREPARED, PayoutBatchStatus.APPROVED}


class PrepareForm(forms.Form):
    """Until which day earnings are paid."""

    until = forms.DateField(label="Earned until", widget=DAY, initial=clock.today)


class ApproveForm(forms.Form):
    """Nothing but the press of the button: what is approved stands above it."""


class PaidForm(forms.Form):
    """The bank's word for it."""

    reference = forms.CharField(
        label="Bank’s reference", max_length=120, widget=forms.TextInput(attrs={"class": "medium"}),
        help_text="Stands on the remittance of every holder.",
    )  # fmt: skip


def _approve(by: User, batch: PayoutBatch, said: Answers) -> str:
    approve_batch(batch, by=by)
    return "Approved. Pay it at the bank, then record the bank’s reference here."


def _pay(by: User, batch: PayoutBatch, said: Answers) -> str:
    pay_batch(batch, by=by, **said)
    return "Recorded as paid. The remittances are being made."


def _cancel(by: User, batch: PayoutBatch, said: Answers) -> str:
    cancel_batch(batch, by=by, **said)
    return "Cancelled. What it would have paid is owed again."


@admin.register(PayoutBatch)
class PayoutBatchAdmin(MoneyAdmin[PayoutBatch]):
    """The list of batches, and one of them with its payouts."""

    list_display = ["number", "standing", "holders", "sum", "prepared_by", "approved_by", "prepared_at"]
    list_select_related = ["prepared_by", "approved_by"]
    list_filter = ["status", "prepared_at"]
    search_fields = ["number", "payment_reference", "payouts__holder__legal_name"]
    search_help_text = "Number, the bank’s reference, or a holder"
    page_template = "programs/admin/billing/payout_batch.html"
    add_permission, add_title = PREPARE, "Prepare payouts"
    export_columns = (
        ("Number", "number"), ("Status", "status"), ("Holders", "count"), ("Amount", "amount"),
        ("Prepared by", "prepared_by"), ("Approved by", "approved_by"), ("Bank reference", "payment_reference"),
        ("Paid", "paid_at"),
    )  # fmt: skip
    tasks = (
        Task("approve", "Approve it", ApproveForm, _approve, APPROVE,
             lambda row: row.status == PayoutBatchStatus.PREPARED,
             "Whoever prepared it cannot approve it. Compare the amounts and accounts above first."),
        Task("pay", "Record that it was paid", PaidForm, _pay, PREPARE,
             lambda row: row.status == PayoutBatchStatus.APPROVED),
        Task("cancel", "Cancel it", ReasonForm, _cancel, PREPARE, lambda row: row.status in OPEN,
             "What it would have paid is owed again.", danger=True),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutBatch]:
        """Add how many are paid, and how much in all."""
        return super().get_queryset(request).annotate(count=Count("payouts"), amount=Sum("payouts__amount"))

    @admin.display(description="Status", ordering="status")
    def standing(self, row: PayoutBatch) -> str:
        """Show the status as a badge."""
        return badge(row.status, row.get_status_display())

    @admin.display(description="Holders", ordering="count")
    def holders(self, row: Any) -> int:
        """Show how many are paid."""
        return int(row.count)

    @admin.display(description="Amount", ordering="amount")
    def sum(self, row: Any) -> str:
        """Show the amount in all."""
        return money.written(row.amount or money.ZERO)

    def page_context(self, request: HttpRequest, row: PayoutBatch) -> dict[str, Any]:
        """Show who is paid how much, and where to."""
        payouts = list(
            row.payouts.select_related("holder", "bank_account", "document").annotate(parts=Count("earnings"))
        )
        shown = {
            "state": self.standing(row),
            "payouts": payouts,
            "amount": money.total(each.amount for each in payouts),
            "is_own": row.prepared_by_id == request.user.pk,
        }
        return super().page_context(request, row) | shown

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask until when; say who is left out and why."""

        def prepared(by: User, said: Answers) -> PayoutBatch:
            batch, left_out = prepare_batch(by=by, **said)
            for each in left_out[:20]:
                self.message_user(request, f"Left out: {each.holder}. {each.reason}", messages.WARNING)
            return batch

        return self.add_page(request, PrepareForm(request.POST or None), prepared)
