"""Students at risk as staff see them."""

from django.contrib import admin

from autopilot.admin.base import badge
from autopilot.admin.exports import ExportedAdmin
from students.admin.base import Facts, FactsAdmin
from students.models import RiskFinding


@admin.register(RiskFinding)
class RiskFindingAdmin(ExportedAdmin[RiskFinding], FactsAdmin[RiskFinding]):
    """The list of findings, open and closed, and one of them."""

    list_display = ["student_name", "kind", "standing", "audience", "holder", "opened_on", "closed_at"]
    list_select_related = ["enrollment__student", "holder"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), "level", "audience", "kind"]
    search_fields = ["enrollment__student__last_name", "enrollment__student__first_name", "holder__legal_name"]
    search_help_text = "Name of the student or of the organization"
    export_columns = (
        ("Finding", "pk"), ("Enrollment", "enrollment_id"), ("Holder", "holder.legal_name"), ("Kind", "kind"),
        ("Level", "level"), ("Who acts", "audience"), ("Why", "explanation"), ("Opened", "opened_on"),
        ("Closed", "closed_at"),
    )  # fmt: skip

    @admin.display(description="Student", ordering="enrollment__student__last_name")
    def student_name(self, row: RiskFinding) -> str:
        """Show who it is."""
        return row.enrollment.student.full_name

    @admin.display(description="How pressing", ordering="level")
    def standing(self, row: RiskFinding) -> str:
        """Show how pressing it is, or that it is over."""
        return badge("done", "Closed") if row.closed_at else badge(row.level, row.get_level_display())

    def heading(self, row: RiskFinding) -> str:
        """Return what was found, of whom."""
        return f"{row.get_kind_display()}: {row.enrollment.student.full_name}"

    def facts(self, row: RiskFinding) -> Facts:
        """Return why it stands, and who acts."""
        return [
            ("Why", row.explanation), ("How pressing", row.get_level_display()), ("Who acts", row.get_audience_display()),
            ("Holder", row.holder), ("Cohort", row.enrollment.cohort), ("Opened", row.opened_on),
            ("Found last", row.seen_on), ("Closed", row.closed_at), ("Closed because", row.closed_because),
        ]  # fmt: skip
