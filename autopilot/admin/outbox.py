"""The outbox as staff see it."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest

from autopilot.admin.base import ReadOnlyAdmin, badge
from autopilot.models import OutboxMessage
from autopilot.reports.moments import brief


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin[OutboxMessage]):
    """What left the house, what waits to leave, and what could not."""

    list_display = ["topic", "state", "attempts", "created_at", "next_attempt", "sent_at", "error"]
    list_filter = ["status", "created_at"]
    search_fields = ["topic__exact"]
    search_help_text = "A job’s whole id, or a topic"
    fields = [
        "topic", "state", "references", "job_id", "attempts", "error", "created_at", "next_attempt", "sent_at",
    ]  # fmt: skip

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find the messages of a job by its id, else by their topic."""
        try:
            return queryset.filter(job_id=UUID(search_term.strip())), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)

    @admin.display(description="Status", ordering="status")
    def state(self, message: OutboxMessage) -> str:
        """Show the status as a badge."""
        return badge(message.status, message.get_status_display())

    @admin.display(description="Next attempt", ordering="next_attempt_at")
    def next_attempt(self, message: OutboxMessage) -> str:
        """Show when it is tried next, while it is."""
        return brief(message.next_attempt_at) if message.status == OutboxMessage.Status.PENDING else "—"
