"""The office's pages of proofs, of their types, and the activation and report of holders."""

import csv
import io
import json
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command

from autopilot.models import AuditEntry, Job
from programs.holder_report import holder_rows
from programs.models import Holder, HolderStatus, Requirement, RequirementStatus, RequirementType
from programs.services.requirements import submit_proof
from tests.autopilot.uploads.files import picture, upload
from tests.programs.proofs import accepted, in_days, judge, newest, owner, requirement, submitted
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
LIST = "/admin/programs/requirement/"


@pytest.fixture
def school():
    return holder()


@pytest.fixture
def office(client):
    """A reviewer in the office."""
    client.force_login(judge())
    return client


def test_the_list_shows_what_is_to_do(office, school):
    submitted(school, "license")
    accepted(school, "insurance", days=20)
    Requirement.objects.filter(pk=requirement(school, "lease").pk).update(status=RequirementStatus.EXPIRED)

    for show, title in [
        ("review", "Business or school license"),
        ("expiring", "Liability insurance"),
        ("expired", "Lease"),
    ]:
        page = office.get(f"{LIST}?show={show}").content.decode()
        assert title in page.split('id="result_list"')[1]
        assert page.count('class="field-what"') == 1


def test_the_list_takes_a_bounded_number_of_queries(office, school, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        office.get(LIST)


def test_a_proof_is_seen_page_by_page(office, school):
    row = submitted(school)
    at = f"{LIST}{row.pk}/files/{newest(row).pk}/"

    page = office.get(f"{LIST}{row.pk}/change/").content.decode()

    assert f"{at}1.png" in page
    shown = office.get(f"{at}1.png")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert office.get(f"{at}2.png").status_code == 404
    assert office.get(at)["Content-Disposition"].startswith("attachment;")


def test_a_picture_is_seen_as_it_was_drawn_anew(office, school):

    row = requirement(school, "handbook")
    submit_proof(row, files=[upload("page.jpg", picture("JPEG"))], by=owner(school))

    shown = office.get(f"{LIST}{row.pk}/files/{newest(row).pk}/1.png")

    assert shown["Content-Type"] == "image/jpeg"


def verdict(office, row, action, **said):
    return office.post(f"{LIST}{row.pk}/verdict/", {"action": action, "seen": str(newest(row).pk), **said})


def test_a_reviewer_accepts_and_sends_back(office, school):
    good, bad = submitted(school, "license"), submitted(school, "insurance")

    assert verdict(office, good, "accept", expires_on=in_days(90).isoformat()).status_code == 302
    assert verdict(office, bad, "reject", remark="Not signed.").status_code == 302

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.status, good.expires_on, bad.status, bad.remark) == (
        "accepted",
        in_days(90),
        "rejected",
        "Not signed.",
    )


@pytest.mark.parametrize(
    ("action", "said", "told"),
    [
        ("accept", {}, "Enter the last day"),
        ("accept", {"expires_on": "2020-01-01"}, "This day has passed"),
        ("accept", {"expires_on": "soon"}, "Enter a valid date"),
        ("reject", {}, "Say what is wrong"),
        ("reject", {"remark": "No.", "seen": "0190b1f2-0000-7000-8000-00000000ffff"}, "other files meanwhile"),
        ("burn", {}, "Your verdict"),
    ],
)
def test_a_verdict_that_cannot_be_is_answered_with_why(office, school, action, said, told):
    row = submitted(school)

    answer = verdict(office, row, action, **said)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    row.refresh_from_db()
    assert row.status == RequirementStatus.SUBMITTED


def test_who_may_only_look_judges_nothing(client, school):
    row = submitted(school)
    looker = member_of(school, "read_only", username="looker")
    looker.is_staff = True
    looker.save()
    looker.user_permissions.set(Permission.objects.filter(codename="view_requirement"))
    client.force_login(looker)

    assert "Your verdict" not in client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert verdict(client, row, "accept").status_code == 403


