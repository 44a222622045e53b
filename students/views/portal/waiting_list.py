"""Who waits for a seat at a holder, cohort by cohort in order."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of
from students.models import WaitingPlace
from students.services.waiting_list import leave_waiting_list


class WaitingList(HolderView):
    """The list, and giving a place up."""

    template_name = "students/portal/waiting_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of it."""
        rows = self._rows().order_by("cohort__starts_on", "cohort__name", "joined_at", "pk")
        return self.show(page=page_of(rows, request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Give up the place that the button names."""
        try:
            place = get_object_or_404(self._rows(), pk=request.POST.get("place", ""))
            leave_waiting_list(place, reason=request.POST.get("reason", ""), by=self.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, "The place was given up.")
        return self.to("portal:waiting_list")

    def _rows(self) -> QuerySet[WaitingPlace]:
        rows = WaitingPlace.objects.select_related("student", "cohort__program")
        return rows.filter(holder=self.holder, left_at=None)
