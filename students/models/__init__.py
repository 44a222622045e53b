"""The tables of students."""

from students.models.agreements import Agreement, AgreementSignature
from students.models.attendance import (
    Attendance,
    AttendanceChange,
    AttendanceStatus,
    ProgressNote,
    ReportReminder,
    WeeklyReport,
)
from students.models.case_notes import CaseNote
from students.models.certificates import (
    Certificate,
    CertificateRequest,
    CertificateStatus,
    CertificateStatusChange,
    RequestStatus,
    SigningKey,
    StatusList,
)
from students.models.conversations import StudentMessage
from students.models.costs import CostEntry, CostKind, SupportiveService, SupportKind, TrainingAccount
from students.models.details import Answer, Immigration, Race, Sex, StudentDetails, StudentKey
from students.models.determinations import Determination, DeterminationChange, DeterminationStatus
from students.models.evidence import Evidence, EvidenceKind
from students.models.figures import IncomeFigure, LocalDefinition
from students.models.findings import RiskAudience, RiskFinding, RiskKind, RiskLevel, RiskNotice
from students.models.invitations import StudentInvitation
from students.models.leads import Lead, LeadSource, LeadStatus
from students.models.milestones import Milestone, MilestoneCompletion, MilestoneWithdrawal
from students.models.papers import AskedPaper, PaperStatus, StudentPaper
from students.models.participation import (
    ExitHindrance,
    ExitReason,
    ParticipationChange,
    ParticipationPeriod,
    PerformanceTarget,
    ProgramReadiness,
    ServiceReceived,
    WioaProgram,
)
from students.models.pirl import PirlSchema
from students.models.plans import IndividualPlan, PlanReview, PlanSignature, PlanStatus
from students.models.policies import ProgramPolicy, RefundBasis, RefundRule
from students.models.refunds import Refund
from students.models.rosters import RosterImport, RosterOutcome, RosterRow, RosterStatus
from students.models.students import Enrollment, EnrollmentStatus, EnrollmentStatusChange, Funding, Student
from students.models.waiting_list import WaitingPlace

__all__ = [
    "Agreement",
    "AgreementSignature",
    "Answer",
    "AskedPaper",
    "Attendance",
    "AttendanceChange",
    "AttendanceStatus",
    "CaseNote",
    "Certificate",
    "CertificateRequest",
    "CertificateStatus",
    "CertificateStatusChange",
    "CostEntry",
    "CostKind",
    "Determination",
    "DeterminationChange",
    "DeterminationStatus",
    "Enrollment",
    "EnrollmentStatus",
    "EnrollmentStatusChange",
    "Evidence",
    "EvidenceKind",
    "ExitHindrance",
    "ExitReason",
    "Funding",
    "Immigration",
    "IncomeFigure",
    "IndividualPlan",
    "Lead",
    "LeadSource",
    "LeadStatus",
    "LocalDefinition",
    "Milestone",
    "MilestoneCompletion",
    "MilestoneWithdrawal",
    "PaperStatus",
    "ParticipationChange",
    "ParticipationPeriod",
    "PerformanceTarget",
    "PirlSchema",
    "PlanReview",
    "PlanSignature",
    "PlanStatus",
    "ProgramPolicy",
    "ProgramReadiness",
    "ProgressNote",
    "Race",
    "Refund",
    "RefundBasis",
    "RefundRule",
    "ReportReminder",
    "RequestStatus",
    "RiskAudience",
    "RiskFinding",
    "RiskKind",
    "RiskLevel",
    "RiskNotice",
    "RosterImport",
    "RosterOutcome",
    "RosterRow",
    "RosterStatus",
    "ServiceReceived",
    "Sex",
    "SigningKey",
    "StatusList",
    "Student",
    "StudentDetails",
    "StudentInvitation",
    "StudentKey",
    "StudentMessage",
    "StudentPaper",
    "SupportKind",
    "SupportiveService",
    "TrainingAccount",
    "WaitingPlace",
    "WeeklyReport",
    "WioaProgram",
]
