"""What stands on the documents about students."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from autopilot.document_types import samples
from autopilot.document_types.types import DocumentType
from students.document_types import CERTIFICATE, ENROLLMENT_AGREEMENT, PROGRESS_REPORT
from tests.autopilot.documents.samples import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def printed(kind: DocumentType, /, **changes) -> str:
    """Return the text of a type's sample, changed as a test asks, in one line."""
    created = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    pdf = samples.sample_pdf(kind, created=created, context={**kind.sample, **changes})
    return " ".join(text_of(pdf).split())


def test_an_agreement_says_who_pays():
    text = printed(ENROLLMENT_AGREEMENT)

    assert "All costs $6,200.00 Paid by WIOA, Individual Training Account $6,200.00 You pay $0.00" in text
    assert "Do not pay anybody who asks you for money" in text


def test_an_agreement_with_a_part_to_pay_says_how():
    text = printed(ENROLLMENT_AGREEMENT, owed=Decimal(500), payment_plan="You pay in two parts.")

    assert "You pay in two parts." in text
    assert "Do not pay anybody" not in text


@pytest.mark.parametrize(
    ("consents", "said"), [(True, "You agree that we give records"), (False, "You have not agreed")]
)
def test_an_agreement_says_whether_the_student_consented(consents, said):
    assert said in printed(ENROLLMENT_AGREEMENT, consents=consents)


@pytest.mark.parametrize(
    ("verdict", "said"), [("on_track", "On track"), ("behind", "Behind"), ("no_activity", "No activity")]
)
def test_a_progress_report_states_its_verdict(verdict, said):
    text = printed(PROGRESS_REPORT, verdict=verdict)

    assert said in text
    assert "117.25 of 480 clock hours so far" in text
    assert "January 31, 2027 4 3 27.75" in text


def test_a_certificate_says_what_was_earned_and_where_it_is_checked():
    text = printed(CERTIFICATE)

    assert "This certifies that Zoë Martínez-O’Neill has completed" in text
    assert "AWS D1.1 Certified Welder" in text
    assert "https://provost.example/verify/q7xk-2vt9-mb4c-rzd6-h3wn-k8pa-5tey" in text


def test_a_certificate_of_a_module_names_no_credential():
    text = printed(CERTIFICATE, kind="module", credential=None)

    assert "has completed all that this module requires" in text
