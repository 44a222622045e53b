"""The forms about students."""

from students.forms.attendance import Grid
from students.forms.enrollments import CohortChoice, EnrollForm, RosterFilter, RosterForm
from students.forms.weekly_reports import WeeklyReportForm

__all__ = ["CohortChoice", "EnrollForm", "Grid", "RosterFilter", "RosterForm", "WeeklyReportForm"]
