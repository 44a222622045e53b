"""Charges: entered by staff or by jobs, and put on invoices."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from autopilot import clock
from programs import money
from programs.admin.billing.base import DAY, MoneyAdmin, MoneyField
from programs.models import Charge, Holder
from programs.services.charges import charge
from programs.services.rights import BILL


class ChargeForm(forms.Form):
    """Whom to charge, for what, how much."""

    holder = forms.ModelChoiceField(Holder.objects.order_by("legal_name"))
    reference = forms.CharField(
        max_length=120, help_text="Unique, such as fee-2026-harbor: the same charge twice counts once."
    )
    description = forms.CharField(max_length=300, help_text="As it stands on the invoice.")
    quantity = forms.DecimalField(max_digits=10, decimal_places=2, initial=Decimal(1))
    unit_price = MoneyField(label="Unit price in dollars")
    taxable = forms.BooleanField(required=False)
    incurred_on = forms.DateField(label="Day", widget=DAY, initial=clock.today)


@admin.register(Charge)
class ChargeAdmin(MoneyAdmin[Charge]):
    """The list of charges."""

    list_display = ["reference", "holder", "description", "sum", "incurred_on", "invoice"]
    list_select_related = ["holder", "invoice"]
    list_filter = [("invoice", admin.EmptyFieldListFilter), "taxable", "incurred_on"]
    search_fields = ["reference", "description", "holder__legal_name"]
    search_help_text = "Reference, description or holder"
    page_template = "programs/admin/billing/charge.html"
    add_permission, add_title = BILL, "New charge"
    export_columns = (
        ("Reference", "reference"), ("Holder", "holder.legal_name"), ("Description", "description"),
        ("Quantity", "quantity"), ("Unit price", "unit_price"), ("Amount", "amount"), ("Day", "incurred_on"),
        ("Invoice", "invoice"),
    )  # fmt: skip

    @admin.display(description="Amount", ordering="amount")
    def sum(self, row: Charge) -> str:
        """Show the amount in dollars."""
        return money.written(row.amount)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a charge."""
        return self.add_page(request, ChargeForm(request.POST or None), _charged)


def _charged(by: User, said: dict[str, Any]) -> Charge:
    return charge(said.pop("holder"), by=by, **said)
