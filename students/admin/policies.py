"""What schools rule for their programs, as staff enter it: attendance, cancelling, and refunds with their dates."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from autopilot.admin.base import ConfigurationAdmin
from students.models import ProgramPolicy, RefundRule


@admin.register(ProgramPolicy)
class ProgramPolicyAdmin(ConfigurationAdmin[ProgramPolicy]):
    """One program's rules, which its agreements print."""

    list_display = ["program", "attendance_percent", "cancel_days", "progress_weeks", "representative"]
    list_select_related = ["program"]
    search_fields = ["program__title"]
    raw_id_fields = ["program"]

    def get_readonly_fields(self, request: HttpRequest, obj: ProgramPolicy | None = None) -> tuple[str, ...]:
        """Keep the program."""
        return ("program",) if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: agreements were printed by it."""
        return False


@admin.register(RefundRule)
class RefundRuleAdmin(ConfigurationAdmin[RefundRule]):
    """What is given back until which point; a rule that is over is given its last day."""

    list_display = ["program", "basis", "up_to", "refund_percent", "effective_from", "effective_to"]
    list_select_related = ["program"]
    list_filter = ["basis", "effective_from"]
    search_fields = ["program__title"]
    raw_id_fields = ["program"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: refunds were granted by it."""
        return False
