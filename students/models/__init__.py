"""The tables of students."""

from students.models.attendance import (
    Attendance,
    AttendanceChange,
    AttendanceStatus,
    ProgressNote,
    ReportReminder,
    WeeklyReport,
)
from students.models.certificates import (
    Certificate,
    CertificateRequest,
    CertificateStatus,
    CertificateStatusChange,
    RequestStatus,
    SigningKey,
    StatusList,
)
from students.models.details import Answer, Immigration, Race, Sex, StudentDetails, StudentKey
from students.models.milestones import Milestone, MilestoneCompletion, MilestoneWithdrawal
from students.models.rosters import RosterImport, RosterOutcome, RosterRow, RosterStatus
from students.models.students import Enrollment, EnrollmentStatus, EnrollmentStatusChange, Funding, Student

__all__ = [
    "Answer",
    "Attendance",
    "AttendanceChange",
    "AttendanceStatus",
    "Certificate",
    "CertificateRequest",
    "CertificateStatus",
    "CertificateStatusChange",
    "Enrollment",
    "EnrollmentStatus",
    "EnrollmentStatusChange",
    "Funding",
    "Immigration",
    "Milestone",
    "MilestoneCompletion",
    "MilestoneWithdrawal",
    "ProgressNote",
    "Race",
    "ReportReminder",
    "RequestStatus",
    "RosterImport",
    "RosterOutcome",
    "RosterRow",
    "RosterStatus",
    "Sex",
    "SigningKey",
    "StatusList",
    "Student",
    "StudentDetails",
    "StudentKey",
    "WeeklyReport",
]
