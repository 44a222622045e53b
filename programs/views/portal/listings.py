"""A program's places on states' lists of eligible training providers."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from programs import codes
from programs.models import Listing, Program, ProgramStatus
from programs.services.listing_facts import missing_in, parts_of
from programs.services.listings import (
    LONGEST_REASON,
    begin_listing,
    is_known_to_state,
    may_be_withdrawn,
    withdraw_listing,
)
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of
from programs.views.portal.programs import ProgramView
from programs.views.portal.refusals import show_refusal


class ReasonForm(forms.Form):
    """Why an application is taken back."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands in the history, and our staff read it.",
    )


class StateForm(forms.Form):
    """Which state's list it is about."""

    state = forms.ChoiceField(choices=list(codes.STATES.items()))


class WithdrawListing(HolderView):
    """Take an application back, or a program off a state's list."""

    template_name = "programs/portal/listing_withdraw.html"

    def get(self, request: HttpRequest, listing_id: UUID) -> HttpResponse:
        """Ask why."""
        return self._page(self._found(listing_id), ReasonForm())

    def post(self, request: HttpRequest, listing_id: UUID) -> HttpResponse:
        """Withdraw it, and lead to the program's lists."""
        listing, form = self._found(listing_id), ReasonForm(request.POST)
        if form.is_valid():
            try:
                withdraw_listing(listing, reason=form.cleaned_data["reason"], by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Withdrawn.")
                return self.to("portal:listings", program_id=listing.program_id)
        return self._page(listing, form)

    def _found(self, listing_id: UUID) -> Listing:
        return get_object_or_404(Listing.objects.select_related("program"), pk=listing_id, program__holder=self.holder)

    def _page(self, listing: Listing, form: ReasonForm) -> HttpResponse:
        return self.show(
            listing=listing, program=listing.program, form=form, changes=listing.status_changes.all(),
            may_withdraw=may_be_withdrawn(listing), is_known_to_state=is_known_to_state(listing),
        )  # fmt: skip


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
