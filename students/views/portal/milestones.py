"""The milestones of one student in the portal: what is asked, what was done and by what it shows, and the certificate."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from autopilot import uploads
from autopilot.documents.downloads import as_file
from autopilot.models import Document
from programs.models import Holder
from programs.views.portal.base import HolderView
from programs.views.portal.refusals import show_refusal
from students.access import enrollments_in
from students.forms import CompletionForm
from students.models import Enrollment, MilestoneCompletion
from students.services import certificates, enrollments, milestones
from students.services.milestones import Step


class Milestones(HolderView):
    """The milestones of one student, and what can be done about each."""

    template_name = "students/portal/milestones.html"

    def get(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Show them."""
        return self._page(_enrollment(self.holder, enrollment_id))

    def post(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Record that a milestone was done, or take back what was recorded by mistake."""
        enrollment = _enrollment(self.holder, enrollment_id)
        if request.POST.get("action") == "withdraw":
            return self._withdraw(enrollment)
        step = _step(enrollment, request.POST.get("milestone", ""))
        form = CompletionForm(request.POST, request.FILES, auto_id=f"{step.milestone.pk}_%s")
        if form.is_valid():
            try:
                self._complete(enrollment, step, form.cleaned_data)
            except ValidationError as refusal:
                show_refusal(form, _in_its_field(refusal))
            else:
                messages.success(request, f"Recorded: {step.milestone}.")
                return self.to("portal:milestones", enrollment_id=enrollment.pk)
        return self._page(enrollment, wrong=(step, form))

    def _complete(self, enrollment: Enrollment, step: Step, said: dict[str, Any]) -> None:
        document = self._received(said["file"]) if said["file"] else None
        milestones.complete_milestone(
            enrollment, step.milestone, on=said["on"], evidence=said["evidence"], document=document, by=self.user
        )

    def _received(self, file: Any) -> Document:
        try:
            return uploads.receive(file, title="Evidence of a milestone", tenant_id=self.holder.pk)
        except ValidationError as refusal:
            raise ValidationError({"file": refusal}) from refusal

    def _withdraw(self, enrollment: Enrollment) -> HttpResponse:
        completion = _completion(enrollment, self.request.POST.get("completion", ""))
        try:
            milestones.withdraw_completion(completion, reason=self.request.POST.get("reason", ""), by=self.user)
        except ValidationError as refusal:
            messages.error(self.request, " ".join(refusal.messages))
        else:
            messages.success(self.request, "Taken back; the record keeps both.")
        return self.to("portal:milestones", enrollment_id=enrollment.pk)

    def _page(self, enrollment: Enrollment, wrong: tuple[Step, CompletionForm] | None = None) -> HttpResponse:
        steps = milestones.steps_of(enrollment)
        taken_back = enrollment.milestones.exclude(withdrawn_at=None).select_related("milestone", "withdrawal")
        today = enrollments.today_at(enrollment.cohort)
        return self.show(
            enrollment=enrollment, steps=[(step, _form(step, wrong, enrollment.ended_on or today)) for step in steps],
            missing=sum(step.is_missing for step in steps), taken_back=taken_back,
            may_record=enrollment.status in milestones.TRAINED, stands=_refusal(enrollment),
            certificate=enrollment.certificates.first(),
        )  # fmt: skip


class Evidence(HolderView):
    """The scan that shows that a milestone was done."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, enrollment_id: UUID, completion_id: UUID) -> HttpResponse:
        """Hand it out."""
        rows = _enrollment(self.holder, enrollment_id).milestones.select_related("document")
        document = get_object_or_404(rows, pk=completion_id).document
        if document is None:
            raise Http404("There is no scan.")
        return as_file(document, by=self.user, name="evidence")


def _enrollment(holder: Holder, enrollment_id: UUID) -> Enrollment:
    return get_object_or_404(enrollments_in(holder), pk=enrollment_id)


def _step(enrollment: Enrollment, written: str) -> Step:
    for step in milestones.steps_of(enrollment):
        if str(step.milestone.pk) == written:
            return step
    raise Http404("This milestone is not asked of this student.")


def _completion(enrollment: Enrollment, written: str) -> MilestoneCompletion:
    try:
        return enrollment.milestones.get(pk=UUID(written))
    except (ValueError, MilestoneCompletion.DoesNotExist):
        raise Http404("There is no such record.") from None


def _form(step: Step, wrong: tuple[Step, CompletionForm] | None, day: date) -> CompletionForm | None:
    if step.completion:
        return None
    if wrong and wrong[0].milestone == step.milestone:
        return wrong[1]
    return CompletionForm(auto_id=f"{step.milestone.pk}_%s", initial={"on": day})


def _in_its_field(refusal: ValidationError) -> ValidationError:
    code = getattr(refusal, "code", None)
    fields = {"future": "on", "before_start": "on", "after_end": "on", "evidence": "evidence"}
    return ValidationError({fields[code]: refusal}) if code in fields else refusal


def _refusal(enrollment: Enrollment) -> str:
    """Say what stands between a student and the certificate; nothing does where it is empty."""
    try:
        certificates.require_earned(enrollment)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return ""
