"""The portal's pages of requirements, of the compliance score and of the onboarding."""

import pytest

from programs.models import Holder, MemberRole, Requirement, RequirementStatus
from programs.portal import stages
from programs.services.onboarding import program_of
from programs.services.requirements import reject_proof
from tests.autopilot.uploads.files import ACTIVE, upload
from tests.programs.proofs import a_file, accepted, in_days, judge, newest, owner, requirement, submitted
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


@pytest.fixture
def portal(client, school):
    """An owner of the school, in its portal."""
    client.force_login(owner(school))

    def at(path: str, sent=None):
        address = f"/portal/{school.pk}/{path}"
        return client.get(address) if sent is None else client.post(address, sent)

    return at


def stage_of(of: Holder, title: str):
    return next(each for each in stages(of) if each.title == title)


def test_the_checklist_stands_by_group_with_status(portal, school):
    accepted(school, "ferpa")

    page = portal("requirements/").content.decode()

    for words in ("Business", "Compliance", "Form W-9", "Missing", "Accepted", "1 of 16 required proofs is accepted"):
        assert words in page


def test_the_checklist_takes_a_bounded_number_of_queries(portal, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        portal("requirements/")


def test_files_are_uploaded_replaced_and_downloaded(portal, school):
    row = requirement(school, "insurance")
    for name in ("first.pdf", "second.pdf"):
        answer = portal(f"requirements/{row.pk}/", {"files": [a_file(name)], "expires_on": in_days(40).isoformat()})
        assert answer.status_code == 302

    page = portal(f"requirements/{row.pk}/").content.decode()
    file = portal(f"requirements/{row.pk}/files/{newest(row).pk}/")

    assert "first.pdf" in page
    assert "second.pdf" in page
    assert "Earlier files (1)" in page
    assert file.content.startswith(b"%PDF-")
    assert file["Content-Disposition"] == 'attachment; filename="Liability insurance.pdf"'
    assert file["X-Content-Type-Options"] == "nosniff"


def test_several_files_are_one_proof(portal, school):
    row = requirement(school, "handbook")

    portal(f"requirements/{row.pk}/", {"files": [a_file("a.pdf"), a_file("b.pdf")]})

    assert row.uploads.count() == 2


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Choose at least one file."),
        ({"files": []}, "Choose at least one file."),
        ({"files": a_file()}, "Enter the last day on which it is good"),
        ({"files": a_file(), "expires_on": "soon"}, "Enter a valid date"),
        ({"files": upload("page.svg", b"<svg/>"), "expires_on": "2099-01-01"}, "Upload a PDF, PNG or JPEG file."),
        (
            {"files": upload("x.pdf", ACTIVE["a script when opened"]), "expires_on": "2099-01-01"},
            "which we do not take",
        ),
    ],
)
def test_a_wrong_upload_is_answered_with_what_to_do(portal, school, sent, told):
    row = requirement(school, "license")

    answer = portal(f"requirements/{row.pk}/", sent)

    assert answer.status_code == 200
    assert told in answer.content.decode()
    row.refresh_from_db()
    assert row.status == RequirementStatus.MISSING


def test_what_came_back_says_why(portal, school):
    row = submitted(school)
    reject_proof(row, by=judge(), seen=newest(row).pk, remark="The seal is missing.")

    assert "The seal is missing." in portal(f"requirements/{row.pk}/").content.decode()


def test_another_holder_finds_nothing_and_a_reader_sends_nothing(client, school):
    row = submitted(school)
    paths = [f"requirements/{row.pk}/", f"requirements/{row.pk}/files/{newest(row).pk}/"]

    client.force_login(member_of(holder(ein="35-7654321"), username="other"))
    other = Holder.objects.exclude(pk=school.pk).get()
    assert [client.get(f"/portal/{of}/{path}").status_code for of in (school.pk, other.pk) for path in paths] == [
        404
    ] * 4

    client.force_login(member_of(school, MemberRole.READ_ONLY))
    assert [client.get(f"/portal/{school.pk}/{path}").status_code for path in paths] == [200, 200]
    assert client.post(f"/portal/{school.pk}/{paths[0]}", {"files": a_file()}).status_code == 403


