"""Bank accounts: masked, and revealed for a reason that is recorded."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from programs.admin.billing.base import Answers, MoneyAdmin, Task
from programs.models import BankAccount
from programs.services.bank_accounts import is_held, reveal_bank_account
from programs.services.rights import REVEAL


class RevealForm(forms.Form):
    """Why the whole number is needed."""

    reason = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Recorded with your name in the audit.",
    )


def _reveal(by: User, account: BankAccount, said: Answers) -> str:
    routing, number = reveal_bank_account(account, by=by, **said)
    return f"Routing number {routing}, account number {number}"


@admin.register(BankAccount)
class BankAccountAdmin(MoneyAdmin[BankAccount]):
    """Where holders are paid; of each number only the end."""

    list_display = ["holder", "account_holder", "ending", "in_use", "hold_until", "entered_by", "entered_at"]
    list_select_related = ["holder", "entered_by"]
    list_filter = [("replaced_at", admin.EmptyFieldListFilter)]
    search_fields = ["holder__legal_name", "account_holder"]
    search_help_text = "Holder, or the name on the account"
    page_template = "programs/admin/billing/bank_account.html"
    export_columns = (
        ("Holder", "holder.legal_name"), ("Name on the account", "account_holder"), ("Ending in", "last_four"),
        ("Entered", "entered_at"), ("Hold until", "hold_until"), ("Replaced", "replaced_at"),
    )  # fmt: skip
    tasks = (
        Task("reveal", "Reveal the numbers", RevealForm, _reveal, REVEAL, lambda row: True,
             "They are shown once, on the next page."),
    )  # fmt: skip

    @admin.display(description="Account")
    def ending(self, row: BankAccount) -> str:
        """Show the end of the number."""
        return f"ending in {row.last_four}"

    @admin.display(description="In use", boolean=True)
    def in_use(self, row: BankAccount) -> bool:
        """Show whether the holder is paid to it."""
        return row.replaced_at is None

    def page_context(self, request: HttpRequest, row: BankAccount) -> dict[str, Any]:
        """Tell whether it is held."""
        return super().page_context(request, row) | {"held": is_held(row)}

    def done(self, request: HttpRequest, row: BankAccount, told: str) -> HttpResponse:
        """Show the numbers on this one answer: in a message they would lie in a cookie or a session."""
        return self.page(request, row, revealed=told)
