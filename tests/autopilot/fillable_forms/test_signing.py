"""Which text fields are a person's to sign."""

import pytest

from autopilot.fillable_forms.signing import is_for_signing

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Signature of Employee", "Enter it."),
        ("form1[0].Page2[0].applicantSignature[0]", ""),
        ("signature_2", ""),
        ("Text12", "Printed name and signature"),
        ("Text13", "Sign here"),
        ("Text17", "Section 2. Name of the employer. Enter the signature of the employer."),
        ("Text14", "Signature of Preparer: print, and sign in ink. Then date it."),
    ],
)
def test_it_knows_where_people_sign(name, label):
    assert is_for_signing(name, label)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Sig Date mmddyyyy 1", "Signature Date mm/dd/yyyy"),
        ("Today's Date", "Enter Today's Date of Signature as 2-digit Month"),
        ("primaryDateSigned[0]", "Date"),
        ("Middle Initial", "Enter the initial, if any"),
        ("Design", "Describe the design of the program"),
        ("Signature page.Phone", ""),
        ("Text15", "Printed name of the person whose signature appears above"),
        ("Text16", "If signed by a representative, enter the title"),
    ],
)
def test_it_lets_dates_and_names_be_filled(name, label):
    assert not is_for_signing(name, label)