def test_the_dashboard_says_what_to_upload_and_who_is_next(portal, school):
    assert stage_of(school, "Requirements").state == "due"
    assert "Open the checklist" in portal("").content.decode()

    Requirement.objects.filter(holder=school).update(status=RequirementStatus.SUBMITTED)
    assert stage_of(school, "Requirements").state == "waiting"

    Requirement.objects.filter(holder=school).update(status=RequirementStatus.ACCEPTED)
    assert stage_of(school, "Requirements").state == "done"
    assert stage_of(school, "Membership").state == "waiting"


# The score


def test_the_score_is_explained_with_what_raises_it(portal, school):
    accepted(school, "insurance")

    page = portal("compliance/").content.decode()

    assert "38 of 100: Not compliant" in page
    assert "Documents: 33 of 100" in page
    assert "Reporting: 0 of 100" in page
    assert "Students: 80 of 100" in page
    row = requirement(school, "license")
    assert f'<a href="/portal/{school.pk}/requirements/{row.pk}/">' in page


# The onboarding

ORGANIZATION = {"description": "We teach trades.", "contact_name": "Imani Brooks", "contact_phone": "317-555-0100"}
PROGRAM = {"title": "Welding Technology", "type": "skilled_trades", "description": "Arc and gas welding.",
           "cip_code": "48.0508", "occupations_0": "51-4121", "credential": "AWS Certified Welder",
           "credential_type": "certification", "credential_issuer": "AWS", "delivery": "in_person", "clock_hours": "480",
           "weeks": "12"}  # fmt: skip


def test_the_onboarding_is_stored_step_by_step(portal, school):
    program = program_of(school)
    sites = [str(site.pk) for site in school.sites.all()]

    assert portal("onboarding/1/", ORGANIZATION)["Location"].endswith("/onboarding/2/")
    assert portal("onboarding/")["Location"].endswith("/onboarding/2/")
    assert portal("onboarding/2/", PROGRAM | {"sites": sites, "action": "later"})["Location"].endswith(f"{school.pk}/")
    assert portal("onboarding/3/", {"file": a_file("syllabus.pdf"), "instructions": "Bring boots."}).status_code == 302
    assert "This is still missing" not in portal("onboarding/4/").content.decode()
    portal("onboarding/4/", {})

    school.refresh_from_db()
    program.refresh_from_db()
    assert (school.description, school.onboarding_step) == ("We teach trades.", 4)
    assert school.onboarded_at is not None
    assert (program.status, program.instructions) == ("in_review", "Bring boots.")
    assert requirement(school, "curriculum", program).status == RequirementStatus.SUBMITTED
    assert program.syllabus == newest(requirement(school, "curriculum", program)).document
    assert stage_of(school, "Onboarding").state == "done"


def test_the_onboarding_says_what_is_missing_and_sends_nothing(portal, school):
    assert "Step 1: describe your organization" in portal("onboarding/4/").content.decode()

    portal("onboarding/4/", {})

    school.refresh_from_db()
    assert school.onboarded_at is None
    assert program_of(school).status == "draft"


@pytest.mark.parametrize(
    ("step", "sent", "told"),
    [
        (1, {"contact_name": ""}, "error-summary"),
        (2, {"title": "", "cip_code": "welding"}, "error-summary"),
        (3, {}, "Choose the file of the syllabus."),
        (3, {"file": upload("plan.docx", b"PK")}, "Upload a PDF, PNG or JPEG file."),
    ],
)
def test_a_step_says_what_is_wrong(portal, step, sent, told):
    answer = portal(f"onboarding/{step}/", sent)

    assert answer.status_code == 200
    assert told in answer.content.decode()


@pytest.mark.parametrize("step", [0, 5, 99999])
def test_there_are_four_steps(portal, step):
    assert portal(f"onboarding/{step}/").status_code == 404
