"""What staff see of students."""

from students.admin.attendance import AttendanceAdmin
from students.admin.enrollments import EnrollmentAdmin
from students.admin.students import StudentAdmin
from students.admin.weekly_reports import WeeklyReportAdmin

__all__ = ["AttendanceAdmin", "EnrollmentAdmin", "StudentAdmin", "WeeklyReportAdmin"]
