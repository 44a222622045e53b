"""The forms about students."""

from students.forms.attendance import Grid
from students.forms.enrollments import CohortChoice, EnrollForm, RosterFilter, RosterForm
from students.forms.milestones import CompletionForm
from students.forms.weekly_reports import WeeklyReportForm

__all__ = ["CohortChoice", "CompletionForm", "EnrollForm", "Grid", "RosterFilter", "RosterForm", "WeeklyReportForm"]
