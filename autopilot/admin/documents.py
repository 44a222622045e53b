"""Archived documents: found by staff who may, and handed out only as files to keep."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from autopilot.admin.archive_deeds import HOLD, LIFT, PROPOSE
from autopilot.admin.base import ReadOnlyAdmin, staff
from autopilot.admin.deeds import offer
from autopilot.admin.filters import MediaTypeFilter
from autopilot.document_types import types
from autopilot.documents import disposal, kinds, retention
from autopilot.documents.downloads import as_file
from autopilot.models import Document, LedgerEntry


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin[Document]):
    """The archive's index."""

    list_display = ["title", "media_type", "length", "created_at", "file"]
    actions = ["set_hold", "lift_hold", "propose_disposal"]
    change_form_template = "admin/autopilot/document.html"
    search_fields = ["title", "sha256__exact"]
    search_help_text = "A part of the title, or a whole SHA-256"
    list_filter = [MediaTypeFilter]
    fields = ["title", "media_type", "length", "sha256", "template", "renderer", "created_at", "retain_until", "file"]

    def get_urls(self) -> list[URLPattern]:
        """Add the file itself."""
        view = self.admin_site.admin_view(require_safe(self.download))
        return [path("<uuid:pk>/file/", view, name="document_file"), *super().get_urls()]

    @admin.display(description="Size", ordering="size")
    def length(self, document: Document) -> str:
        """Show the size as people read it."""
        return filesizeformat(document.size)

    @admin.display(description="File")
    def file(self, document: Document) -> str:
        """Link to the file."""
        address = reverse("admin:document_file", args=[document.pk])
        return format_html(
            '<a href="{}" download>Open<span class="visually-hidden"> {}</span></a>', address, document.title
        )

    def has_view_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        """Return whether this person may view documents, and this one: only with the right to what it is about."""
        kind = types.of_document(obj) if obj else None
        if kind and kind.about and not request.user.has_perm(kind.view_right):
            return False
        return super().has_view_permission(request, obj)

    def download(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Hand out the archived bytes, compared with their digest, to who may view documents."""
        document = get_object_or_404(Document, pk=pk)
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        try:
            return as_file(document, by=staff(request))
        except Http404 as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:autopilot_document_change", args=[pk]))

    def has_hold_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may set and lift legal holds."""
        return staff(request).has_perm(retention.HOLD)

    def has_dispose_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may propose disposals."""
        return staff(request).has_perm(disposal.PROPOSE)

    @admin.action(description="Set legal hold…", permissions=["hold"])
    def set_hold(self, request: HttpRequest, rows: QuerySet[Document]) -> HttpResponse | None:
        """Ask why, and keep the chosen documents."""
        return offer(self, request, rows, HOLD)

    @admin.action(description="Lift legal hold…", permissions=["hold"])
    def lift_hold(self, request: HttpRequest, rows: QuerySet[Document]) -> HttpResponse | None:
        """Ask why, and let retention count again."""
        return offer(self, request, rows, LIFT)

    @admin.action(description="Propose disposal…", permissions=["dispose"])
    def propose_disposal(self, request: HttpRequest, rows: QuerySet[Document]) -> HttpResponse | None:
        """Ask why, and have a second person decide."""
        return offer(self, request, rows, PROPOSE)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show how the document is kept and what can be done to it, and below that what it is."""
        document = self.get_object(request, unquote(object_id))
        more = self._standing(request, document) if document is not None else {}
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def _standing(self, request: HttpRequest, document: Document) -> dict[str, Any]:
        entries = {entry.deed: entry for entry in document.ledger.all()}
        hold, disposed = retention.open_hold(document), entries.get(LedgerEntry.Deed.DISPOSED)
        return {
            "title": "Document",
            "subtitle": document.title,
            "kind": kinds.label_of(document),
            "entry": entries.get(LedgerEntry.Deed.ARCHIVED),
            "disposed": disposed,
            "hold": hold,
            "terms": retention.terms_of(document),
            "last_day": retention.last_day(document),
            "deeds": [] if disposed else self._deeds(request, held=hold is not None),
        }

    def _deeds(self, request: HttpRequest, *, held: bool) -> list[tuple[str, str]]:
        deeds = []
        if self.has_hold_permission(request):
            deeds.append(("lift_hold", "Lift legal hold…") if held else ("set_hold", "Set legal hold…"))
        if self.has_dispose_permission(request) and not held:
            deeds.append(("propose_disposal", "Propose disposal…"))
        return deeds
