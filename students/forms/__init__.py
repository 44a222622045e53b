"""The forms about students."""

from students.forms.attendance import Grid
from students.forms.enrollments import CohortChoice, EnrollForm, RosterFilter, RosterForm

__all__ = ["CohortChoice", "EnrollForm", "Grid", "RosterFilter", "RosterForm"]
