"""How long documents are kept: rules, awards with their final reports, and disposals that wait for a second person."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from autopilot.admin.archive_deeds import APPROVE, REFUSE, REPORT
from autopilot.admin.base import ConfigurationAdmin, ReadOnlyAdmin, badge, staff
from autopilot.admin.deeds import offer
from autopilot.models import Award, Disposal, RetentionRule


@admin.register(RetentionRule)
class RetentionRuleAdmin(ConfigurationAdmin[RetentionRule]):
    """Duties to keep documents, in force from and until."""

    list_display = ["source", "kinds", "years", "start", "effective_from", "effective_until"]
    list_filter = ["start"]
    search_fields = ["source", "kind"]
    fields = ["source", "kind", "years", "start", "effective_from", "effective_until"]

    @admin.display(description="Kind of document", ordering="kind")
    def kinds(self, rule: RetentionRule) -> str:
        """Show which documents it is about."""
        return rule.kind or "Every document"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: give it a last day, so that it can be seen what was in force."""
        return False


@admin.register(Award)
class AwardAdmin(ConfigurationAdmin[Award]):
    """Federal awards; the years of their records run from the final report."""

    list_display = ["number", "begins_on", "ends_on", "final_report_on"]
    search_fields = ["number"]
    fields = ["number", "begins_on", "ends_on", "final_report_on"]
    readonly_fields = ["final_report_on"]
    actions = ["record_report"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: documents are kept because of it."""
        return False

    def has_report_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may record final reports."""
        return staff(request).has_perm("autopilot.record_final_report")

    @admin.action(description="Record final report…", permissions=["report"])
    def record_report(self, request: HttpRequest, rows: QuerySet[Award]) -> HttpResponse | None:
        """Ask when it was submitted, and let the years run."""
        return offer(self, request, rows, REPORT)


@admin.register(Disposal)
class DisposalAdmin(ReadOnlyAdmin[Disposal]):
    """Proposals to destroy a file, and what became of them."""

    list_display = ["document", "state", "reason", "proposed_by", "proposed_at", "decided_by", "decided_at"]
    list_select_related = ["document", "proposed_by", "decided_by"]
    fields = ["document", "reason", "proposed_by", "proposed_at", "approved", "decided_by", "decided_at", "decided_because"]  # fmt: skip
    actions = ["approve", "refuse"]

    @admin.display(description="State")
    def state(self, disposal: Disposal) -> str:
        """Show whether it waits, or what was decided."""
        if disposal.decided_at is None:
            return badge("waiting", "Waits for a second person")
        return badge("completed", "Destroyed") if disposal.approved else badge("cancelled", "Kept")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may decide."""
        return staff(request).has_perm("autopilot.approve_disposal")

    @admin.action(description="Destroy file…", permissions=["decide"])
    def approve(self, request: HttpRequest, rows: QuerySet[Disposal]) -> HttpResponse | None:
        """Ask why, and destroy the files."""
        return offer(self, request, rows, APPROVE)

    @admin.action(description="Refuse…", permissions=["decide"])
    def refuse(self, request: HttpRequest, rows: QuerySet[Disposal]) -> HttpResponse | None:
        """Ask why, and keep the files."""
        return offer(self, request, rows, REFUSE)
