"""The agreement of an enrollment: first the notice and the consent, then the exact file to read and to sign."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from autopilot.documents import downloads
from programs.views.portal.refusals import show_refusal
from students import consents
from students.forms.agreements import NoticeForm, SignForm
from students.me import Records, Todo, todo
from students.models import Agreement, Enrollment
from students.services import agreements
from students.views.me.base import MeView


class OneAgreement(MeView):
    """The agreement, wherever it stands."""

    def get(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Show what comes next: the notice, the file to sign, or what was signed."""
        enrollment = self.enrollment(enrollment_id)
        agreement = agreements.standing_agreement(enrollment)
        if agreement is None or (agreement.signed_at is None and request.GET.get("again")):
            return self._notice(enrollment, NoticeForm())
        return self._sheet(enrollment, agreement, _blank(enrollment, agreement))

    def post(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Have the agreement printed, or sign it."""
        enrollment = self.enrollment(enrollment_id)
        return self._sign(enrollment) if "document_sha256" in request.POST else self._prepare(enrollment)

    def _prepare(self, enrollment: Enrollment) -> HttpResponse:
        form = NoticeForm(self.request.POST)
        if form.is_valid():
            try:
                agreements.prepare_agreement(enrollment, **form.answers())
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                return self.to("me:agreement", enrollment.pk)
        return self._notice(enrollment, form)

    def _sign(self, enrollment: Enrollment) -> HttpResponse:
        agreement, form = agreements.standing_agreement(enrollment), SignForm(self.request.POST)
        if agreement is None:
            raise Http404
        if form.is_valid():
            try:
                agreements.sign_agreement(agreement, form.pen(self.browser), by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(self.request, "You have signed. Keep a copy: download it here at any time.")
                return self.to("me:agreement", enrollment.pk)
        return self._sheet(enrollment, agreement, form)

    def _notice(self, enrollment: Enrollment, form: NoticeForm) -> HttpResponse:
        texts: dict[str, Any] = {name: consents.text_of(name) for name in (consents.NOTICE, consents.FERPA)}
        return self.show("students/me/agreement_notice.html", enrollment=enrollment, form=form, **texts)

    def _sheet(self, enrollment: Enrollment, agreement: Agreement, form: SignForm) -> HttpResponse:
        return self.show(
            "students/me/agreement.html", enrollment=enrollment, agreement=agreement, form=form,
            pages=downloads.pages_of(agreement.document), disclosure=consents.text_of(consents.DISCLOSURE),
            signature=getattr(agreement, "signature", None), open=enrollment.status in agreements.TO_SIGN,
        )  # fmt: skip


class AgreementFile(MeView):
    """The agreement as a file to keep."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Hand it out."""
        document = _standing(self.enrollment(enrollment_id)).document
        return downloads.as_file(document, by=self.user, name="enrollment-agreement")


class AgreementPicture(MeView):
    """A page of the agreement as a picture."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, enrollment_id: UUID, number: int) -> HttpResponse:
        """Show it."""
        return downloads.as_picture(request, _standing(self.enrollment(enrollment_id)).document, number)


@todo(10)
def to_sign(records: Records) -> list[Todo]:
    """Tell which agreements wait for the student."""
    open_ones = Enrollment.objects.select_related("cohort__program").filter(
        student__in=records, status__in=agreements.TO_SIGN, cohort__program__policy__isnull=False
    )
    waiting = open_ones.exclude(agreements__signed_at__isnull=False).order_by("applied_at")
    return [
        Todo(f"Read and sign your agreement for {each.cohort.program.title}, {each.cohort}.", "Read and sign",
             reverse("me:agreement", args=[each.pk]))
        for each in waiting[:5]
    ]  # fmt: skip


def _standing(enrollment: Enrollment) -> Any:
    agreement = agreements.standing_agreement(enrollment)
    if agreement is None:
        raise Http404
    return agreement


def _blank(enrollment: Enrollment, agreement: Agreement) -> SignForm:
    return SignForm(initial={"document_sha256": agreement.document.sha256})
