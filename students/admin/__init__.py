"""What staff see of students."""

from students.admin.agreements import AgreementAdmin
from students.admin.attendance import AttendanceAdmin
from students.admin.case_notes import CaseNoteAdmin
from students.admin.certificates import CertificateAdmin
from students.admin.costs import SupportiveServiceAdmin, TrainingAccountAdmin
from students.admin.determinations import DeterminationAdmin
from students.admin.enrollments import EnrollmentAdmin
from students.admin.figures import IncomeFigureAdmin, LocalDefinitionAdmin
from students.admin.findings import RiskFindingAdmin
from students.admin.leads import LeadAdmin
from students.admin.milestones import MilestoneAdmin
from students.admin.papers import AskedPaperAdmin, StudentPaperAdmin
from students.admin.participation import (
    ParticipationChangeAdmin,
    ParticipationPeriodAdmin,
    PerformanceTargetAdmin,
    ServiceReceivedAdmin,
)
from students.admin.pirl import PirlSchemaAdmin
from students.admin.plans import IndividualPlanAdmin
from students.admin.policies import ProgramPolicyAdmin, RefundRuleAdmin
from students.admin.students import StudentAdmin
from students.admin.waiting_list import WaitingPlaceAdmin
from students.admin.weekly_reports import WeeklyReportAdmin

__all__ = [
    "AgreementAdmin",
    "AskedPaperAdmin",
    "AttendanceAdmin",
    "CaseNoteAdmin",
    "CertificateAdmin",
    "DeterminationAdmin",
    "EnrollmentAdmin",
    "IncomeFigureAdmin",
    "IndividualPlanAdmin",
    "LeadAdmin",
    "LocalDefinitionAdmin",
    "MilestoneAdmin",
    "ParticipationChangeAdmin",
    "ParticipationPeriodAdmin",
    "PerformanceTargetAdmin",
    "PirlSchemaAdmin",
    "ProgramPolicyAdmin",
    "RefundRuleAdmin",
    "RiskFindingAdmin",
    "ServiceReceivedAdmin",
    "StudentAdmin",
    "StudentPaperAdmin",
    "SupportiveServiceAdmin",
    "TrainingAccountAdmin",
    "WaitingPlaceAdmin",
    "WeeklyReportAdmin",
]
