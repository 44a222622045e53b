"""The students in the holders' portal: for its members alone, with all that is done about them."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from autopilot.fillable_forms import desk
from programs.models import Mou
from students.models import Enrollment, EnrollmentStatus, RosterImport, Student
from tests.programs.samples import holder, member_of
from tests.students.samples import active, applied, cohort, coordinator, school, student
from tests.students.test_rosters import GOOD, csv, many

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbor():
    return school()


@pytest.fixture
def spring(harbor):
    return cohort(harbor)


@pytest.fixture
def page(client, harbor):
    """Ask for a page of the portal as a coordinator."""
    client.force_login(coordinator(harbor))

    def ask(path="", **posted):
        address = f"/portal/{harbor.pk}/students/{path}"
        return client.post(address, posted) if posted else client.get(address)

    return ask


def enrolled(spring, **changes):
    facts = {
        "cohort": spring.pk,
        "first_name": "Rosa",
        "last_name": "Diaz",
        "email": "",
        "phone": "",
        "funding": "wioa",
    }
    return facts | {"reference": "R-1"} | changes


def roster(content, name="roster.csv"):
    return SimpleUploadedFile(name, content)


def test_it_lists_its_own_students_alone(page, spring):
    active(spring)
    active(cohort(school(ein="35-7654321")), 2)

    text = page().content.decode()

    assert "Ann1 Lee" in text
    assert "Ann2" not in text


def test_it_says_what_to_do_first(page, harbor):
    assert "Plan one first" in page().content.decode()
    cohort(harbor)
    assert "import a roster" in page().content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [("?q=ann1", ["Ann1"]), ("?q=lee+ann2", ["Ann2"]), ("?status=applied", ["Ann2"]), ("?q=nobody", []), ("?q=%00", ["Ann1", "Ann2"]), ("?status=x", ["Ann1", "Ann2"]),
     ("?cohort=x&page=x", ["Ann1", "Ann2"])],
)  # fmt: skip
def test_it_finds_students(page, spring, query, found):
    active(spring)
    applied(spring, 2)

    text = page(query).content.decode()

    assert [name for name in ("Ann1", "Ann2") if f"{name} Lee" in text] == found


def test_it_asks_the_database_no_more_for_more_students(page, spring, django_assert_max_num_queries):
    for number in range(12):
        applied(spring, number)
    page()

    with django_assert_max_num_queries(14):
        page()


def test_it_enrolls_with_a_seat(page, spring):
    answer = page("new/", **enrolled(spring))

    enrollment = Enrollment.objects.get()
    assert answer["Location"].endswith(f"/students/{enrollment.pk}/")
    assert (enrollment.status, enrollment.reference) == (EnrollmentStatus.ACCEPTED, "R-1")


@pytest.mark.parametrize("changes", [{"first_name": ""}, {"email": "x"}, {"cohort": "x"}, {"funding": "gold"}])
def test_it_says_what_is_wrong_with_a_student(page, spring, changes):
    answer = page("new/", **enrolled(spring, **changes))

    assert "error-summary" in answer.content.decode()
    assert not Student.objects.exists()


def test_it_says_that_the_mou_is_missing(page, spring):
    Mou.objects.update(status="terminated")

    text = page("new/", **enrolled(spring)).content.decode()

    assert "No student can be enrolled without an executed MOU." in text


def test_a_cohort_of_another_holder_is_no_choice(page, spring):
    page("new/", **enrolled(cohort(school(ein="35-7654321"))))

    assert not Enrollment.objects.exists()


def test_a_holder_decides_about_who_asks(page, spring):
    wanted, unwanted = applied(spring), applied(spring, 2)

    page(f"{wanted.pk}/", action="accept")
    page(f"{wanted.pk}/", action="activate", on=str(spring.starts_on))
    page(f"{unwanted.pk}/", action="decline", reason="Too young.")

    assert list(Enrollment.objects.order_by("applied_at").values_list("status", "reason")) == [
        ("active", ""), ("declined", "Too young."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sent", [{"action": "complete"}, {"action": "decline", "reason": ""}, {"action": "x"}, {"action": "accept", "on": "x"},
             {"action": "withdraw", "reason": "x", "on": "2026-02-31"}]
)  # fmt: skip
def test_it_refuses_what_cannot_be_done(page, spring, sent):
    enrollment = applied(spring)

    answer = page(f"{enrollment.pk}/", **sent)

    assert answer.status_code == 200
    enrollment.refresh_from_db()
    assert enrollment.status == EnrollmentStatus.APPLIED


def test_the_student_of_another_holder_is_not_there(page):
    other = applied(cohort(school(ein="35-7654321")))

    assert page(f"{other.pk}/").status_code == page(f"{other.pk}/", action="accept").status_code == 404


def test_who_may_only_read_changes_nothing(client, harbor, spring):
    client.force_login(member_of(harbor, "read_only"))
    enrollment = applied(spring)

    assert client.get(f"/portal/{harbor.pk}/students/{enrollment.pk}/").status_code == 200
    for path in ("new/", "import/", f"{enrollment.pk}/"):
        assert client.post(f"/portal/{harbor.pk}/students/{path}", {"action": "accept"}).status_code == 403
    assert client.get(f"/portal/{harbor.pk}/students/import/").status_code == 403


def test_a_roster_goes_all_the_way(page, spring):
    shown = page("import/", cohort=spring.pk, file=roster(csv(*GOOD)))
    address = shown["Location"].partition("/students/")[2]

    assert "Import 3 students" in page(address).content.decode()
    page(address, confirm="yes")

    assert "Imported" in page(address).content.decode()
    assert Enrollment.objects.filter(cohort=spring, status="accepted").count() == 3
    assert "roster.csv" in page("import/").content.decode()


def test_it_shows_each_row_that_is_wrong(page, spring):
    shown = page("import/", cohort=spring.pk, file=roster(csv(GOOD[0], ",Lee,<b>,,,")))
    text = page(shown["Location"].partition("/students/")[2]).content.decode()

    assert "2 row" not in text
    assert "Nothing is imported until every row is right." in text
    assert 'data-label="Line" class="number">3<' in text
    assert "<b>" not in text


@pytest.mark.parametrize("file", [roster(b""), roster(b"x", "roster.pdf"), roster(b"\xff\x00"), None])
def test_it_says_what_is_wrong_with_a_roster(page, spring, file):
    answer = page("import/", **({"cohort": spring.pk} | ({"file": file} if file else {})))

    assert answer.status_code == 200
    assert "error-summary" in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_the_roster_of_another_holder_is_not_there(page, client, harbor):
    other = school(ein="35-7654321")
    theirs = RosterImport.objects.create(holder=other, cohort=cohort(other), file_name="x.csv")

    assert page(f"import/{theirs.pk}/").status_code == page(f"import/{theirs.pk}/", confirm="yes").status_code == 404


def test_a_long_roster_shows_how_far_it_is(page, spring):
    type(spring).objects.update(capacity=500)
    address = page("import/", cohort=spring.pk, file=roster(csv(*many(400))))["Location"].partition("/students/")[2]

    page(address, confirm="yes")

    assert "0 of 400 rows are compared" in page(address).content.decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_can_be_imported(page, spring, form):
    template = page(f"import/template.{form}")

    page("import/", cohort=spring.pk, file=roster(template.content, f"template.{form}"))

    assert RosterImport.objects.values_list("new", "faulty").get() == (1, 0)
    assert template["Content-Disposition"] == f'attachment; filename="roster-template.{form}"'


def test_exports_hold_no_formula_and_only_what_is_listed(page, spring):
    active(spring, first_name="=1+1", last_name="José")
    applied(spring, 2)

    text = page("roster.csv?status=active").content.decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(page("roster.xlsx?status=active").content)).active

    assert text.splitlines()[1].startswith("'=1+1,José,ann1@example.org,")
    assert len(text.splitlines()) == sheet.max_row == 2
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("'=1+1", "s")


def test_a_roster_on_paper_is_a_pdf(page, spring):
    active(spring)

    answer = page("roster.pdf")

    assert answer["Content-Type"] == "application/pdf"
    assert desk.examine(answer.content).sizes


def test_nobody_of_another_holder_downloads_a_roster(client, harbor, spring):
    active(spring)
    client.force_login(coordinator(holder(ein="35-7654321")))

    assert client.get(f"/portal/{harbor.pk}/students/roster.csv").status_code == 404
    assert student().first_name == "Ann1"
