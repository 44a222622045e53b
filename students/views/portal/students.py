"""The students of a holder: the list, one enrollment with what can be done about it, and a new one."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date
from django.utils.http import urlencode

from autopilot.document_types import types
from programs.models import Holder
from programs.portal import add_section
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of
from programs.views.portal.refusals import show_refusal
from students.access import cohorts_in, enrollments_in
from students.forms import EnrollForm, RosterFilter
from students.models import Enrollment, EnrollmentStatus
from students.reports import attendance_total
from students.services import enrollments
from students.services.agreements import standing_agreement
from students.services.invitations import invite_student
from students.services.waiting_list import join_waiting_list

add_section("Students", "portal:students", 50)

LEGAL_MOVES = enrollments.LEGAL_MOVES
Deed = Callable[[Enrollment, User, str, date | None], None]
DEEDS: dict[str, tuple[Deed, str]] = {
    "accept": (lambda row, by, reason, on: enrollments.accept(row, by=by), "Accepted: the student has a seat."),
    "decline": (lambda row, by, reason, on: enrollments.decline(row, reason=reason, by=by), "Declined."),
    "activate": (lambda row, by, reason, on: enrollments.activate(row, by=by, on=on), "The training has begun."),
    "complete": (lambda row, by, reason, on: enrollments.complete(row, by=by, on=on), "Completed."),
    "withdraw": (lambda row, by, reason, on: enrollments.withdraw(row, reason=reason, by=by, on=on), "Withdrawn."),
    "invite": (lambda row, by, reason, on: invite(row, by), "Invited: the student gets a mail with a link."),
}
# What each status lets be done: the deed, its button, and whether it wants a reason or a day.
OFFERED: dict[str, tuple[tuple[str, str, bool, bool], ...]] = {
    EnrollmentStatus.APPLIED: (("accept", "Accept", False, False), ("decline", "Decline", True, False)),
    EnrollmentStatus.ACCEPTED: (("activate", "Start the training", False, True), ("withdraw", "Withdraw", True, False)),
    EnrollmentStatus.ACTIVE: (("complete", "Complete", False, True), ("withdraw", "Withdraw", True, True)),
}


def invite(enrollment: Enrollment, by: User) -> None:
    """Invite the student of an enrollment to their own record."""
    invite_student(enrollment.student, by=by)


def chosen(holder: Holder, request: HttpRequest) -> tuple[RosterFilter, QuerySet[Enrollment], str]:
    """Return the filter of a list of students, the enrollments it leaves, and the query that says so."""
    form = RosterFilter(request.GET, holder=holder)
    rows = enrollments_in(holder)
    said = form.cleaned_data if form.is_valid() else {}
    if said.get("cohort"):
        rows = rows.filter(cohort=said["cohort"])
    if said.get("status"):
        rows = rows.filter(status=said["status"])
    for word in (said.get("q") or "").split()[:4]:
        rows = rows.filter(Q(student__first_name__icontains=word) | Q(student__last_name__icontains=word))
    asked = {name: request.GET[name] for name in ("cohort", "status", "q") if request.GET.get(name)}
    return form, rows, urlencode(asked)


class Students(HolderView):
    """The list of students, filtered, with what waits for a decision above it."""

    http_method_names = ["get", "head"]
    template_name = "students/portal/students.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of it."""
        form, rows, query = chosen(self.holder, request)
        waiting = enrollments_in(self.holder).filter(status=EnrollmentStatus.APPLIED)
        return self.show(
            form=form, query=query, waiting=waiting.count(),
            page=page_of(rows.order_by("student__last_name", "student__first_name", "id"), request),
            has_cohorts=cohorts_in(self.holder).exists(), document_types=types.about(Enrollment),
        )  # fmt: skip


class NewEnrollment(HolderView):
    """Enroll a student with a seat."""

    template_name = "students/portal/enroll.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self.show(form=EnrollForm(holder=self.holder, initial={"cohort": request.GET.get("cohort")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Enroll, and lead to the enrollment."""
        form = EnrollForm(request.POST, holder=self.holder)
        if form.is_valid() and "wait" in request.POST:
            return self._wait(form)
        if form.is_valid():
            try:
                made = enrollments.enroll_and_accept(
                    form.cleaned_data["cohort"], student=form.student(), by=self.user,
                    funding=form.cleaned_data["funding"], reference=form.cleaned_data["reference"],
                )  # fmt: skip
            except ValidationError as refusal:
                show_refusal(form, refusal)
                return self.show(form=form, is_full=getattr(refusal, "code", "") == "cohort_full")
            messages.success(request, "Enrolled, with a seat in the cohort.")
            return self.to("portal:enrollment", enrollment_id=made.pk)
        return self.show(form=form)

    def _wait(self, form: EnrollForm) -> HttpResponse:
        said = form.cleaned_data
        try:
            join_waiting_list(said["cohort"], student=form.student(), by=self.user, funding=said["funding"])
        except ValidationError as refusal:
            show_refusal(form, refusal)
            return self.show(form=form)
        messages.success(self.request, "On the waiting list. The next free seat goes to who waits longest.")
        return self.to("portal:waiting_list")


class OneEnrollment(HolderView):
    """One enrollment: who, where it stands, its history, and what can be done about it."""

    template_name = "students/portal/enrollment.html"

    def get(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Show it."""
        return self._page(self._found(enrollment_id))

    def post(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Do what the button says."""
        enrollment, said = self._found(enrollment_id), request.POST
        deed, done = DEEDS.get(said.get("action", ""), (None, ""))
        if deed is None:
            return self._page(enrollment)
        try:
            deed(enrollment, self.user, said.get("reason", ""), _day(said.get("on", "")))
        except ValidationError as refusal:
            return self._page(self._found(enrollment_id), refusal)
        messages.success(request, done)
        return self.to("portal:enrollment", enrollment_id=enrollment.pk)

    def _found(self, enrollment_id: UUID) -> Enrollment:
        return get_object_or_404(enrollments_in(self.holder), pk=enrollment_id)

    def _page(self, enrollment: Enrollment, refusal: ValidationError | None = None) -> HttpResponse:
        return self.show(
            enrollment=enrollment, refusal=" ".join(refusal.messages) if refusal else "",
            offered=OFFERED.get(enrollment.status, ()), changes=enrollment.status_changes.all(),
            document_types=types.about(Enrollment),
            total=attendance_total(enrollment), today=enrollments.today_at(enrollment.cohort),
            agreement=standing_agreement(enrollment), may_transfer="transferred" in LEGAL_MOVES[enrollment.status],
        )  # fmt: skip


def _day(written: str) -> date | None:
    if not written:
        return None
    try:
        day = parse_date(written)
    except ValueError:
        day = None
    if day is None:
        raise ValidationError("Enter the day as year-month-day, for example 2026-11-20.", code="date")
    return day
