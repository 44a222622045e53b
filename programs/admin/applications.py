"""Applications as staff see them: to find and to read. Every write is a service's, behind a checkpoint."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from autopilot.admin.base import ReadOnlyAdmin, badge, staff
from autopilot.admin.document_requests import DocumentRequests
from programs.access import applications_of
from programs.models import Application
from programs.reports import application_story
from programs.standing import standing_of


@admin.register(Application)
class ApplicationAdmin(DocumentRequests[Application], ReadOnlyAdmin[Application]):
    """The list of applications, and one of them with all that happened to it."""

    list_display = ["reference", "legal_name", "ein_masked", "standing", "revision", "submitted_at"]
    list_filter = ["status", "entity_type", "submitted_at"]
    search_fields = ["reference", "legal_name", "doing_business_as", "state_reference"]
    search_help_text = "Reference, name of the organization, or the state's confirmation number"
    fields = ()
    tenant_path = "tenant_id"
    change_form_template = "programs/admin/application.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        """Return the applications this person may read."""
        return applications_of(staff(request))

    @admin.display(description="EIN")
    def ein_masked(self, application: Application) -> str:
        """Show the last four digits."""
        return application.masked_ein

    @admin.display(description="Status", ordering="status")
    def standing(self, application: Application) -> str:
        """Show the status as a badge."""
        return badge(standing_of(application.status).tone, application.get_status_display())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one application with its findings, packets, jobs and history."""
        application = self.get_object(request, unquote(object_id))
        told = _told(application) if application else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **told, **self.offered(request)}
        )


def _told(application: Application) -> dict[str, Any]:
    story = application_story(application)
    return {
        "story": story,
        "standing": standing_of(application.status),
        "history": [(change, standing_of(change.to_status)) for change in story.changes],
    }
