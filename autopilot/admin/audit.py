"""What people did, for those who audit it."""

from django.contrib import admin

from autopilot.admin.base import ReadOnlyAdmin
from autopilot.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    """Deeds, newest first."""

    list_display = ["name", "who", "subject_type", "subject_id", "at"]
    list_filter = ["at"]
    search_fields = ["name__exact", "actor_label__exact", "subject_id__exact"]
    search_help_text = "The whole name of a deed, who did it, or the whole id of what it was done to"
    fields = ["name", "who", "subject_type", "subject_id", "data", "ip", "at"]

    @admin.display(description="Who", ordering="actor_label")
    def who(self, entry: AuditEntry) -> str:
        """Show who did it: a person with an account, else the autopilot or somebody who did not sign in."""
        return entry.actor_label or "Nobody signed in"
