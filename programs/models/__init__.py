"""The tables of programs."""

from programs.models.applications import (
    MOST_OCCUPATIONS,
    MOST_PROGRAMS,
    MOST_SITES,
    Application,
    ApplicationProgram,
    ApplicationStatus,
    EntityType,
)
from programs.models.closures import Closure
from programs.models.cohorts import Cohort, CohortStatus, Session, SessionRule
from programs.models.enquiries import Enquiry
from programs.models.findings import Finding
from programs.models.histories import ApplicationRevision, ApplicationStatusChange
from programs.models.holders import Holder, HolderStatus, HolderStatusChange, Site
from programs.models.intake import (
    MOST_ATTACHMENTS,
    ApplicationDocument,
    ApplicationDraft,
    ApplicationSite,
    ApplicationUpload,
)
from programs.models.invoices import Charge, CreditNote, Invoice, InvoiceStatus, NumberSeries, Payment
from programs.models.listings import Listing, ListingStatus, ListingStatusChange
from programs.models.members import Invitation, Member, MemberRole
from programs.models.mous import (
    Compensation,
    Mou,
    MouEvidence,
    MouStatus,
    MouStatusChange,
    Signature,
    SigningCode,
)
from programs.models.packets import Packet
from programs.models.payouts import BankAccount, Earning, Payout, PayoutBatch, PayoutBatchStatus, Revenue
from programs.models.programs import (
    CredentialType,
    Delivery,
    Program,
    ProgramOccupation,
    ProgramStatus,
    ProgramType,
)
from programs.models.requirements import (
    Requirement,
    RequirementReminder,
    RequirementStatus,
    RequirementType,
    RequirementUpload,
)

__all__ = [
    "MOST_ATTACHMENTS",
    "MOST_OCCUPATIONS",
    "MOST_PROGRAMS",
    "MOST_SITES",
    "Application",
    "ApplicationDocument",
    "ApplicationDraft",
    "ApplicationProgram",
    "ApplicationRevision",
    "ApplicationSite",
    "ApplicationStatus",
    "ApplicationStatusChange",
    "ApplicationUpload",
    "BankAccount",
    "Charge",
    "Closure",
    "Cohort",
    "CohortStatus",
    "Compensation",
    "CredentialType",
    "CreditNote",
    "Delivery",
    "Earning",
    "Enquiry",
    "EntityType",
    "Finding",
    "Holder",
    "HolderStatus",
    "HolderStatusChange",
    "Invitation",
    "Invoice",
    "InvoiceStatus",
    "Listing",
    "ListingStatus",
    "ListingStatusChange",
    "Member",
    "MemberRole",
    "Mou",
    "MouEvidence",
    "MouStatus",
    "MouStatusChange",
    "NumberSeries",
    "Packet",
    "Payment",
    "Payout",
    "PayoutBatch",
    "PayoutBatchStatus",
    "Program",
    "ProgramOccupation",
    "ProgramStatus",
    "ProgramType",
    "Requirement",
    "RequirementReminder",
    "RequirementStatus",
    "RequirementType",
    "RequirementUpload",
    "Revenue",
    "Session",
    "SessionRule",
    "Signature",
    "SigningCode",
    "Site",
]
