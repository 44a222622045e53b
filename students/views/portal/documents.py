"""Documents about students that a holder asks for: of one, or of all that its list shows."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from autopilot.document_types import batches, types
from programs.views.portal.base import HolderView
from students.access import enrollments_in
from students.models import Enrollment
from students.views.portal.students import chosen

ONE_AT_LEAST = "Choose which documents, of one student at least."


class AskForDocuments(HolderView):
    """Have documents made about the students that the list shows."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for them, and lead to how far they are; what is too much leads back to the list, which says so."""
        ids = chosen(self.holder, request)[1].order_by("student__last_name", "student__first_name", "id")
        return self.ask(list(ids.values_list("pk", flat=True)[: batches.MOST + 1]))

    def ask(self, ids: Sequence[UUID]) -> HttpResponse:
        """Ask for documents of the type that is posted."""
        kind = {each.slug: each for each in types.about(Enrollment)}.get(self.request.POST.get("document_type", ""))
        if kind is None or not ids:
            messages.error(self.request, ONE_AT_LEAST)
            return self.to("portal:students")
        if len(ids) > batches.MOST:
            messages.error(self.request, f"At most {batches.MOST:,} documents are made at once. Choose a cohort.")
            return self.to("portal:students")
        job = batches.request(kind.slug, ids, tenant_id=self.holder.pk, by=self.user)
        return self.to("portal:document_request", job_id=job.pk)


class AskForDocument(AskForDocuments):
    """Have a document made about one student."""

    def post(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:  # type: ignore[override]
        """Ask for it, and lead to how far it is."""
        return self.ask([get_object_or_404(enrollments_in(self.holder), pk=enrollment_id).pk])
