"""Attendance in the portal: the week of a cohort, and the grid of one session."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode

from programs.models import Cohort, MemberRole, Session
from programs.portal import add_section
from programs.views.portal.base import HolderView, may
from programs.views.portal.lists import page_of
from students.access import cohorts_in
from students.forms.attendance import Grid
from students.forms.enrollments import CohortChoice
from students.models import Attendance, AttendanceStatus, Enrollment
from students.services.attendance import (
    Conflict,
    expected_at,
    lock_attendance,
    record_attendance,
    require_open,
    unlock_attendance,
)
from students.services.enrollments import today_at
from students.weeks import WEEK, as_week, first_day, week_ending

add_section("Attendance", "portal:attendance", 55)
ROWS = 60
MOST_SESSIONS = 21
MARK = "all-"


@dataclass(frozen=True)
class Line:
    """A student's week: what is recorded at each session; None where nothing is."""

    enrollment: Enrollment
    records: list[Attendance | None]


class Week(HolderView):
    """A cohort's week: its students by its sessions."""

    http_method_names = ["get", "head"]
    template_name = "students/portal/attendance.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the week that is asked for; without one, this week of the first cohort that runs."""
        form = CohortChoice(request.GET, holder=self.holder)
        cohort = form.chosen()
        if cohort is None:
            return self.show(form=form, cohort=None)
        today = today_at(cohort)
        ending = as_week(request.GET.get("week", ""), week_ending(today))
        sessions = list(_sessions(cohort, ending))
        trained = Enrollment.objects.filter(cohort=cohort, started_on__lte=ending)
        page = page_of(_still_there(trained, first_day(ending)), request, ROWS)
        return self.show(
            form=form, cohort=cohort, ending=ending, first=first_day(ending), today=today, sessions=sessions,
            page=page, lines=_lines(list(page), sessions), query="&" + urlencode({"cohort": str(cohort.pk), "week": str(ending)}),
            before=ending - WEEK, after=ending + WEEK if ending < week_ending(today) else None,
        )  # fmt: skip


class OneSession(HolderView):
    """The grid of one session: record, mark all, lock."""

    template_name = "students/portal/session.html"

    def get(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """Show what is recorded; everybody else as present."""
        return self._page(self._found(session_id), None)

    def post(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """Do what the button says; what was entered is kept on the page until it is recorded."""
        session, action = self._found(session_id), request.POST.get("action", "")
        if action == "unlock":
            return self._unlock(session)
        grid = Grid(session, list(self._students(session)), request.POST)
        if action.startswith(MARK) and action.removeprefix(MARK) in AttendanceStatus.values:
            grid.mark_all(action.removeprefix(MARK))
            return self._page(session, grid, marked=action.removeprefix(MARK))
        return self._save(session, grid, lock=action == "lock")

    def _save(self, session: Session, grid: Grid, *, lock: bool) -> HttpResponse:
        entries = grid.entries()
        if entries is None:
            return self._page(session, grid, refusal="Nothing is recorded yet. Correct the rows that are marked.")
        try:
            changed = record_attendance(session, entries, by=self.user)
            if lock:
                lock_attendance(session, by=self.user)
        except Conflict as conflict:
            grid.mark_others(conflict.enrollments)
            return self._page(session, grid, refusal=" ".join(conflict.messages))
        except ValidationError as refusal:
            return self._page(session, grid, refusal=" ".join(refusal.messages))
        messages.success(self.request, _told(changed, lock))
        return self._back(session)

    def _unlock(self, session: Session) -> HttpResponse:
        if not may(self.member, MemberRole.OWNER):
            raise PermissionDenied("Only an owner opens attendance that is locked.")
        try:
            unlock_attendance(session, reason=self.request.POST.get("reason", ""), by=self.user)
        except ValidationError as refusal:
            messages.error(self.request, " ".join(refusal.messages))
        else:
            messages.success(self.request, "The attendance can be changed again.")
        return self._back(session)

    def _found(self, session_id: UUID) -> Session:
        own = Session.objects.select_related("cohort__program").filter(cohort__in=cohorts_in(self.holder))
        return get_object_or_404(own, pk=session_id)

    def _students(self, session: Session) -> list[Enrollment]:
        self.page = page_of(expected_at(session), self.request, ROWS)
        return list(self.page)

    def _back(self, session: Session) -> HttpResponse:
        answer = self.to("portal:attendance_session", session_id=session.pk)
        if self.request.GET.get("page", "").isdecimal():
            answer["Location"] += f"?page={self.request.GET['page']}"
        return answer

    def _page(self, session: Session, grid: Grid | None, refusal: str = "", marked: str = "") -> HttpResponse:
        grid = grid or Grid(session, self._students(session))
        return self.show(
            session=session, cohort=session.cohort, grid=grid, page=self.page, refusal=refusal, marked=marked,
            choices=AttendanceStatus.choices, closed=_closed(session), ending=week_ending(session.date),
            may_unlock=may(self.member, MemberRole.OWNER), full=f"{session.hours.normalize():f}",
        )  # fmt: skip


def _sessions(cohort: Cohort, ending: date) -> list[Session]:
    days = cohort.sessions.filter(date__range=(first_day(ending), ending), cancelled_at=None)
    return list(days.order_by("date", "starts_at")[:MOST_SESSIONS])


def _still_there(trained: QuerySet[Enrollment], first: date) -> QuerySet[Enrollment]:
    gone = trained.filter(ended_on__lt=first)
    rows = trained.exclude(pk__in=gone.values("pk")).filter(status__in=["active", "completed", "withdrawn"])
    return rows.select_related("student").order_by("student__last_name", "student__first_name", "id")


def _lines(enrollments: list[Enrollment], sessions: list[Session]) -> list[Line]:
    found = Attendance.objects.filter(session__in=sessions, enrollment__in=enrollments)
    records = {(record.enrollment_id, record.session_id): record for record in found}
    return [Line(each, [records.get((each.pk, session.pk)) for session in sessions]) for each in enrollments]


def _closed(session: Session) -> str:
    try:
        require_open(session)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return ""


def _told(changed: int, locked: bool) -> str:
    told = f"Recorded: {changed} new or changed." if changed else "Nothing was different from what is recorded."
    return f"{told} The attendance is locked." if locked else told
