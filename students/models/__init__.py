"""The tables of students."""

from students.models.attendance import (
    Attendance,
    AttendanceChange,
    AttendanceStatus,
    ProgressNote,
    ReportReminder,
    WeeklyReport,
)
from students.models.rosters import RosterImport, RosterOutcome, RosterRow, RosterStatus
from students.models.students import Enrollment, EnrollmentStatus, EnrollmentStatusChange, Funding, Student

__all__ = [
    "Attendance",
    "AttendanceChange",
    "AttendanceStatus",
    "Enrollment",
    "EnrollmentStatus",
    "EnrollmentStatusChange",
    "Funding",
    "ProgressNote",
    "ReportReminder",
    "RosterImport",
    "RosterOutcome",
    "RosterRow",
    "RosterStatus",
    "Student",
    "WeeklyReport",
]
