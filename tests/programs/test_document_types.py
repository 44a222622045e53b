"""What stands on the documents that programs makes."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from autopilot.document_types import samples
from autopilot.document_types.types import DocumentType
from programs.document_types.billing import CREDIT_NOTE, INVOICE, REMITTANCE, STATEMENT
from programs.document_types.listings import PACKET, STATE_FORM_COVER
from programs.document_types.mous import MOU
from tests.autopilot.documents.samples import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def printed(kind: DocumentType, /, **changes) -> str:
    """Return the text of a type's sample, changed as a test asks, in one line."""
    created = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    pdf = samples.sample_pdf(kind, created=created, context={**kind.sample, **changes})
    return " ".join(text_of(pdf).split())


def test_an_mou_names_the_parties_and_asks_both_to_sign():
    text = printed(MOU)

    assert "Between Provost Workforce Training Network and Łukasz Nguyễn Welding & Pipefitting, LLC" in text
    assert "With the last signature, and not before December 1, 2026" in text
    assert "Structural welding AWS D1.1 Certified Welder 480" in text
    assert "2 CFR 200.334" in text
    assert text.count("Name, title and date") == 2


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"compensation": "share", "share": Decimal("33.30")}, "33.3 percent of net program revenue"),
        ({"compensation": "flat", "amount": Decimal(1500)}, "$1,500.00 for each calendar month"),
        ({"compensation": "per_student", "amount": Decimal("412.5")}, "$412.50 for each student"),
    ],
)
def test_an_mou_states_the_compensation_that_was_agreed_and_no_other(terms, said):
    text = printed(MOU, **({"share": None, "amount": None} | terms))

    assert f"The Network pays the Holder {said}" in text
    assert text.count("The Network pays the Holder") == 1


def test_an_mou_without_a_last_day_goes_on():
    text = printed(MOU, expires_on=None, effective_on=None, programs=[])

    assert "In force until One of us ends it" in text
    assert "The programs of the Holder that the Network has approved." in text


def test_an_invoice_adds_up_before_the_readers_eyes():
    text = printed(INVOICE)

    assert "Please pay $2,234.98 by December 20, 2026." in text
    assert "12 $84.50 $70.98 $1,014.00" in text
    assert "Charges $2,164.00 Tax of 7% on taxable charges $70.98 To be paid $2,234.98" in text


def test_a_credit_note_names_the_invoice():
    text = printed(CREDIT_NOTE)

    assert "We take back $180.83 of invoice INV-202611-0042." in text
    assert "returned unopened" in text


@pytest.mark.parametrize(
    ("closing", "said"),
    [("12.00", "$12.00 was open"), ("0.00", "nothing was open"), ("-12.00", "−$12.00, in your favor")],
)
def test_a_statement_says_who_owes(closing, said):
    text = printed(STATEMENT, closing=Decimal(closing))

    assert said in text
    assert "Nov 20, 2026 Invoice INV-202611-0042 $2,234.98 $2,234.98" in text


def test_a_remittance_says_what_was_paid_for():
    text = printed(REMITTANCE)

    assert "We paid you $6,124.46 on December 15, 2026." in text
    assert "Account ending in 4471" in text
    assert "$4,218.44" in text


def test_a_packet_lists_programs_and_documents():
    text = printed(PACKET)

    assert "Structural welding AWS D1.1 Certified Welder 48.0508 51-4121 480 $6,200.00" in text
    assert "Curriculum, structural welding, 18 pages" in text
    assert "Liability insurance certificate, 1 page" in text


def test_a_cover_says_which_form_it_covers():
    text = printed(STATE_FORM_COVER)

    assert "Application for postsecondary proprietary accreditation, Edition 2026-07" in text
    assert "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" in text
