"""The page of a student's sensitive details: masked, entered, and revealed for two minutes. There is no list of them."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from autopilot.admin.base import PageAdmin, staff
from students.access import students_of
from students.forms.details import DetailsForm, RevealForm
from students.models import Student, StudentDetails
from students.models.details import Answer, Immigration, Race, Sex
from students.services import details

SHOWN_SECONDS = 120
WORDS = dict([*Answer.choices, *Sex.choices, *Race.choices, *Immigration.choices])


class DetailsPages(PageAdmin[Student]):
    """The pages, as part of the admin of students; each asks for its own permission."""

    def details_urls(self) -> list[URLPattern]:
        """Return their addresses."""
        guard = self.admin_site.admin_view
        pages = {"": require_safe(self.details), "enter/": require_POST(self.enter), "reveal/": require_POST(self.reveal),
                 "join/": require_POST(self.join)}  # fmt: skip
        return [
            path(f"<uuid:pk>/details/{part}", guard(never_cache(page)), name=f"student_details{_suffix(part)}")
            for part, page in pages.items()
        ]

    def details(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what is on file, masked."""
        return self._page(request, self._student(request, pk))

    def enter(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Keep what was entered."""
        student, form = self._student(request, pk), DetailsForm(request.POST)
        if not request.user.has_perm(details.ENTER):
            raise PermissionDenied
        if form.is_valid():
            declined = form.cleaned_data["ssn_declined"]
            try:
                details.enter_details(student, facts=form.facts(), by=staff(request), ssn_declined=declined)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                self.message_user(request, "Saved; what was set is recorded, not what it says.", messages.SUCCESS)
                return self._back(pk)
        return self._page(request, student, enter=form, wrong=form)

    def reveal(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what was asked for on this one answer, which leaves by itself."""
        student, form = self._student(request, pk), RevealForm(request.POST)
        if not request.user.has_perm(details.REVEAL):
            raise PermissionDenied
        row = get_object_or_404(_rows(), pk=student.pk)
        if form.is_valid():
            try:
                shown = details.reveal_details(row, by=staff(request), **form.cleaned_data)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                return self._revealed(request, student, shown)
        return self._page(request, student, reveal=form, wrong=form)

    def join(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Note that another record is of the same person."""
        student = self._student(request, pk)
        if not request.user.has_perm(details.ENTER):
            raise PermissionDenied
        try:
            row = get_object_or_404(_rows(), pk=student.pk)
            details.join_persons(
                student, details.same_number(row).get(pk=request.POST.get("other", "")), by=staff(request)
            )
        except (Student.DoesNotExist, ValidationError):
            self.message_user(request, "These records do not have the same number any more.", messages.ERROR)
        else:
            self.message_user(request, "Both records have the same person identifier now.", messages.SUCCESS)
        return self._back(pk)

    def _student(self, request: HttpRequest, pk: UUID) -> Student:
        if not request.user.has_perm(details.VIEW):
            raise PermissionDenied
        return get_object_or_404(students_of(staff(request)), pk=pk)

    def _back(self, pk: UUID) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:student_details", args=[pk]))

    def _revealed(self, request: HttpRequest, student: Student, shown: dict[str, str]) -> HttpResponse:
        told = [(details.title_of(name), _words(name, text)) for name, text in shown.items()]
        answer = self._page(request, student, revealed=told, seconds=SHOWN_SECONDS)
        # Without JavaScript as well: the browser asks for the masked page when the time is over.
        answer["Refresh"] = f"{SHOWN_SECONDS}; url={reverse('admin:student_details', args=[student.pk])}"
        return answer

    def _page(self, request: HttpRequest, student: Student, **more: Any) -> HttpResponse:
        row = _rows().filter(pk=student.pk).first()
        wrong: forms.Form | None = more.get("wrong")
        may_enter = request.user.has_perm(details.ENTER) and not (row and details.is_destroyed(row))
        may_reveal = row is not None and request.user.has_perm(details.REVEAL) and not details.is_destroyed(row)
        context = {
            **self.admin_site.each_context(request),
            "title": "Sensitive details", "subtitle": str(student), "opts": Student._meta, "original": student,
            "masked": details.masked(row), "same": details.same_number(row) if row and may_enter else (),
            "enter": DetailsForm() if may_enter else None, "reveal": RevealForm() if may_reveal else None, **more,
        }  # fmt: skip
        status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
        answer = TemplateResponse(request, "students/admin/details.html", context, status=status)
        answer["Cache-Control"] = "private, no-store"
        return answer


def _rows() -> Any:
    return StudentDetails.objects.select_related("key__student")


def _suffix(part: str) -> str:
    return f"_{part.strip('/')}" if part else ""


def _words(name: str, text: str) -> str:
    if not text:
        return "Not asked yet"
    if name == "ssn":
        return f"{text[:3]}-{text[3:5]}-{text[5:]}"
    return ", ".join(str(WORDS.get(each, each)) for each in text.split(","))
