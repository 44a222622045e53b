"""Portals: where packets go."""

from django.contrib import admin
from django.http import HttpRequest

from autopilot.admin.base import ConfigurationAdmin, badge
from autopilot.models import Portal
from autopilot.submissions.lines import MOST_FAILURES


@admin.register(Portal)
class PortalAdmin(ConfigurationAdmin[Portal]):
    """The authorities' ways of taking submissions."""

    list_display = ["name", "slug", "delivery", "honors_idempotency", "poll_interval", "state"]
    list_filter = ["delivery", "active"]
    search_fields = ["name", "slug"]
    fields = [
        "name",
        "slug",
        "delivery",
        "base_url",
        "honors_idempotency",
        "poll_interval",
        "instructions",
        "active",
        "failures",
        "paused_until",
    ]

    @admin.display(description="State", ordering="active")
    def state(self, portal: Portal) -> str:
        """Show whether submissions are prepared for it, and whether it answers."""
        if portal.failures >= MOST_FAILURES:
            return badge("failed", f"Not answering ({portal.failures} failures in a row)")
        return badge("enabled", "Active") if portal.active else badge("held", "Inactive")

    def get_readonly_fields(self, request: HttpRequest, obj: Portal | None = None) -> list[str]:
        """Keep the slug of a portal that exists: its secret and its address for callbacks are known by it."""
        return ["failures", "paused_until", *(["slug"] if obj else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Portal | None = None) -> bool:
        """Refuse: what was submitted to it is a record; make it inactive."""
        return False
