"""Transfer a student to another cohort of the same holder."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from programs.models import Holder
from programs.views.portal.base import HolderView
from programs.views.portal.refusals import show_refusal
from students.access import enrollments_in
from students.forms.enrollments import open_cohorts
from students.models import Enrollment
from students.services.enrollments import LONGEST_REASON, transfer


class TransferForm(forms.Form):
    """Where to, and why."""

    reason = forms.CharField(
        max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}), help_text="It stands in the history."
    )

    def __init__(self, *args: Any, holder: Holder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort"] = open_cohorts(holder)
        self.order_fields(["cohort", "reason"])


class Transfer(HolderView):
    """Choose the cohort."""

    template_name = "students/portal/transfer.html"

    def get(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Show the form."""
        return self.show(enrollment=self._found(enrollment_id), form=TransferForm(holder=self.holder))

    def post(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Transfer, and lead to the new enrollment."""
        enrollment, form = self._found(enrollment_id), TransferForm(request.POST, holder=self.holder)
        if form.is_valid():
            said = form.cleaned_data
            try:
                made = transfer(enrollment, said["cohort"], reason=said["reason"], by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Transferred: this is the enrollment in the new cohort.")
                return self.to("portal:enrollment", enrollment_id=made.pk)
        return self.show(enrollment=enrollment, form=form)

    def _found(self, enrollment_id: UUID) -> Enrollment:
        return get_object_or_404(enrollments_in(self.holder), pk=enrollment_id)
