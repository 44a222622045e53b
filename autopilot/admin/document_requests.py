"""Documents that staff ask for: about one row on its page, about many by an action of the list; a job makes them."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from autopilot.admin.base import PageAdmin, Row, StaffAdmin, staff
from autopilot.document_types import batches, types
from autopilot.document_types.types import DocumentType
from autopilot.models import Job

CHOSEN = "document_type"


class DocumentRequests(StaffAdmin[Row]):
    """A list about whose rows documents can be made. `tenant_path` leads from a row to the id of whose it is."""

    actions: tuple[str, ...] = ("make_documents",)
    tenant_path = "holder_id"

    def has_documents_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may ask for documents about these rows."""
        return bool(types.about(self.model)) and staff(request).has_perm(batches.ASK)

    def offered(self, request: HttpRequest) -> dict[str, list[DocumentType]]:
        """Return what the page of a row shows: the documents that this person may ask for."""
        return {"document_types": types.about(self.model) if self.has_documents_permission(request) else []}

    @admin.action(description="Make documents…", permissions=["documents"])
    def make_documents(self, request: HttpRequest, rows: QuerySet[Row]) -> HttpResponse | None:
        """Ask which documents, and have a job make them about the chosen rows; then show how far it is."""
        chosen = {each.slug: each for each in types.about(self.model)}.get(request.POST.get(CHOSEN, ""))
        if chosen is None:
            return self._choice(request, rows)
        found = self._by_tenant(rows)
        if any(len(subjects) > batches.MOST for subjects in found.values()):
            text = f"One job makes {batches.MOST:,} documents at most. Filter the list, and choose fewer rows."
            self.message_user(request, text, messages.WARNING)
            return None
        return self._leading_to(request, self._requested(request, chosen, found), chosen)

    def _requested(self, request: HttpRequest, kind: DocumentType, found: dict[UUID, list[UUID]]) -> list[Job]:
        by = staff(request)
        with transaction.atomic():
            return [batches.request(kind.slug, each, tenant_id=tenant, by=by) for tenant, each in found.items()]

    def _by_tenant(self, rows: QuerySet[Row]) -> dict[UUID, list[UUID]]:
        found = defaultdict(list)
        for pk, tenant in rows.order_by("pk").values_list("pk", self.tenant_path):
            found[tenant].append(pk)
        return found

    def _leading_to(self, request: HttpRequest, jobs: list[Job], kind: DocumentType) -> HttpResponse | None:
        self.message_user(
            request, f"Asked for: {kind.title.lower()}. A job makes what you asked for.", messages.SUCCESS
        )
        if not jobs or not staff(request).has_perm("autopilot.view_job"):
            return None
        if len(jobs) > 1:
            return HttpResponseRedirect(f"{reverse('admin:autopilot_job_changelist')}?kind={batches.KIND}")
        return HttpResponseRedirect(reverse("admin:autopilot_job_change", args=[jobs[0].pk]))

    def _choice(self, request: HttpRequest, rows: QuerySet[Row]) -> TemplateResponse:
        count = rows.count()
        context = {
            **self.admin_site.each_context(request),
            "title": "Make documents",
            "opts": self.opts,
            "document_types": types.about(self.model),
            "count": f"{count} {self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural}",
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "across": request.POST.get("select_across", "0"),
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/autopilot/document_request.html", context)


class DocumentPages(DocumentRequests[Row], PageAdmin[Row]):
    """The same for rows that have a page of their own."""

    def page(
        self, request: HttpRequest, row: Row, template: str = "", status: int = 200, **more: Any
    ) -> TemplateResponse:
        """Return the page of a row, with the documents that can be made about it."""
        return super().page(request, row, template, status, **(self.offered(request) | more))
