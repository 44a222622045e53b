"""Invoices: drafted from charges, sent, settled, cancelled."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from autopilot import clock
from autopilot.admin.base import badge
from autopilot.admin.document_requests import DocumentPages
from autopilot.admin.exports import exported
from autopilot.documents.errors import PdfError
from autopilot.documents.tables import TYPES
from programs import money
from programs.admin.billing.base import DAY, Answers, MoneyAdmin, MoneyField, ReasonForm, Task
from programs.billing_report import BillingLine, as_rows, billing_report
from programs.models import Charge, Invoice, InvoiceStatus
from programs.services.earnings import Month
from programs.services.invoices import MOST_LINES, cancel_invoice, draft_invoice, send_invoice
from programs.services.payments import issue_credit_note, record_payment
from programs.services.rights import BILL

OPEN = {InvoiceStatus.SENT, InvoiceStatus.OVERDUE}


class DraftForm(forms.Form):
    """Which charges of a holder stand on the invoice; without a holder, all that stand on none."""

    charges = forms.ModelMultipleChoiceField(
        Charge.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=f"Of one holder, at most {MOST_LINES}. A charge’s own page leads to those of its holder alone.",
        error_messages={"required": "Choose at least one charge. If there is none, enter it under Charges first."},
    )
    tax_percent = forms.DecimalField(
        label="Tax in percent", max_digits=5, decimal_places=3, initial=0, help_text="On taxable charges."
    )
    notes = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, holder: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = (
            Charge.objects.filter(invoice=None).select_related("holder").order_by("holder__legal_name", "incurred_on")
        )
        offered = rows.filter(holder=UUID(holder)) if _is_id(holder) else rows
        charges: Any = self.fields["charges"]
        charges.queryset = rows.filter(pk__in=[*offered.values_list("pk", flat=True)[:MOST_LINES]])
        charges.label_from_instance = _label

    def clean_charges(self) -> list[Charge]:
        """Refuse charges of several holders."""
        chosen = list(self.cleaned_data["charges"][: MOST_LINES + 1])
        if len({each.holder_id for each in chosen}) > 1:
            raise forms.ValidationError("Choose charges of one holder only.", code="charges")
        return chosen


class SendForm(forms.Form):
    """Until when it is to be paid."""

    due_on = forms.DateField(
        label="Due on", required=False, widget=DAY, help_text="Empty: after the usual number of days."
    )


class PaymentForm(forms.Form):
    """What came in."""

    amount = MoneyField(label="Amount in dollars")
    reference = forms.CharField(
        max_length=120,
        help_text="The bank’s or the check’s, unique.",
        widget=forms.TextInput(attrs={"class": "medium"}),
    )
    received_on = forms.DateField(label="Received on", widget=DAY, initial=clock.today)


class CreditForm(ReasonForm):
    """How much is taken back, and why."""

    amount = MoneyField(label="Amount in dollars")
    field_order = ("amount", "reason")


def _send(by: User, invoice: Invoice, said: Answers) -> str:
    send_invoice(invoice, by=by, **said)
    return f"Sent as {invoice.number}. Its PDF is being made."


def _pay(by: User, invoice: Invoice, said: Answers) -> str:
    record_payment(invoice, by=by, **said)
    return f"Recorded. {money.written(invoice.balance)} is still open."


def _credit(by: User, invoice: Invoice, said: Answers) -> str:
    note = issue_credit_note(invoice, by=by, **said)
    return f"Issued as {note.number}. {money.written(invoice.balance)} is still open."


def _cancel(by: User, invoice: Invoice, said: Answers) -> str:
    cancel_invoice(invoice, by=by, **said)
    return "Cancelled."


@admin.register(Invoice)
class InvoiceAdmin(DocumentPages[Invoice], MoneyAdmin[Invoice]):
    """The list of invoices, and one of them with all that happened to it."""

    list_display = ["name", "holder", "standing", "sum", "open", "issued_on", "due_on"]
    list_select_related = ["holder"]
    list_filter = ["status", "issued_on", "due_on"]
    search_fields = ["number", "holder__legal_name"]
    search_help_text = "Number or holder"
    page_template = "programs/admin/billing/invoice.html"
    change_list_template = "programs/admin/billing/invoices.html"
    add_permission, add_title = BILL, "Draft an invoice"
    export_columns = (
        ("Number", "number"), ("Holder", "holder.legal_name"), ("Status", "status"), ("Subtotal", "subtotal"),
        ("Tax", "tax"), ("Total", "total"), ("Open", "balance"), ("Issued", "issued_on"), ("Due", "due_on"),
    )  # fmt: skip
    tasks = (
        Task("send", "Send it", SendForm, _send, BILL, lambda row: row.status == InvoiceStatus.DRAFT,
             "It gets its number, and nothing on it changes any more."),
        Task("pay", "Record a payment", PaymentForm, _pay, BILL, lambda row: row.status in OPEN,
             "A part or all of what is open; never more."),
        Task("credit", "Issue a credit note", CreditForm, _credit, BILL, lambda row: row.status in OPEN,
             "Takes back a part or all of what is open."),
        Task("cancel", "Cancel it", ReasonForm, _cancel, BILL,
             lambda row: row.status == InvoiceStatus.DRAFT or (row.status in OPEN and not row.settled),
             "A draft gives its charges back; what was sent keeps its number and its charges.", danger=True),
    )  # fmt: skip

    @admin.display(description="Number", ordering="number")
    def name(self, row: Invoice) -> str:
        """Show the number, or that there is none yet."""
        return row.number or "Draft"

    @admin.display(description="Status", ordering="status")
    def standing(self, row: Invoice) -> str:
        """Show the status as a badge."""
        return badge(row.status, row.get_status_display())

    @admin.display(description="Total", ordering="total")
    def sum(self, row: Invoice) -> str:
        """Show the total in dollars."""
        return money.written(row.total)

    @admin.display(description="Open")
    def open(self, row: Invoice) -> str:
        """Show what is still to be paid."""
        return money.written(row.balance)

    def page_context(self, request: HttpRequest, row: Invoice) -> dict[str, Any]:
        """Show charges, payments and credit notes."""
        shown = {
            "state": self.standing(row),
            "charges": row.charges.all(),
            "payments": row.payments.select_related("recorded_by"),
            "credit_notes": row.credit_notes.select_related("document"),
        }
        return super().page_context(request, row) | shown

    def get_urls(self) -> list[URLPattern]:
        """Add the month's report."""
        view = self.admin_site.admin_view(require_safe(self.report_view))
        return [path("report/", view, name="billing_report"), *super().get_urls()]

    def report_view(self, request: HttpRequest) -> HttpResponse:
        """Show what every holder was billed, paid and earned in a month, or hand it out as CSV, XLSX or PDF."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked, problem = request.GET.get("month") or f"{clock.today():%Y-%m}", ""
        try:
            lines = billing_report(Month.read(asked))
        except ValidationError as refusal:
            lines, problem = [], " ".join(refusal.messages)
        if (form := request.GET.get("format", "")) in TYPES and not problem:
            try:
                return exported(_table(lines, form), form, title=f"Billing, {asked}", name=f"billing-{asked}")
            except PdfError as refusal:
                problem = f"The PDF could not be made: {refusal} Take the XLSX."
        context = {
            "title": "Billing by month",
            "opts": self.opts,
            "lines": lines,
            "month": asked,
            "problem": problem,
            "forms": list(TYPES),
        }
        shown = self.admin_site.each_context(request) | context
        return TemplateResponse(request, "programs/admin/billing/report.html", shown, status=422 if problem else 200)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask which charges stand on it."""
        return self.add_page(request, DraftForm(request.POST or None, holder=request.GET.get("holder", "")), _drafted)


def _table(lines: Sequence[BillingLine], form: str) -> list[list[Any]]:
    """Return the report with its headings: as the command prints it in CSV, for people in the others."""
    every = [field.name for field in fields(BillingLine)]
    names = every if form == "csv" else [name for name in every if name != "holder_id"]
    heading = names if form == "csv" else [name.replace("_", " ").capitalize() for name in names]
    return [heading, *([row[name] for name in names] for row in as_rows(lines))]


def _drafted(by: User, said: Answers) -> Invoice:
    charges = said.pop("charges")
    return draft_invoice(charges[0].holder, charges, by=by, **said)


def _label(charge: Charge) -> str:
    return (
        f"{charge.holder}: {charge.description}, {money.written(charge.amount)}{', taxable' if charge.taxable else ''}"
    )


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
