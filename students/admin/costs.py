"""Money about students in the office: training accounts with their steps, and supportive services."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User

from programs import money
from programs.admin.billing.base import DAY, Answers, MoneyAdmin, MoneyField, Task
from students.admin.base import Facts, FactsAdmin
from students.admin.records import OfStudentAdmin
from students.models import CostKind, Student, SupportiveService, SupportKind, TrainingAccount
from students.services import costs
from students.services.costs import Spent, enter_cost, enter_support


class CostForm(forms.Form):
    """One step of an account."""

    kind = forms.ChoiceField(label="What it is", choices=CostKind.choices)
    amount = MoneyField()
    reference = forms.CharField(max_length=costs.LONGEST_REFERENCE, help_text="The same reference is the same step.")
    on = forms.DateField(label="Day", widget=DAY)
    note = forms.CharField(max_length=costs.LONGEST_NOTE, required=False)


class SupportForm(forms.Form):
    """One supportive service."""

    kind = forms.ChoiceField(label="What it is", choices=SupportKind.choices)
    description = forms.CharField(max_length=costs.LONGEST_NOTE)
    amount = MoneyField()
    provided_on = forms.DateField(label="Given on", widget=DAY)
    reference = forms.CharField(max_length=costs.LONGEST_REFERENCE)


def _enter(by: User, row: TrainingAccount, said: Answers) -> str:
    made = enter_cost(row, Spent(**said), by=by)
    return f"{made.get_kind_display()} of {money.written(made.amount)} entered."


@admin.register(TrainingAccount)
class TrainingAccountAdmin(MoneyAdmin[TrainingAccount], FactsAdmin[TrainingAccount]):
    """The list of accounts, and one of them; it is opened on the page of its enrollment."""

    list_display = ["number", "student_name", "obligated", "vouchered", "paid", "refunded", "opened_at"]
    list_select_related = ["enrollment__student"]
    search_fields = ["number", "enrollment__student__last_name"]
    search_help_text = "Number of the account, or name of the student"
    export_columns = (
        ("Number", "number"), ("Enrollment", "enrollment_id"), ("Limit", "limit"), ("Obligated", "obligated"),
        ("Vouchered", "vouchered"), ("Paid", "paid"), ("Refunded", "refunded"), ("Opened", "opened_at"),
    )  # fmt: skip
    tasks = (
        Task("enter", "Enter a step", CostForm, _enter, costs.MANAGE, lambda row: True,
             "A voucher never passes what is obligated, a payment what was vouchered, a refund what was paid."),
    )  # fmt: skip

    @admin.display(description="Student")
    def student_name(self, row: TrainingAccount) -> str:
        """Show whose it is."""
        return row.enrollment.student.full_name

    def heading(self, row: TrainingAccount) -> str:
        """Return its number, and whose."""
        return f"{row.number}: {row.enrollment.student.full_name}"

    def facts(self, row: TrainingAccount) -> Facts:
        """Return its sums."""
        limit = money.written(row.limit) if row.limit is not None else "Not known; confirm it with your board"
        sums = [(name.capitalize(), money.written(getattr(row, name))) for name, _ in costs.SUMS.values()]
        return [("Limit", limit), *sums]

    def happened(self, row: TrainingAccount) -> Iterable[tuple[str, Any, str]]:
        """Return the steps."""
        return [
            (
                f"{each.get_kind_display()}, {money.written(each.amount)}",
                each.on,
                f"{each.reference} {each.note}".strip(),
            )
            for each in row.entries.all()
        ]


def _help(by: User, student: Student, said: Answers) -> SupportiveService:
    return enter_support(student, by=by, **said)


@admin.register(SupportiveService)
class SupportiveServiceAdmin(OfStudentAdmin[SupportiveService]):
    """The list of supportive services, and one of them."""

    list_display = ["student_name", "kind", "amount", "provided_on", "reference"]
    list_filter = ["kind", "provided_on"]
    add_permission = costs.MANAGE
    add_title = "Enter a supportive service"
    add_form = SupportForm
    make = staticmethod(_help)

    @admin.display(description="Student", ordering="student__last_name")
    def student_name(self, row: SupportiveService) -> str:
        """Show whom it helped."""
        return row.student.full_name

    def heading(self, row: SupportiveService) -> str:
        """Return what it was, and for whom."""
        return f"{row.get_kind_display()}: {row.student.full_name}"

    def facts(self, row: SupportiveService) -> Facts:
        """Return all that is known of it."""
        return [
            ("Description", row.description), ("Amount", money.written(row.amount)), ("Given on", row.provided_on),
            ("Reference", row.reference), ("Entered", row.entered_at),
        ]  # fmt: skip
