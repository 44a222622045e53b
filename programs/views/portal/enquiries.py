"""What people have asked about a holder's programs."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from programs.models import Enquiry
from programs.portal import add_section
from programs.services.enquiries import mark_answered
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of

add_section("Enquiries", "portal:enquiries", 45)


class Enquiries(HolderView):
    """Everybody who asked, the newest first."""

    http_method_names = ["get", "head"]
    template_name = "programs/portal/enquiries.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of those that are open, or of all."""
        shows_all = request.GET.get("show") == "all"
        rows = Enquiry.objects.select_related("program").filter(program__holder=self.holder)
        found = rows if shows_all else rows.filter(answered_at=None)
        return self.show(page=page_of(found.order_by("-created_at", "-id"), request), shows_all=shows_all)


class AnswerEnquiry(HolderView):
    """Note that somebody has been in touch."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, enquiry_id: UUID) -> HttpResponse:
        """Mark it."""
        rows = Enquiry.objects.filter(program__holder=self.holder)
        mark_answered(get_object_or_404(rows, pk=enquiry_id), by=self.user)
        messages.success(request, "Marked as contacted.")
        return self.to("portal:enquiries")
