"""A row of everything that a holder can have, with a canary in its every text, to look for where it must not be."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from autopilot import clock
from autopilot.document_types import batches
from autopilot.documents import archive
from autopilot.identifiers import uuid7
from programs.models import (
    Closure,
    CreditNote,
    Enquiry,
    Holder,
    Invitation,
    Listing,
    MemberRole,
    MouStatus,
    Payout,
    PayoutBatch,
    PayoutBatchStatus,
    Requirement,
    RequirementUpload,
    Session,
    Site,
)
from programs.services.invoices import draft_invoice, send_invoice
from students.models import (
    Attendance,
    CertificateRequest,
    Enrollment,
    MilestoneCompletion,
    RosterImport,
    RosterRow,
    WeeklyReport,
)
from students.services.attendance import Entry, record_attendance
from students.services.enrollments import enroll
from students.services.weekly_reports import ReportFacts, submit_weekly_report
from students.weeks import week_ending
from tests.programs.billing.samples import banked, charged
from tests.programs.mous.samples import mou_of
from tests.programs.samples import holder, member_of, program
from tests.students.samples import active, certificate_of, cohort, milestone_of, student

LAST_SESSION = clock.today() - timedelta(days=1)


def filled(canary: str) -> dict[str, Any]:
    """Return the rows of a holder in whose every text there is a canary, by the name under which routes take them."""
    school = holder(legal_name=f"{canary} School", doing_business_as="", contact_email=f"{canary}@example.org",
                    contact_name=canary, programs=(program(title=f"{canary} program"),))  # fmt: skip
    owner = member_of(school, username=f"{canary}-owner")
    document = archive.store(
        f"%PDF-1.7 {canary}".encode(), media_type="application/pdf", title=canary, tenant_id=school.pk
    )
    mou = mou_of(school, MouStatus.EXECUTED, document=document, executed_document=document)
    group = cohort(school, name=f"{canary} cohort")
    today, meeting = clock.today(), _session(group, canary)
    invoice = draft_invoice(school, [charged(school, description=canary)], by=None)
    send_invoice(invoice, by=None)
    requirement = Requirement.objects.filter(holder=school, type__slug="w-9").get()
    note = CreditNote.objects.create(invoice=invoice, number=f"CRN-{canary}"[:20], amount=Decimal(1), reason=canary)
    rows: dict[str, Any] = {
        "holder_id": school, "document_id": document, "mou_id": mou, "cohort_id": group, "program_id": school.programs.first(),
        "site_id": Site.objects.create(holder=school, name=canary, street=canary, city=canary, state="IN", zip="46204"),
        "closure_id": Closure.objects.create(holder=school, date=today, name=canary),
        "session_id": meeting, "enrollment_id": _enrollment(group, canary), "invoice_id": invoice, "note_id": note,
        "payout_id": _payout(school, owner), "requirement_id": requirement,
        "upload_id": RequirementUpload.objects.create(requirement=requirement, document=document, file_name=canary),
        "enquiry_id": Enquiry.objects.create(program=group.program, name=canary, email=f"{canary}@x.org", form_key=uuid7()),
        "member_id": school.members.get(user=owner), "invitation_id": Invitation.objects.get(holder=school),
        "listing_id": Listing.objects.create(program=group.program, state="IN", reason=canary),
        **_certified(group, canary),
        "roster_id": _roster(school, group, canary),
        "attendance_id": _attendance(meeting, canary), "weeklyreport_id": _weekly_report(meeting, owner, canary),
    }  # fmt: skip
    rows["job_id"] = batches.request("progress_report", [rows["enrollment_id"].pk], tenant_id=school.pk)
    return rows | {"owner": owner}


def _session(group: Any, canary: str) -> Session:
    return Session.objects.create(cohort=group, date=LAST_SESSION, starts_at="09:00", ends_at="13:00", hours=Decimal(4),
                                  topic=canary)  # fmt: skip


def _attendance(meeting: Session, canary: str) -> Attendance:
    trained = active(meeting.cohort, first_name=canary, last_name=canary, email=f"{canary}-trained@example.org")
    record_attendance(meeting, [Entry(trained.pk, "late", note=canary)], by=None)
    return trained.attendance.get()


def _weekly_report(meeting: Session, by: Any, canary: str) -> WeeklyReport:
    facts = ReportFacts(meeting.hours, skills=canary, challenges=canary, notes=canary)
    return submit_weekly_report(meeting.cohort, ending=week_ending(meeting.date), facts=facts, by=by)


def _roster(school: Holder, group: Any, canary: str) -> RosterImport:
    roster = RosterImport.objects.create(holder=school, cohort=group, file_name=f"{canary}.csv", total=1, new=1)
    RosterRow.objects.create(roster=roster, line=2, first_name=canary, last_name=canary)
    return roster


def _enrollment(group: Any, canary: str) -> Enrollment:
    facts = student(first_name=canary, last_name=canary, email=f"{canary}-student@example.org")
    return enroll(group, student=facts, by=None)


def _certified(group: Any, canary: str) -> dict[str, Any]:
    enrollment = active(group, 2, first_name=canary, last_name=canary, email=f"{canary}-certified@example.org")
    asked = uuid7()
    return {
        "certificate_id": certificate_of(enrollment),
        "completion_id": MilestoneCompletion.objects.create(
            enrollment=enrollment,
            milestone=milestone_of(group.program, canary),
            completed_on=clock.today(),
            evidence=canary,
        ),
        "batch_id": CertificateRequest.objects.create(
            pk=asked, batch=asked, enrollment=enrollment, holder=enrollment.holder, status="refused", problem=canary
        ),
    }


def _payout(school: Holder, owner: Any) -> Payout:
    batch = PayoutBatch.objects.create(
        number=f"PAY-{str(school.pk)[-8:]}", prepared_by=owner, status=PayoutBatchStatus.APPROVED,
        approved_by=member_of(school, MemberRole.COORDINATOR), approved_at=clock.now(),
    )  # fmt: skip
    return Payout.objects.create(batch=batch, holder=school, bank_account=banked(school), amount=Decimal(5))
