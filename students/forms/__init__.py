"""The forms about students."""

from students.forms.enrollments import EnrollForm, RosterFilter, RosterForm

__all__ = ["EnrollForm", "RosterFilter", "RosterForm"]
