"""The portal's pages of programs and sites."""

import io

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programs.models import MemberRole
from programs.services.programs import return_program, submit_program
from tests.programs.offers import approved, clerk, draft, posted
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


@pytest.fixture
def own(client, school):
    client.force_login(member_of(school, MemberRole.COORDINATOR))
    return client


def address(school, rest=""):
    return f"/portal/{school.pk}/programs/{rest}"


def test_it_stores_a_draft(own, school):
    site = school.sites.get()

    answer = own.post(address(school, "new/"), posted(sites=[str(site.pk)]))

    program = school.programs.get(title="Practical Nursing")
    assert answer["Location"] == address(school, f"{program.pk}/")
    assert (program.cost, [each.pk for each in program.sites.all()]) == (5250, [site.pk])
    assert "Send for review" in own.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("change", [
    {"cip_code": "1"}, {"title": None}, {"occupations_0": "sorcery"}, {"clock_hours": "many"}, {"tuition": "-3"},
    {"sites": ["0190b1f2-0000-7000-8000-00000000ffff"]}, {"type": "x"}, {"title": "日本"},
])  # fmt: skip
def test_it_says_what_is_wrong(own, school, change):
    answer = own.post(address(school, "new/"), posted(**change))

    assert answer.status_code == 200
    assert "error-summary" in answer.content.decode()
    assert school.programs.count() == 1


def test_it_sends_a_draft_for_review_and_shows_the_remark(own, school):
    program = draft(school)

    own.post(address(school, f"{program.pk}/"), {"action": "submit"})
    program.refresh_from_db()
    return_program(program, by=clerk(), remark="Name the issuer.")

    page = own.get(address(school, f"{program.pk}/")).content.decode()
    assert "Name the issuer." in page


def test_codes_are_found_by_their_titles(own, school):
    own.post(address(school, "new/"), posted(cip_code="welding", occupations_0="welders"))

    program = school.programs.get(title="Practical Nursing")
    assert (program.cip_code, program.occupations.get().soc_code) == ("48.0508", "51-4121")
    page = own.get(address(school, f"{program.pk}/edit/")).content.decode()
    assert '<datalist id="cip-codes">' in page
    assert 'value="51-4121"' in page


def pdf(text="Week 1: safety."):
    """Return a small real PDF."""
    buffer = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(612, 792))
        made.docinfo["/Title"] = text
        made.save(buffer)
    return SimpleUploadedFile("syllabus.pdf", buffer.getvalue(), "application/pdf")


def test_it_takes_a_syllabus(own, school):
    program = draft(school)

    own.post(address(school, f"{program.pk}/syllabus/"), {"file": pdf()})

    program.refresh_from_db()
    assert program.syllabus.tenant_id == school.pk
    page = own.get(address(school, f"{program.pk}/")).content.decode()
    assert "Download" in page
    download = own.get(address(school, f"{program.pk}/syllabus/"))
    assert download["Content-Disposition"].startswith("attachment")
    assert download["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("sent", [{}, {"file": SimpleUploadedFile("a.pdf", b"no pdf")}, {"file": "x"}])
def test_it_refuses_what_is_no_syllabus(own, school, sent):
    program = draft(school)

    answer = own.post(address(school, f"{program.pk}/syllabus/"), sent, follow=True)

    assert "is-error" in answer.content.decode()
    program.refresh_from_db()
    assert program.syllabus is None


def test_it_names_what_is_missing(own, school):
    program = school.programs.get()

    own.post(address(school, f"{program.pk}/"), {"action": "submit"})

    page = own.get(address(school, f"{program.pk}/")).content.decode()
    assert "by its SOC code" in page
    program.refresh_from_db()
    assert program.status == "draft"


def test_what_was_approved_cannot_be_sent_otherwise(own, school):
    program = approved(school)

    own.post(address(school, f"{program.pk}/edit/"), posted(tuition="1.00", description="Anew."))

    program.refresh_from_db()
    assert (str(program.tuition), program.description) == ("4800.00", "Anew.")


@pytest.mark.parametrize("action", ["", "x", "withdraw", "retire"])
def test_what_cannot_be_done_is_said(own, school, action):
    program = draft(school)

    answer = own.post(address(school, f"{program.pk}/"), {"action": action}, follow=True)

    assert "is-error" in answer.content.decode()
    program.refresh_from_db()
    assert program.status == "draft"


def test_a_program_of_another_holder_is_not_there(own, school):
    strange = draft(holder(ein="35-7654321"))

    for rest in (
        f"{strange.pk}/",
        f"{strange.pk}/edit/",
        f"{strange.pk}/syllabus/",
        f"sites/{strange.sites.get().pk}/",
    ):
        assert own.get(address(school, rest)).status_code == 404
        assert own.post(address(school, rest), posted()).status_code == 404


def test_a_reader_reads(client, school):
    program = draft(school)
    client.force_login(member_of(school, MemberRole.READ_ONLY))

    for rest in ("", "sites/", f"{program.pk}/"):
        assert client.get(address(school, rest)).status_code == 200
    for rest in ("new/", "sites/new/", f"{program.pk}/", f"{program.pk}/edit/"):
        assert client.post(address(school, rest), posted(action="submit")).status_code == 403


def test_it_keeps_sites(own, school):
    said = {"name": "Workshop", "street": "1 A Street", "city": "Gary", "state": "IN", "zip": "46402"}

    assert "error-summary" in own.post(address(school, "sites/new/"), said | {"zip": "4"}).content.decode()
    own.post(address(school, "sites/new/"), said)
    site = school.sites.get(name="Workshop")
    own.post(address(school, f"sites/{site.pk}/"), said | {"name": "Workshop of Gary"})

    assert "Workshop of Gary" in own.get(address(school, "sites/")).content.decode()


def test_the_list_costs_the_same_for_many(own, school):
    draft(school)
    with CaptureQueriesContext(
        connection,
    ) as few:
        own.get(address(school))
    for _ in range(30):
        draft(school)

    with CaptureQueriesContext(connection) as many:
        page = own.get(address(school)).content.decode()

    assert len(many) == len(few)
    assert 'rel="next"' in page


def test_the_overview_says_what_to_do(own, school):
    assert "Set up a program" in own.get(f"/portal/{school.pk}/").content.decode()
    submit_program(draft(school), by=clerk())
    assert "We are reviewing your program." in own.get(f"/portal/{school.pk}/").content.decode()
