"""Invoices and payouts over the API: to read; whoever bills and pays does so in the office."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.schemas import answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, caller, find_row, query_of
from autopilot.models.tokens import ApiToken, Scope
from programs.access import holders_for
from programs.models import Charge, Invoice, InvoiceStatus, Payout, PayoutBatchStatus

SENT_STATUSES = [choice for choice in InvoiceStatus.choices if choice[0] != InvoiceStatus.DRAFT]
SHOWN_STATUSES = [choice for choice in PayoutBatchStatus.choices if choice[0] != PayoutBatchStatus.PREPARED]
HOLDER_HELP = "Of one holder alone, by its id."


def invoices_for(token: ApiToken) -> QuerySet[Invoice]:
    """Return the invoices a token may see: those that were sent to the holders it may reach."""
    holders = holders_for(token, "programs.view_invoice").values("pk")
    return Invoice.objects.filter(holder__in=holders).exclude(number="")


def payouts_for(token: ApiToken) -> QuerySet[Payout]:
    """Return the payouts a token may see: those that were approved, of the holders it may reach."""
    holders = holders_for(token, "programs.view_payout").values("pk")
    return Payout.objects.filter(holder__in=holders, batch__approved_at__isnull=False).select_related("batch")


class InvoiceLineSerializer(serializers.ModelSerializer[Charge]):
    """A charge as it stands on an invoice."""

    class Meta:
        model = Charge
        fields = ["reference", "description", "quantity", "unit_price", "taxable", "amount"]
        read_only_fields = fields


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    """An invoice, and what is still open of it."""

    tenant_id = serializers.UUIDField(source="holder_id", read_only=True, help_text="The holder it was sent to.")
    balance = serializers.SerializerMethodField(help_text="What is still to be paid.")
    lines = InvoiceLineSerializer(source="charges", many=True, read_only=True)

    class Meta:
        model = Invoice
        fields = [
            "id",
            "number",
            "tenant_id",
            "status",
            "issued_on",
            "due_on",
            "tax_percent",
            "subtotal",
            "tax",
            "total",
            "balance",
            "paid_at",
            "lines",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "decimal"})
    def get_balance(self, invoice: Invoice) -> str:
        """Return what is still to be paid."""
        return str(invoice.balance)


class PayoutSerializer(serializers.ModelSerializer[Payout]):
    """A payout to one holder."""

    number = serializers.CharField(source="batch.number", read_only=True, help_text="Of its batch.")
    tenant_id = serializers.UUIDField(source="holder_id", read_only=True, help_text="The holder it is paid to.")
    status = serializers.ChoiceField(SHOWN_STATUSES, source="batch.status", read_only=True)
    approved_at = serializers.DateTimeField(source="batch.approved_at", read_only=True)
    paid_at = serializers.DateTimeField(source="batch.paid_at", read_only=True, allow_null=True)
    payment_reference = serializers.CharField(source="batch.payment_reference", read_only=True)

    class Meta:
        model = Payout
        fields = ["id", "number", "tenant_id", "status", "amount", "approved_at", "paid_at", "payment_reference"]
        read_only_fields = fields


class InvoiceQuerySerializer(StrictSerializer):
    """Which invoices to list."""

    status = serializers.ChoiceField(SENT_STATUSES, required=False, help_text="Where they stand.")
    holder = serializers.UUIDField(required=False, help_text=HOLDER_HELP)


class PayoutQuerySerializer(StrictSerializer):
    """Which payouts to list."""

    status = serializers.ChoiceField(SHOWN_STATUSES, required=False, help_text="Where they stand.")
    holder = serializers.UUIDField(required=False, help_text=HOLDER_HELP)


SAMPLE_INVOICE = {
    "id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d20",
    "number": "INV-202611-0042",
    "tenant_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d13",
    "status": "sent",
    "issued_on": "2026-11-20",
    "due_on": "2026-12-20",
    "tax_percent": "7.000",
    "subtotal": "250.00",
    "tax": "17.50",
    "total": "267.50",
    "balance": "267.50",
    "paid_at": None,
    "lines": [
        {
            "reference": "fee-2026-11",
            "description": "Network fee, November 2026",
            "quantity": "1.00",
            "unit_price": "250.00",
            "taxable": True,
            "amount": "250.00",
        }
    ],
}
SAMPLE_PAYOUT = {
    "id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d21",
    "number": "PAY-202611-0003",
    "tenant_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d13",
    "status": "paid",
    "amount": "1498.50",
    "approved_at": "2026-11-19T15:00:00Z",
    "paid_at": "2026-11-20T14:00:00Z",
    "payment_reference": "ACH 90217",
}


def _page(sample: dict[str, Any]) -> dict[str, Any]:
    return {"next": None, "previous": None, "results": [sample]}


class Invoices(ApiView):
    """The invoices that the token may see."""

    subject = "invoices"
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes: ClassVar[dict[str, Scope]] = {"GET": Scope.INVOICES_READ}
    ordering = ("-created_at", "-id")

    @operation(
        "list_invoices",
        "List invoices",
        {200: answer(InvoiceSerializer(many=True), "A page of invoices, the newest first.", _page(SAMPLE_INVOICE))},
        parameters=[InvoiceQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List the invoices that were sent: to the token's tenant; without a tenant, to every holder for staff with the
        permission, and for anybody else to those they are a member of."""
        rows = invoices_for(caller(request)).filter(_asked(query_of(request, InvoiceQuerySerializer), "status"))
        lines = Prefetch("charges", Charge.objects.order_by("incurred_on", "id"))
        return self.page_of(rows.prefetch_related(lines), InvoiceSerializer)


class OneInvoice(ApiView):
    """An invoice."""

    subject = "invoices"
    permission_classes = [HasScope]
    scopes: ClassVar[dict[str, Scope]] = {"GET": Scope.INVOICES_READ}

    @operation(
        "read_invoice",
        "Read an invoice",
        {200: answer(InvoiceSerializer, "The invoice.", SAMPLE_INVOICE)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell what stands on an invoice, and what is still open of it."""
        return Response(InvoiceSerializer(find_row(invoices_for(caller(request)), pk=pk)).data)


class Payouts(ApiView):
    """The payouts that the token may see."""

    subject = "payouts"
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes: ClassVar[dict[str, Scope]] = {"GET": Scope.PAYOUTS_READ}
    ordering = ("-created_at", "-id")

    @operation(
        "list_payouts",
        "List payouts",
        {200: answer(PayoutSerializer(many=True), "A page of payouts, the newest first.", _page(SAMPLE_PAYOUT))},
        parameters=[PayoutQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List the payouts that were approved: of the token's tenant; without a tenant, of every holder for staff with
        the permission, and for anybody else of those they are a member of."""
        asked = _asked(query_of(request, PayoutQuerySerializer), "batch__status")
        return self.page_of(payouts_for(caller(request)).filter(asked), PayoutSerializer)


class OnePayout(ApiView):
    """A payout."""

    subject = "payouts"
    permission_classes = [HasScope]
    scopes: ClassVar[dict[str, Scope]] = {"GET": Scope.PAYOUTS_READ}

    @operation(
        "read_payout",
        "Read a payout",
        {200: answer(PayoutSerializer, "The payout.", SAMPLE_PAYOUT)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell how much is paid, and whether it was."""
        return Response(PayoutSerializer(find_row(payouts_for(caller(request)), pk=pk)).data)


def _asked(query: dict[str, Any], status: str) -> Q:
    asked = Q(**{status: query["status"]}) if "status" in query else Q()
    return asked & Q(holder=query["holder"]) if "holder" in query else asked
