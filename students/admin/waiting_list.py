"""Waiting lists as staff see them."""

from django.contrib import admin

from students.admin.base import Facts, FactsAdmin
from students.models import WaitingPlace


@admin.register(WaitingPlace)
class WaitingPlaceAdmin(FactsAdmin[WaitingPlace]):
    """Who waits, and who waited; the list is in the order in which seats are given."""

    list_display = ["cohort", "student_name", "holder", "joined_at", "left_at"]
    list_select_related = ["cohort", "student", "holder"]
    list_filter = [("left_at", admin.EmptyFieldListFilter)]
    search_fields = ["cohort__name", "holder__legal_name"]
    search_help_text = "Name of the cohort or the organization"
    ordering = ["joined_at", "id"]

    @admin.display(description="Student")
    def student_name(self, row: WaitingPlace) -> str:
        """Show who waits."""
        return row.student.full_name

    def heading(self, row: WaitingPlace) -> str:
        """Return who waits for what."""
        return f"{row.student.full_name}, {row.cohort}"

    def facts(self, row: WaitingPlace) -> Facts:
        """Return what is known of the place."""
        return [
            ("Holder", row.holder), ("Who pays", row.get_funding_display()), ("Waits since", row.joined_at),
            ("Ended", row.left_at), ("Reason", row.reason), ("Got a seat", "Yes" if row.enrollment_id else "No"),
        ]  # fmt: skip
