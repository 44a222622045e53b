"""The types of documents about students: the agreement that begins training, its reports, and its certificate."""

from datetime import date
from decimal import Decimal

from autopilot import document_types
from autopilot.document_types import DocumentType, Paper, money, number, rows, text, yes_no
from students.services import documents

ENROLLMENT = "students.enrollment"

ENROLLMENT_AGREEMENT = document_types.declare(
    DocumentType(
        slug="enrollment_agreement",
        title="Enrollment agreement",
        make=documents.enrollment_agreement,
        about=ENROLLMENT,
        for_tenant=True,
        fields={
            "reference": text("Reference"),
            "network_name": text("Network: name"),
            "holder_name": text("Training provider: legal name"),
            "holder_address": text("Training provider: address, a line each"),
            "representative_name": text("Training provider: who signs"),
            "student_name": text("Student"),
            "program": text("Program"),
            "program_code": text("Program: code", optional=True),
            "credential": text("Credential", optional=True),
            "starts_on": document_types.date("Begins"),
            "ends_on": document_types.date("Expected to end"),
            "schedule": text("Schedule"),
            "clock_hours": number("Clock hours"),
            "costs": rows("Costs", {"what": text("What for"), "amount": money("Amount")}),
            "total": money("All costs"),
            "funding": text("Who pays"),
            "funded": money("Paid by others"),
            "owed": money("Paid by the student"),
            "payment_plan": text("Payment plan", optional=True),
            "progress_weeks": number("Weeks between reports of progress"),
            "attendance_percent": number("Least attendance in percent"),
            "cancel_days": number("Days to cancel with all money back"),
            "refund_policy": text("Refund policy"),
            "consents": yes_no("Consents to disclosure (FERPA)"),
        },
        sample={
            "reference": "ENR-2027-00318",
            "network_name": "Provost Workforce Training Network",
            "holder_name": "Łukasz Nguyễn Welding & Pipefitting, LLC",
            "holder_address": "2400 Industrial Parkway\nMuncie, Indiana 47302",
            "representative_name": "Dana Whitfield",
            "student_name": "Zoë Martínez-O’Neill",
            "program": "Structural welding",
            "program_code": "SW-14",
            "credential": "AWS D1.1 Certified Welder",
            "starts_on": date(2027, 1, 11),
            "ends_on": date(2027, 4, 30),
            "schedule": "Monday to Thursday, 8:00 a.m. to 3:30 p.m.\nNo class on February 15",
            "clock_hours": 480,
            "costs": [
                {"what": "Tuition", "amount": Decimal("5400.00")},
                {"what": "Books and welding kit", "amount": Decimal("620.00")},
                {"what": "Certification exam", "amount": Decimal("180.00")},
            ],
            "total": Decimal("6200.00"),
            "funding": "WIOA, Individual Training Account",
            "funded": Decimal("6200.00"),
            "owed": Decimal("0.00"),
            "payment_plan": None,
            "progress_weeks": 1,
            "attendance_percent": 90,
            "cancel_days": 3,
            "refund_policy": "tuition is given back in proportion to the clock hours not yet taught, until 60 percent "
            "of them have been taught. Books and kits that were used are yours, and are not given back.",
            "consents": True,
        },
    )
)

