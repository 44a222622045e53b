"""The rules by which applications are checked, as a table: what is said, how it is judged, and why."""

from decimal import Decimal

import pytest

from programs.verification import FAIL, PASS, WARN, verify
from tests.programs.samples import facts, program

APPLICATION_RULES = [
    ("ein_format", {"ein": "35-1234567"}, PASS, "two digits, a hyphen and seven"),
    ("ein_format", {"ein": "351234567"}, FAIL, "not two digits"),
    ("ein_prefix", {"ein": "01-1234567"}, PASS, "has the prefix"),
    ("ein_prefix", {"ein": "99-1234567"}, PASS, "has the prefix"),
    ("ein_prefix", {"ein": "07-1234567"}, WARN, "no prefix 07"),
    ("ein_prefix", {"ein": "96-1234567"}, WARN, "no prefix 96"),
    ("mailing_address", {}, PASS, "complete"),
    ("mailing_address", {"mailing_street": " "}, FAIL, "Street or city"),
    ("mailing_address", {"mailing_city": ""}, FAIL, "Street or city"),
    ("mailing_address", {"mailing_state": "XX"}, FAIL, "no USPS abbreviation"),
    ("mailing_address", {"mailing_state": "in"}, FAIL, "no USPS abbreviation"),
    ("mailing_address", {"mailing_zip": "4620"}, FAIL, "not five digits"),
    ("mailing_address", {"mailing_zip": "90210"}, WARN, "begin with 9 do not lie in Indiana"),
    ("mailing_address", {"mailing_state": "PR", "mailing_zip": "00901"}, PASS, "complete"),
    ("mailing_address", {"mailing_state": "NY", "mailing_zip": "00501"}, PASS, "complete"),
    ("mailing_address", {"mailing_state": "TX", "mailing_zip": "88510"}, PASS, "complete"),
    ("site_address", {}, PASS, "complete"),
    ("site_address", {"site_street": ""}, FAIL, "Street or city"),
    ("site_address", {"site_state": "KY"}, PASS, "complete"),
    ("site_address", {"site_state": "OR"}, WARN, "do not lie in Oregon"),
    ("contact_phone", {"contact_phone": "317-555-0100"}, PASS, "area code"),
    ("contact_phone", {"contact_phone": "317-555-0100 ext 12"}, PASS, "area code"),
    ("contact_phone", {"contact_phone": "117-555-0100"}, FAIL, "no number"),
    ("contact_phone", {"contact_phone": "317-155-0100"}, FAIL, "no number"),
    ("contact_phone", {"contact_phone": "3175550100"}, FAIL, "no number"),
    ("contact_email", {"contact_email": "a@school.example"}, PASS, "domain of its own"),
    ("contact_email", {"contact_email": "a@GMAIL.com"}, WARN, "public mail service"),
    ("contact_email", {"contact_email": "a@localhost"}, FAIL, "no full domain"),
    ("contact_email", {"contact_email": "a@10.0.0.1"}, FAIL, "no full domain"),
    ("contact_email", {"contact_email": "school.example"}, FAIL, "no full domain"),
    ("expected_students", {"expected_students": 1}, PASS, "usual"),
    ("expected_students", {"expected_students": 5_000}, PASS, "usual"),
    ("expected_students", {"expected_students": 5_001}, WARN, "More than 5,000"),
    ("expected_students", {"expected_students": 0}, FAIL, "No students"),
    ("assurances", {}, PASS, "Accepted"),
    ("assurances", {"assurances_version": "1999-01"}, FAIL, "not accepted"),
]

PROGRAM_RULES = [
    ("cip", {"cip_code": "48.0508"}, PASS, "series 48"),
    ("cip", {"cip_code": "17.0101"}, WARN, "no series 17"),
    ("cip", {"cip_code": "21.0101"}, WARN, "no series 21"),
    ("cip", {"cip_code": "48.05"}, FAIL, "NN.NNNN"),
    ("credential", {}, PASS, "named"),
    ("credential", {"credential": " "}, FAIL, "No credential"),
    ("clock_hours", {"clock_hours": 8}, PASS, "usual"),
    ("clock_hours", {"clock_hours": 4000, "cost": Decimal(9000)}, PASS, "usual"),
    ("clock_hours", {"clock_hours": 7}, WARN, "outside 8 to 4,000"),
    ("clock_hours", {"clock_hours": 4001}, WARN, "outside 8 to 4,000"),
    ("clock_hours", {"clock_hours": 0}, FAIL, "no hours"),
    ("cost", {"cost": Decimal("7200.00")}, PASS, "usual"),
    ("cost", {"cost": Decimal(0)}, WARN, "costs nothing"),
    ("cost", {"cost": Decimal("60000.01"), "clock_hours": 4000}, WARN, "more than $60,000"),
    ("cost", {"cost": Decimal("2500.01"), "clock_hours": 10}, WARN, "more than $250 an hour"),
    ("cost", {"cost": Decimal("2500.00"), "clock_hours": 10}, PASS, "usual"),
    ("cost", {"cost": Decimal("-0.01")}, FAIL, "negative"),
    ("cost", {"cost": Decimal(5), "clock_hours": 0}, PASS, "usual"),
]


@pytest.mark.parametrize(("check", "said", "verdict", "reason"), APPLICATION_RULES)
def test_it_judges_an_application(check, said, verdict, reason):
    found = only(check, verify(facts(**said), other_applications_with_ein=0))

    assert found.verdict == verdict
    assert reason in found.reason


@pytest.mark.parametrize(("check", "said", "verdict", "reason"), PROGRAM_RULES)
def test_it_judges_a_program(check, said, verdict, reason):
    found = only(check, verify(facts(programs=(program(**said),)), other_applications_with_ein=0))

    assert found.verdict == verdict
    assert reason in found.reason
    assert found.position == 1


@pytest.mark.parametrize(
    ("others", "verdict", "reason"),
    [(0, PASS, "No other"), (1, WARN, "1 other application on file"), (2, WARN, "2 other applications on file")],
)
def test_it_tells_staff_alone_of_another_application_with_the_ein(others, verdict, reason):
    found = only("ein_elsewhere", verify(facts(), other_applications_with_ein=others))

    assert found.verdict == verdict
    assert reason in found.reason
    assert found.internal


def test_it_checks_every_program_under_its_number():
    found = verify(facts(programs=(program(), program(cip_code="17.0101"))), other_applications_with_ein=0)

    warned = [each for each in found if each.verdict == WARN]
    assert [(each.check, each.position) for each in warned] == [("cip", 2)]


def test_it_names_a_source_for_everything_and_what_to_do_unless_all_is_well():
    bad = facts(ein="x", contact_email="x", programs=(program(cost=Decimal(-1), clock_hours=0),))

    for found in verify(bad, other_applications_with_ein=1):
        assert found.source
        assert found.reason
        assert bool(found.action) == (found.verdict != PASS)


def test_it_never_writes_an_ein_into_a_finding():
    for found in verify(facts(ein="07-7654321"), other_applications_with_ein=3):
        assert "7654321" not in found.reason + found.action


def only(check, results):
    """Return the one result of a check."""
    [found] = [each for each in results if each.check == check]
    return found
