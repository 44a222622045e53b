"""Program holders as staff see them; every write is a service's."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from autopilot.admin.base import PageAdmin, badge, staff
from programs.access import holders_of
from programs.models import Holder
from programs.portal import stages


@admin.register(Holder)
class HolderAdmin(PageAdmin[Holder]):
    """The list of holders, and one of them with its way, its people and its history."""

    list_display = ["legal_name", "doing_business_as", "ein_masked", "standing", "contact_name", "created_at"]
    list_filter = ["status", "entity_type"]
    search_fields = ["legal_name", "doing_business_as", "contact_name"]
    search_help_text = "Name of the organization or of its contact"
    page_template = "programs/admin/holder.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Holder]:
        """Return the holders this person may read."""
        return holders_of(staff(request))

    @admin.display(description="EIN")
    def ein_masked(self, holder: Holder) -> str:
        """Show the last four digits."""
        return holder.masked_ein

    @admin.display(description="Status", ordering="status")
    def standing(self, holder: Holder) -> str:
        """Show the status as a badge."""
        return badge(holder.status, holder.get_status_display())

    def page_context(self, request: HttpRequest, row: Holder) -> dict[str, Any]:
        """Show the stages, the sites, the people and the history."""
        return {
            "stages": stages(row),
            "sites": row.sites.all(),
            "members": row.members.select_related("user").filter(left_at=None),
            "changes": row.status_changes.all(),
        }
