"""`export_pirl`: one row for each period, what the tables hold and nothing beyond, and a name that says DRAFT."""

import io
import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopilot import clock
from autopilot.models import AuditEntry
from students.models import Enrollment, Student
from students.services.details import enter_details
from students.services.participation import make_ready, record_service
from students.services.pirl_export import plain, records
from students.wioa.pirl.schema import development_schema
from tests.students.samples import active, cohort, school

pytestmark = pytest.mark.django_db
DETAILS = {"ssn": "123456789", "birth_date": "1990-01-01", "sex": "female", "ethnicity": "no", "races": "white,asian",
           "disability": "undisclosed", "justice": "no"}  # fmt: skip


@pytest.fixture(autouse=True)
def policy(settings):
    settings.WIOA_COMMON_EXIT = ["none"]


@pytest.fixture
def manager():
    user = User.objects.create_user("manager", is_staff=True)
    codenames = ["record_servicereceived", "change_studentdetails", "reveal_studentdetails"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def ann(manager):
    """Somebody who was assessed 300 days ago, trained since 280 and was last served 150 days ago."""
    student = Student.objects.create(first_name="Ann", last_name="Lee")
    enter_details(student, facts=DETAILS, by=manager)
    return served(student, manager)


def ago(days):
    return clock.today() - timedelta(days=days)


def served(student, manager):
    make_ready(student, program="adult", eligible_on=ago(300), by=manager)
    for service, days in (
        ("initial_assessment", 300),
        ("employment_plan", 290),
        ("training", 280),
        ("training", 210),
        ("training", 150),
    ):
        record_service(student, program="adult", service=service, day=ago(days), by=manager)
    return student


def trains(student):
    """Enroll somebody in a program that began 280 days ago."""
    seat = active(cohort(school(), starts_on=ago(280), ends_on=ago(150)), since=ago(280))
    Enrollment.objects.filter(pk=seat.pk).update(student=student)
    return seat.cohort.program


def exported(tmp_path, *arguments, name="out.csv"):
    told = io.StringIO()
    code = 0
    try:
        call_command(
            "export_pirl", "--period-end", f"{clock.today()}", "--out", str(tmp_path / name), "--format", "json",
            *arguments, stdout=told, stderr=io.StringIO(),
        )  # fmt: skip
    except CommandError as error:
        code = error.returncode
    return code, json.loads(told.getvalue())


def test_it_makes_a_record_of_a_period_from_what_is_known(ann):
    program = trains(ann)

    [made] = records(clock.today())

    expected = {
        "100": ann.number,
        "900": f"{ago(300):%Y%m%d}",
        "901": f"{ago(150):%Y%m%d}",
        "923": "00",
        "200": "19900101",
        "201": "2",
        "202": "9",
        "210": "0",
        "211": "0",
        "212": "1",
        "215": "1",
        "801": "0",
        "903": "1",
        "904": "0",
        "905": "0",
        "1001": f"{ago(300):%Y%m%d}",
        "1202": f"{ago(290):%Y%m%d}",
        "1300": "1",
        "1302": f"{ago(280):%Y%m%d}",
        "1303": "06",
        "1305": program.cip_code,
        "1811": f"{ago(280):%Y%m%d}",
    }
    assert expected.items() <= made.items()
    assert not {"2700", "1800", "802", "918", "1319"} & made.keys()


def test_it_gives_every_period_of_a_person_a_row_of_its_own(ann, manager):
    record_service(ann, program="adult", service="employment_plan", day=ago(20), by=manager)

    made = list(records(clock.today()))

    assert [row["100"] for row in made] == [ann.number, ann.number]
    assert [row.get("901", "") for row in made] == [f"{ago(150):%Y%m%d}", ""]
    assert made[1]["900"] == f"{ago(20):%Y%m%d}"


def test_it_writes_a_draft_and_says_so_in_its_name_and_never_in_its_rows(ann, tmp_path):
    _, told = exported(tmp_path)

    assert told["file"].endswith("out-DRAFT.csv")
    assert told["status"] == "DRAFT"
    assert told["rows"] == 1
    [row] = (tmp_path / "out-DRAFT.csv").read_bytes().split(b"\r\n")[:-1]
    fields = row.decode("ascii").split(",")
    assert len(fields) == 488
    assert fields[development_schema().index["923"]] == "00"
    assert b"123456789" not in row
    assert b"DRAFT" not in row
    assert [path.name for path in tmp_path.iterdir()] == ["out-DRAFT.csv"]


def test_it_says_what_is_to_be_repaired(ann, tmp_path):
    code, told = exported(tmp_path)

    assert code == 1
    assert told["error"] > 0


def test_it_names_the_file_where_it_is_given_a_folder(ann, tmp_path):
    _, told = exported(tmp_path, name="")

    assert told["file"] == str(tmp_path / f"PIRL2018-{clock.today()}-DRAFT.csv")


def test_it_records_that_sensitive_details_were_read(ann, manager, tmp_path):
    exported(tmp_path, "--as", "manager")

    entry = AuditEntry.objects.get(name="students.details.read")
    assert (entry.actor, entry.data["purpose"]) == (manager, "pirl.export")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--as", "nobody"], "no active account"),
        (["--as", "clerk"], "role does not allow"),
        (["--schema", "PIRL1999"], "No schema"),
    ],
)
def test_it_refuses_who_may_not_and_what_is_not_there(ann, tmp_path, arguments, told):
    User.objects.create_user("clerk", is_staff=True)

    with pytest.raises(CommandError, match=told) as refused:
        call_command("export_pirl", "--period-end", "2026-06-30", "--out", str(tmp_path / "o.csv"), *arguments)

    assert refused.value.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_it_overwrites_nothing(ann, tmp_path):
    (tmp_path / "out-DRAFT.csv").write_text("kept")

    with pytest.raises(CommandError, match="already"):
        call_command("export_pirl", "--period-end", "2026-06-30", "--out", str(tmp_path / "out.csv"))

    assert (tmp_path / "out-DRAFT.csv").read_text() == "kept"


def test_it_asks_the_same_however_many_there_are(ann, manager):
    with CaptureQueriesContext(connection) as one:
        list(records(clock.today()))
    for number in range(3):
        served(Student.objects.create(first_name=f"Bo{number}", last_name="Lee"), manager)

    with CaptureQueriesContext(connection) as several:
        made = list(records(clock.today()))

    assert len(made) == 4
    assert len(several) == len(one)


def test_it_writes_names_as_a_row_can_hold_them():
    assert plain("Muñoz, Peña & “Sons”, LLC") == "Munoz Pena & Sons LLC"