PROGRESS_REPORT = document_types.declare(
    DocumentType(
        slug="progress_report",
        title="Progress report",
        make=documents.progress_report,
        about=ENROLLMENT,
        for_tenant=True,
        fields={
            "reference": text("Reference"),
            "student_name": text("Student"),
            "program": text("Program"),
            "holder_name": text("Training provider: legal name"),
            "cohort": text("Cohort"),
            "ends_on": document_types.date("Expected to end"),
            "week_ending": document_types.date("Week ending"),
            "verdict": text("Verdict: on_track, behind or no_activity"),
            "hours_week": number("Hours in this week"),
            "hours_done": number("Hours so far"),
            "hours_required": number("Hours required"),
            "attendance_percent": number("Attendance in percent"),
            "weeks": rows(
                "Weeks",
                {
                    "ending": document_types.date("Week ending"),
                    "sessions": number("Sessions"),
                    "attended": number("Sessions attended"),
                    "hours": number("Hours"),
                },
            ),
            "skills": text("Skills practiced", optional=True),
            "note": text("Progress note", optional=True),
            "challenges": text("Challenges", optional=True),
            "author_name": text("Written by"),
            "submitted_on": document_types.date("Written on"),
        },
        sample={
            "reference": "ENR-2027-00318",
            "student_name": "Zoë Martínez-O’Neill",
            "program": "Structural welding",
            "holder_name": "Łukasz Nguyễn Welding & Pipefitting, LLC",
            "cohort": "SW-14, morning group",
            "ends_on": date(2027, 4, 30),
            "week_ending": date(2027, 2, 7),
            "verdict": "on_track",
            "hours_week": Decimal("29.5"),
            "hours_done": Decimal("117.25"),
            "hours_required": 480,
            "attendance_percent": Decimal("96.9"),
            "weeks": [
                {"ending": date(2027, 1, 17), "sessions": 4, "attended": 4, "hours": Decimal("30.00")},
                {"ending": date(2027, 1, 24), "sessions": 4, "attended": 4, "hours": Decimal("30.00")},
                {"ending": date(2027, 1, 31), "sessions": 4, "attended": 3, "hours": Decimal("27.75")},
                {"ending": date(2027, 2, 7), "sessions": 4, "attended": 4, "hours": Decimal("29.50")},
            ],
            "skills": "Flat and horizontal fillet welds with E7018. Reading welding symbols.",
            "note": "Passed the first bend test at the first try. Helps the others with fit-up.",
            "challenges": "The bus arrives late on Tuesdays; we agreed on a later start of the practical part.",
            "author_name": "R. Castellanos, instructor",
            "submitted_on": date(2027, 2, 8),
        },
    )
)

CERTIFICATE = document_types.declare(
    DocumentType(
        slug="certificate",
        title="Certificate of completion",
        about="students.certificate",
        fields={
            "reference": text("Number"),
            "issuer": text("Issuer"),
            "kind": text("Kind: program or module"),
            "student_name": text("Student"),
            "achievement": text("Program or module"),
            "credential": text("Credential earned", optional=True),
            "clock_hours": number("Clock hours"),
            "holder_name": text("Training provider: legal name"),
            "completed_on": document_types.date("Completed"),
            "issued_on": document_types.date("Issued"),
            "signer_name": text("Signer: name"),
            "signer_title": text("Signer: title"),
            "verify_at": text("Address at which it is checked"),
        },
        sample={
            "reference": "CERT-2027-004471",
            "issuer": "Provost Workforce Training Network",
            "kind": "program",
            "student_name": "Zoë Martínez-O’Neill",
            "achievement": "Structural Welding",
            "credential": "AWS D1.1 Certified Welder",
            "clock_hours": 480,
            "holder_name": "Łukasz Nguyễn Welding & Pipefitting, LLC",
            "completed_on": date(2027, 4, 30),
            "issued_on": date(2027, 5, 4),
            "signer_name": "Miriam Okafor",
            "signer_title": "Director of Programs",
            "verify_at": "https://provost.example/verify/q7xk-2vt9-mb4c-rzd6-h3wn-k8pa-5tey",
        },
        paper=Paper.CERTIFICATE,
    )
)

ELIGIBILITY_LETTER = document_types.declare(
    DocumentType(
        slug="eligibility_letter",
        title="Eligibility letter",
        about="students.determination",
        fields={
            "reference": text("Reference"),
            "student_name": text("Student"),
            "program": text("Training"),
            "holder_name": text("Training provider: legal name"),
            "as_of": document_types.date("Day as of which the facts were judged"),
            "eligible": yes_no("Eligible"),
            "programs": rows("Programs the student is eligible for", {"title": text("Title")}),
        },
        sample={
            "reference": "ELG-2026-4F1C9A",
            "student_name": "Zoë Martínez-O’Neill",
            "program": "Structural welding",
            "holder_name": "Łukasz Nguyễn Welding & Pipefitting, LLC",
            "as_of": date(2026, 11, 21),
            "eligible": True,
            "programs": [{"title": "Adult"}, {"title": "Dislocated worker"}],
        },
    )
)
