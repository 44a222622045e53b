"""What a holder owes and has paid: invoices, payments, statements."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from autopilot.documents.downloads import as_file
from programs.forms.billing import PeriodForm
from programs.models import CreditNote, Invoice, InvoiceStatus, MemberRole, Payment
from programs.portal import add_section
from programs.services.billing_documents import statement_document
from programs.services.statements import owed_by, statement_of
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of

add_section("Billing", "portal:billing", 70)
TABS = (
    ("Invoices", "portal:billing"),
    ("Payments", "portal:payments"),
    ("Statement", "portal:statement"),
    ("Payouts", "portal:payouts"),
    ("Bank details", "portal:bank"),
)


class BillingView(HolderView):
    """A page of billing, with the way to the others."""

    http_method_names = ["get", "head"]
    tab = "Invoices"

    def show(self, *args: Any, **context: Any) -> HttpResponse:
        """Return the page with the tabs of billing."""
        return super().show(*args, tabs=TABS, tab=self.tab, **context)

    @property
    def invoices(self) -> QuerySet[Invoice]:
        """What was sent to the holder; of drafts it knows nothing."""
        return Invoice.objects.filter(holder=self.holder).exclude(number="").select_related("document")


class Invoices(BillingView):
    """The invoices, the newest first, and what is owed of them in all."""

    template_name = "programs/portal/billing/invoices.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        return self.show(page=page_of(self.invoices.order_by("-number"), request), owed=owed_by(self.holder))


class OneInvoice(BillingView):
    """An invoice, with what was paid and credited of it."""

    template_name = "programs/portal/billing/invoice.html"

    def get(self, request: HttpRequest, invoice_id: UUID) -> HttpResponse:
        """Show it."""
        invoice = get_object_or_404(self.invoices, pk=invoice_id)
        return self.show(
            invoice=invoice,
            charges=invoice.charges.all(),
            payments=invoice.payments.all(),
            credit_notes=invoice.credit_notes.select_related("document"),
            overdue=invoice.status == InvoiceStatus.OVERDUE,
        )


class InvoiceFile(BillingView):
    """The PDF of an invoice."""

    def get(self, request: HttpRequest, invoice_id: UUID) -> HttpResponse:
        """Hand it out, once its job has made it."""
        invoice = get_object_or_404(self.invoices, pk=invoice_id)
        if invoice.document is None:
            raise Http404
        return as_file(invoice.document, by=self.user, name=invoice.number)


class CreditNoteFile(BillingView):
    """The PDF of a credit note."""

    def get(self, request: HttpRequest, note_id: UUID) -> HttpResponse:
        """Hand it out, once its job has made it."""
        notes = CreditNote.objects.select_related("document").filter(invoice__holder=self.holder)
        note = get_object_or_404(notes, pk=note_id)
        if note.document is None:
            raise Http404
        return as_file(note.document, by=self.user, name=note.number)


class Payments(BillingView):
    """What the holder has paid, the latest first."""

    tab = "Payments"
    template_name = "programs/portal/billing/payments.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List it."""
        paid = Payment.objects.filter(invoice__holder=self.holder).select_related("invoice")
        return self.show(page=page_of(paid.order_by("-received_on", "-pk"), request))


class StatementPage(BillingView):
    """The account of a period: shown, or as a PDF, which is archived."""

    http_method_names = ["get", "head", "post"]
    writes = MemberRole.READ_ONLY
    tab = "Statement"
    template_name = "programs/portal/billing/statement.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the period that the address asks for, or this year."""
        return self._shown(PeriodForm(request.GET if request.GET else PeriodForm.this_year()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Hand the period out as a PDF."""
        form = PeriodForm(request.POST)
        try:
            if form.is_valid():
                statement = statement_of(self.holder, **form.cleaned_data)
                name = f"statement-{statement.since}-{statement.until}"
                return as_file(statement_document(self.holder, statement), by=self.user, name=name)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        return self.show(form=form, status=422)

    def _shown(self, form: PeriodForm) -> HttpResponse:
        try:
            statement = statement_of(self.holder, **form.cleaned_data) if form.is_valid() else None
        except ValidationError as refusal:
            form.add_error(None, refusal)
            statement = None
        return self.show(form=form, statement=statement)
