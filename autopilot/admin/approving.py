"""Rows that one person writes and another approves, in the version that was seen."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from autopilot.admin.base import PageAdmin, Row, staff


class ReasonedForm(forms.Form):
    """Why what was seen is approved; a page that needs to know more adds fields."""

    reason = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="What you compared it with. Kept with your name.",
        error_messages={"required": "Say why; those who come after you read it."},
    )


class ApprovedAdmin(PageAdmin[Row]):
    """The pages of such rows: `approval_form` is what an approval says, `approval_right` who may, `approved` what is told."""

    approval_form: ClassVar[type[ReasonedForm]] = ReasonedForm
    approval_right = ""
    approved = "Approved."

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may approve and retire."""
        return request.user.has_perm(self.approval_right)

    def perform_approval(self, row: Row, by: User, said: dict[str, Any]) -> None:
        """Approve a row through its service, which raises ValidationError where it refuses."""
        raise TypeError("A page of approvals says how its rows are approved.")

    def approve(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Approve what was seen, or tell why not; leads back to its page."""
        row = get_object_or_404(self.model, pk=pk)
        if not self.has_approve_permission(request):
            raise PermissionDenied
        form = self.approval_form(request.POST)
        try:
            if not form.is_valid():
                raise ValidationError([error for errors in form.errors.values() for error in errors])
            self.perform_approval(row, staff(request), form.cleaned_data)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            self.message_user(request, self.approved, messages.SUCCESS)
        return HttpResponseRedirect(self.address_of(pk))

    def address_of(self, pk: UUID) -> str:
        """Return the address of the page of a row."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk])
