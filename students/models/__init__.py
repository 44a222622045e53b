"""The tables of students."""

from students.models.attendance import Attendance, AttendanceChange, AttendanceStatus, ProgressNote, WeeklyReport
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
    "Student",
    "WeeklyReport",
]
