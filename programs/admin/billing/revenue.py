"""Revenue: what programs brought the network, the basis of shares."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from autopilot import clock
from programs import money
from programs.admin.billing.base import DAY, MoneyAdmin, MoneyField
from programs.models import Program, Revenue
from programs.services.revenue import record_revenue
from programs.services.rights import RECORD_REVENUE


class RevenueForm(forms.Form):
    """What cleared, for which program."""

    program = forms.ModelChoiceField(Program.objects.select_related("holder").order_by("holder__legal_name", "title"))
    reference = forms.CharField(max_length=120, help_text="The funder’s, unique: the same twice counts once.")
    description = forms.CharField(max_length=300, help_text="As the holder reads it with its earnings.")
    gross = MoneyField(label="Gross in dollars")
    costs = MoneyField(label="Costs in dollars", initial="0.00", help_text="Taken off before anything is shared.")
    cleared_on = forms.DateField(label="Cleared on", widget=DAY, initial=clock.today)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        program: Any = self.fields["program"]
        program.label_from_instance = lambda row: f"{row.holder}: {row.title}"


@admin.register(Revenue)
class RevenueAdmin(MoneyAdmin[Revenue]):
    """The list of cleared revenue."""

    list_display = ["reference", "holder", "program", "brought", "shared", "cleared_on"]
    list_select_related = ["holder", "program"]
    list_filter = ["cleared_on"]
    search_fields = ["reference", "description", "holder__legal_name", "program__title"]
    page_template = "programs/admin/billing/revenue.html"
    add_permission, add_title = RECORD_REVENUE, "Record revenue"
    export_columns = (
        ("Reference", "reference"), ("Holder", "holder.legal_name"), ("Program", "program.title"), ("Gross", "gross"),
        ("Costs", "costs"), ("Net", "net"), ("Cleared", "cleared_on"),
    )  # fmt: skip

    @admin.display(description="Gross", ordering="gross")
    def brought(self, row: Revenue) -> str:
        """Show what came in."""
        return money.written(row.gross)

    @admin.display(description="Net")
    def shared(self, row: Revenue) -> str:
        """Show what is shared."""
        return money.written(row.net)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for what cleared."""
        return self.add_page(request, RevenueForm(request.POST or None), _recorded)


def _recorded(by: User, said: dict[str, Any]) -> Revenue:
    return record_revenue(said.pop("program"), by=by, **said)
