"""Individual plans in the office: written, signed for the staff, reviewed and closed."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest

from autopilot.admin.base import badge
from programs.admin.billing.base import Answers, Task
from students.admin.base import Facts
from students.admin.records import OfStudentAdmin
from students.models import IndividualPlan, PlanStatus, Student
from students.services import plans


class PlanForm(forms.Form):
    """A goal and the steps to it."""

    goal = forms.CharField(max_length=plans.LONGEST_GOAL)
    steps = forms.CharField(
        max_length=plans.LONGEST_STEPS, widget=forms.Textarea(attrs={"rows": 8}),
        help_text="A step a line, with the day by which it is to be done.",
    )  # fmt: skip


class SignForm(forms.Form):
    """The typed name; the digest of what is on the page goes with it."""

    name = forms.CharField(label="Your full name", max_length=plans.LONGEST_NAME, help_text="It is your signature.")
    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ReviewForm(forms.Form):
    """What was found."""

    summary = forms.CharField(max_length=plans.LONGEST_SUMMARY, widget=forms.Textarea(attrs={"rows": 4}))


class CloseForm(forms.Form):
    """Why it ends."""

    reason = forms.CharField(max_length=plans.LONGEST_REASON)


def _sign(by: User, row: IndividualPlan, said: Answers) -> str:
    plans.sign_plan(row, by=by, **said)
    return "Signed. It is in force once both have signed."


def _review(by: User, row: IndividualPlan, said: Answers) -> str:
    made = plans.review_plan(row, by=by, **said)
    return f"Reviewed; the next review is due on {made.next_on:%B %-d, %Y}."


def _close(by: User, row: IndividualPlan, said: Answers) -> str:
    plans.close_plan(row, by=by, **said)
    return "Closed."


def _write(by: User, student: Student, said: Answers) -> IndividualPlan:
    return plans.write_plan(student, by=by, **said)


@admin.register(IndividualPlan)
class IndividualPlanAdmin(OfStudentAdmin[IndividualPlan]):
    """The list of plans, and one of them."""

    list_display = ["student_name", "goal", "standing", "review_on", "written_at"]
    list_filter = ["status", "review_on"]
    add_permission = plans.WRITE
    add_title = "Write an individual plan"
    add_form = PlanForm
    make = staticmethod(_write)
    tasks = (
        Task("sign", "Sign for the staff", SignForm, _sign, plans.WRITE, lambda row: row.status == PlanStatus.DRAFT),
        Task("review", "Note a review", ReviewForm, _review, plans.WRITE, lambda row: row.status == PlanStatus.ACTIVE,
             "The next one is due 90 days later."),
        Task("close", "Close it", CloseForm, _close, plans.WRITE, lambda row: row.status != PlanStatus.CLOSED, danger=True),
    )  # fmt: skip

    @admin.display(description="Student", ordering="student__last_name")
    def student_name(self, row: IndividualPlan) -> str:
        """Show whose it is."""
        return row.student.full_name

    @admin.display(description="Status", ordering="status")
    def standing(self, row: IndividualPlan) -> str:
        """Show the status as a badge."""
        return badge(row.status, row.get_status_display())

    def heading(self, row: IndividualPlan) -> str:
        """Return the goal, and whose."""
        return f"{row.goal}: {row.student.full_name}"

    def facts(self, row: IndividualPlan) -> Facts:
        """Return what it says, and who signed."""
        signed = {each.party: f"{each.name}, {each.signed_at:%B %-d, %Y}" for each in row.signatures.all()}
        return [
            ("Status", row.get_status_display()), ("Goal", row.goal), ("Steps", row.steps),
            ("Review due", row.review_on), ("Signed by the student", signed.get(plans.STUDENT)),
            ("Signed by the staff", signed.get(plans.STAFF)), ("Closed because", row.closed_because),
        ]  # fmt: skip

    def happened(self, row: IndividualPlan) -> Iterable[tuple[str, Any, str]]:
        """Return the reviews."""
        return [("Reviewed", each.reviewed_on, each.summary) for each in row.reviews.all()]

    def page_context(self, request: HttpRequest, row: IndividualPlan) -> dict[str, Any]:
        """Let the signature name what is on the page."""
        context = super().page_context(request, row)
        for task, form in context["tasks"]:
            if task.name == "sign":
                form.initial["shown"] = plans.digest_of(row)
        return context
