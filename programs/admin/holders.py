"""Program holders as staff see them; every write is a service's."""

from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from autopilot.admin.base import PageAdmin, badge, filtered, staff
from autopilot.admin.exports import exported
from autopilot.documents.errors import PdfError
from autopilot.documents.tables import MOST, TYPES
from autopilot.management.output import cell_of
from programs.access import holders_of
from programs.compliance import score_of
from programs.holder_report import COLUMNS, ON_PAPER, holder_rows
from programs.models import Holder, HolderStatus
from programs.portal import stages
from programs.services.activation import PERMISSION, activate_holder
from programs.services.requirements import lacking, named


@admin.register(Holder)
class HolderAdmin(PageAdmin[Holder]):
    """The list of holders, and one of them with its way, its people and its history."""

    list_display = ["legal_name", "doing_business_as", "ein_masked", "standing", "contact_name", "created_at"]
    list_filter = ["status", "entity_type"]
    search_fields = ["legal_name", "doing_business_as", "contact_name"]
    search_help_text = "Name of the organization or of its contact"
    page_template = "programs/admin/holder.html"
    change_list_template = "admin/autopilot/exported_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Holder]:
        """Return the holders this person may read."""
        return holders_of(staff(request))

    def get_urls(self) -> list[URLPattern]:
        """Add the activation and the export."""
        guard = self.admin_site.admin_view
        return [
            path("<uuid:pk>/activate/", guard(require_POST(self.activate)), name="holder_activate"),
            path("holders.<str:extension>", guard(require_safe(self.export)), name="holder_export"),
            *super().get_urls(),
        ]

    def activate(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Make a holder active, or say what is missing."""
        holder = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            activate_holder(holder, by=staff(request), reason=request.POST.get("reason", ""))
        except ValidationError as refusal:
            for text in refusal.messages:
                self.message_user(request, text, messages.ERROR)
        else:
            self.message_user(request, f"{holder} is active.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:programs_holder_change", args=[pk]))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, with the files it can be taken along as."""
        offered = [(form.upper(), reverse("admin:holder_export", args=[form])) for form in TYPES]
        known = {"exports": offered, "filters": request.GET.urlencode()}
        return super().changelist_view(request, known | (extra_context or {}))

    def export(self, request: HttpRequest, extension: str) -> HttpResponse:
        """Return the holders that the filters leave with their proofs and scores: as CSV with their ids, XLSX or PDF."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        is_csv, most = extension == "csv", MOST.get(extension, 0)
        names = COLUMNS if is_csv else ON_PAPER if extension == "pdf" else COLUMNS[1:]
        rows = islice(holder_rows(filtered(self, request).get_queryset(request).order_by()), most)
        heading = names if is_csv else [name.replace("_", " ").capitalize() for name in names]
        table = [heading, *([cell_of(row[name]) for name in names] for row in rows)]
        try:
            return exported(table, extension, title="Holders", name="holders")
        except PdfError as refusal:
            self.message_user(request, f"The PDF could not be made: {refusal} Take the XLSX.", messages.ERROR)
            return HttpResponseRedirect(reverse("admin:programs_holder_changelist"))

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
        missing, score = lacking(row), score_of(row)
        return {
            "missing": [(each, named(each)) for each in missing],
            "may_activate": row.status == HolderStatus.ONBOARDING and request.user.has_perm(PERMISSION),
            "score": score,
            "actions": [(action.text, "") for action in score.actions],
            "stages": stages(row),
            "sites": row.sites.all(),
            "members": row.members.select_related("user").filter(left_at=None),
            "changes": row.status_changes.all(),
        }
