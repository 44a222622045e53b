"""Weekly reports in the portal: which are due, those that were sent, and the form."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from programs.models import Cohort
from programs.portal import add_section
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of
from programs.views.portal.refusals import show_refusal
from students.access import cohorts_in
from students.forms import WeeklyReportForm
from students.models import Enrollment, WeeklyReport
from students.services.enrollments import today_at
from students.services.weekly_reports import due_reports, submit_weekly_report, trained_in
from students.weeks import first_day, week_ending

add_section("Weekly reports", "portal:weekly_reports", 60)


class WeeklyReports(HolderView):
    """What is due, what can be reported already, and what was sent."""

    http_method_names = ["get", "head"]
    template_name = "students/portal/weekly_reports.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        sent = WeeklyReport.objects.select_related("cohort__program").filter(holder=self.holder)
        running = cohorts_in(self.holder).filter(status="running").order_by("name")
        this_week = [(cohort, week_ending(today_at(cohort))) for cohort in running[:50]]
        return self.show(due=due_reports(self.holder), this_week=this_week, page=page_of(sent, request))


class OneReport(HolderView):
    """The report of a cohort for a week: read, send, send again."""

    template_name = "students/portal/weekly_report.html"

    def get(self, request: HttpRequest, cohort_id: UUID, week: str) -> HttpResponse:
        """Show what was sent, or the empty form."""
        cohort, ending = self._found(cohort_id, week)
        report = self._report(cohort, ending)
        students = trained_in(cohort, ending)
        form = WeeklyReportForm(students=students, report=report)
        if report is None:
            form.initial["hours_taught"] = _hours_met(cohort, ending)
        return self._page(cohort, ending, form, students)

    def post(self, request: HttpRequest, cohort_id: UUID, week: str) -> HttpResponse:
        """Send it."""
        cohort, ending = self._found(cohort_id, week)
        students = trained_in(cohort, ending)
        form = WeeklyReportForm(request.POST, students=students)
        if form.is_valid():
            try:
                submit_weekly_report(cohort, ending=ending, facts=form.facts(), by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The report is sent.")
                return self.to("portal:weekly_reports")
        return self._page(cohort, ending, form, students)

    def _found(self, cohort_id: UUID, week: str) -> tuple[Cohort, date]:
        cohort = get_object_or_404(cohorts_in(self.holder), pk=cohort_id)
        try:
            ending = date.fromisoformat(week)
        except ValueError:
            raise Http404 from None
        if ending.isoweekday() != 7 or not cohort.starts_on.year - 1 <= ending.year <= cohort.ends_on.year + 1:
            raise Http404
        return cohort, ending

    def _report(self, cohort: Cohort, ending: date) -> WeeklyReport | None:
        rows = WeeklyReport.objects.select_related("submitted_by").filter(cohort=cohort, week_ending=ending)
        return rows.first()

    def _page(self, cohort: Cohort, ending: date, form: WeeklyReportForm, students: list[Enrollment]) -> HttpResponse:
        return self.show(
            cohort=cohort, ending=ending, first=first_day(ending), form=form, students=students,
            report=self._report(cohort, ending),
        )  # fmt: skip


def _hours_met(cohort: Cohort, ending: date) -> str:
    met = cohort.sessions.filter(date__range=(first_day(ending), ending), cancelled_at=None)
    hours = met.aggregate(total=Sum("hours"))["total"]
    return f"{hours.normalize():f}" if hours else ""
