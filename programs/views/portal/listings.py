"""A program's places on states' lists of eligible training providers."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from programs import codes
from programs.models import Listing, Program, ProgramStatus
from programs.services.listing_facts import missing_in, parts_of
from programs.services.listings import begin_listing
from programs.views.portal.lists import page_of
from programs.views.portal.programs import ProgramView
from programs.views.portal.refusals import show_refusal


class StateForm(forms.Form):
    """Which state's list it is about."""

    state = forms.ChoiceField(choices=list(codes.STATES.items()))


class Listings(ProgramView):
    """Where a program is listed, what the state would be told, and applying."""

    template_name = "programs/portal/listings.html"

    def get(self, request: HttpRequest, program_id: UUID) -> HttpResponse:
        """Show them."""
        program = self.found(program_id)
        site = program.sites.first()
        return self._page(program, StateForm(initial={"state": site.state if site else "IN"}))

    def post(self, request: HttpRequest, program_id: UUID) -> HttpResponse:
        """Have an application prepared."""
        program, form = self.found(program_id), StateForm(request.POST)
        if form.is_valid():
            try:
                begin_listing(program, state=form.cleaned_data["state"], by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(
                    request, "We prepare the application. A reviewer reads it before it goes to the state."
                )
                return self.to("portal:listings", program_id=program.pk)
        return self._page(program, form)

    def _page(self, program: Program, form: StateForm) -> HttpResponse:
        parts = parts_of(program, Listing.Eligibility.INITIAL)
        return self.show(
            program=program,
            page=page_of(program.listings.order_by("-created_at"), self.request),
            form=form,
            parts=parts,
            missing=missing_in(parts),
            may_begin=program.status == ProgramStatus.APPROVED,
        )