# Types


@pytest.fixture
def configurer(client):
    user = judge("configurer")
    user.user_permissions.set(Permission.objects.filter(codename__endswith="_requirementtype"))
    client.force_login(user)
    return client


TYPE = {"title": "Fire drill", "slug": "drill", "group": "compliance", "entity_types": ["training_provider"],
        "reminder_days": "30, 90 7", "expires": "on", "required": "on", "position": "5",
        "effective_from": "2026-01-01"}  # fmt: skip


def test_staff_add_a_type_and_every_checklist_follows(configurer, school):
    configurer.post("/admin/programs/requirementtype/add/", TYPE)

    made = RequirementType.objects.get(slug="drill")
    assert (made.reminder_days, made.entity_types) == ([90, 30, 7], ["training_provider"])
    assert Job.objects.filter(kind="requirement.watch").count() == 1
    assert AuditEntry.objects.filter(name="programs.requirementtype.created", subject_id=made.pk).exists()


def test_staff_end_a_type_by_its_last_day(configurer, school):
    kind = RequirementType.objects.get(slug="ferpa")

    configurer.post(
        f"/admin/programs/requirementtype/{kind.pk}/change/",
        TYPE | {"title": kind.title, "effective_to": "2026-12-31", "slug": "other"},
    )

    kind.refresh_from_db()
    assert (kind.slug, str(kind.effective_to)) == ("ferpa", "2026-12-31")


@pytest.mark.parametrize(
    "wrong",
    [{"reminder_days": "soon"}, {"reminder_days": "0"}, {"entity_types": ["a club"]}, {"effective_to": "2025-01-01"},
     {"slug": "ferpa"}, {"slug": "with space"}],
)  # fmt: skip
def test_a_wrong_type_is_answered_with_why(configurer, wrong):
    answer = configurer.post("/admin/programs/requirementtype/add/", TYPE | wrong)

    assert answer.status_code == 200
    assert "error" in answer.content.decode()
    assert not RequirementType.objects.filter(title="Fire drill").exists()


# Holders


def test_staff_make_a_holder_active_when_nothing_is_missing(office, school):
    at = f"/admin/programs/holder/{school.pk}/"
    assert "not accepted" in office.get(f"{at}change/").content.decode()

    office.post(f"{at}activate/", {"reason": "All is there."})
    assert Holder.objects.get(pk=school.pk).status == HolderStatus.ONBOARDING

    Requirement.objects.filter(holder=school).update(status=RequirementStatus.ACCEPTED)
    assert "Make it active" in office.get(f"{at}change/").content.decode()
    office.post(f"{at}activate/", {"reason": "All is there."})
    assert Holder.objects.get(pk=school.pk).status == HolderStatus.ACTIVE


def test_the_score_stands_on_the_page_of_the_holder(office, school):
    assert "27 of 100: Not compliant" in office.get(f"/admin/programs/holder/{school.pk}/change/").content.decode()


def test_the_report_is_the_same_at_every_door(office, school):
    Holder.objects.filter(pk=school.pk).update(legal_name="=HYPERLINK(1)")
    accepted(school, "ferpa")
    told = StringIO()

    call_command("report_holders", format="json", stdout=told)
    rows = list(csv.DictReader(io.StringIO(office.get("/admin/programs/holder/holders.csv").content.decode())))

    (row,) = json.loads(told.getvalue())
    assert (row["required"], row["accepted"], row["open"], row["programs"]) == (16, 1, 15, 1)
    assert (rows[0]["score"], rows[0]["standing"]) == (str(row["score"]), row["standing"])
    assert rows[0]["legal_name"] == "'=HYPERLINK(1)"


def test_the_report_takes_no_more_queries_for_more_holders(school, django_assert_max_num_queries):

    for number in range(4):
        holder(ein=f"35-765432{number}")

    with django_assert_max_num_queries(9):
        assert len(list(holder_rows(Holder.objects.all()))) == 5
