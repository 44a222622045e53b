"""Duplicates: found for staff, and never told to the applicant."""

import pytest

from programs.duplicates import SAME_ADDRESS, SAME_EIN, SIMILAR, Identity, likeness, plain_name, plain_street
from programs.models import Application
from programs.services.findings import find_duplicates, look_alikes
from programs.services.packets import prepare_packet
from programs.verification import verify
from tests.autopilot.admin.people import ensure_groups, member
from tests.programs.samples import facts, posted, submitted

FIRST = Identity("Harbor Trades School, Inc.", "35-1234567", "a@b.example", "317-555-0100", "12 Canal Street", "46204")
OTHER = {"ein": "35-7654321", "contact_email": "c@d.example", "contact_phone": "317-555-0199"}


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, SAME_EIN),
        (OTHER, SAME_ADDRESS),
        (OTHER | {"legal_name": "The HARBOR TRADES SCHOOL LLC", "mailing_street": "12 Canal St."}, SAME_ADDRESS),
        (OTHER | {"legal_name": "Harbour Trade School", "mailing_street": "1 Elm Road"}, SIMILAR),
        (OTHER | {"mailing_zip": "90210"}, SIMILAR),
        (OTHER | {"legal_name": "Elm College", "contact_email": "A@B.example"}, SIMILAR),
        (OTHER | {"legal_name": "Elm College", "contact_phone": "317-555-0100"}, SIMILAR),
        (OTHER | {"legal_name": "Elm College"}, ""),
        (OTHER | {"legal_name": "Harbour Trade School", "mailing_zip": "90210"}, ""),
    ],
)
def test_it_compares_two_organizations(changes, kind):
    assert likeness(FIRST, Identity(**(vars(FIRST) | changes))) == kind


@pytest.mark.once
def test_it_reads_names_and_streets_plainly():
    assert plain_name("The O’Hara & Sons Training Co., L.L.C.") == "ohara sons training"
    assert plain_street("2914 East 38th Street, Suite 120") == "2914 e 38th st ste 120"


@pytest.mark.django_db
def test_it_finds_the_others_and_how_they_are_alike(django_assert_num_queries):
    same = submitted()
    moved = submitted(**OTHER)
    submitted(**OTHER | {"ein": "82-0000001", "legal_name": "Elm College", "contact_email": "x@elm.example"})
    this = submitted(contact_email="new@harbor.example", contact_phone="317-555-0111")

    with django_assert_num_queries(1):
        found = find_duplicates(this)

    assert dict(found) == {same: SAME_EIN, moved: SAME_ADDRESS}
    assert look_alikes(this) == {"other_applications_with_ein": 1, "with_name_and_address": 1, "similar": 0}


@pytest.mark.django_db
def test_it_is_told_to_staff_on_the_page_of_the_application(client):
    ensure_groups()
    submitted(legal_name="Harbor Trades Academy", ein="82-0000001")
    this = submitted()
    client.force_login(member("rivera", "Reviewer"))

    page = client.get(f"/admin/programs/application/{this.pk}/change/")

    assert "Perhaps the same organization" in page.text
    assert "Harbor Trades Academy" in page.text


@pytest.mark.django_db
def test_it_is_never_told_to_the_applicant(client):
    first = client.post("/apply/", posted())

    second = client.post("/apply/", posted())

    assert (first.status_code, second.status_code) == (302, 302)
    newest = Application.objects.first()
    assert newest is not None
    for page in ("received", "status"):
        text = client.get(f"/apply/{page}/{newest.reference}/").text
        assert "same" not in text.replace("same-origin", "")
        assert all(each.reference not in text for each in Application.objects.exclude(pk=newest.pk))


@pytest.mark.django_db
def test_it_is_no_part_of_the_packet_that_is_sent():
    submitted()
    packet = prepare_packet(submitted(**OTHER).pk)

    found = {each["check"]: each for each in packet["findings"]}

    assert found["name_elsewhere"]["verdict"] == "warn"
    assert found["name_elsewhere"]["internal"]
    assert found["similar"]["internal"]


def test_it_leaves_out_what_an_older_packet_was_not_checked_for():
    checks = {each.check for each in verify(facts(), other_applications_with_ein=0)}

    assert not {"name_elsewhere", "similar"} & checks
