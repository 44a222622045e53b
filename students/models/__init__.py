"""The tables of students."""

from students.models.attendance import (
    Attendance,
    AttendanceChange,
    AttendanceStatus,
    ProgressNote,
    ReportReminder,
    WeeklyReport,
)
from students.models.details import Answer, Immigration, Race, Sex, StudentDetails, StudentKey
from students.models.rosters import RosterImport, RosterOutcome, RosterRow, RosterStatus
from students.models.students import Enrollment, EnrollmentStatus, EnrollmentStatusChange, Funding, Student

__all__ = [
    "Answer",
    "Attendance",
    "AttendanceChange",
    "AttendanceStatus",
    "Enrollment",
    "EnrollmentStatus",
    "EnrollmentStatusChange",
    "Funding",
    "Immigration",
    "ProgressNote",
    "Race",
    "ReportReminder",
    "RosterImport",
    "RosterOutcome",
    "RosterRow",
    "RosterStatus",
    "Sex",
    "Student",
    "StudentDetails",
    "StudentKey",
    "WeeklyReport",
]
