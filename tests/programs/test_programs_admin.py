"""Programs, cohorts and enquiries in the office: who reads, who decides, and what leaves as a file."""

import csv
import io
import json
from datetime import time
from uuid import UUID

import pytest
from django.core.management import call_command

from programs.models import Program
from programs.services.enquiries import enquire
from programs.services.programs import submit_program
from programs.services.sessions import Slot, set_rules
from tests.programs.conftest import permissions, staff_member
from tests.programs.offers import active_holder, approved, clerk, cohort_of, draft

pytestmark = pytest.mark.django_db
KEY = UUID("0190b1f2-0000-7000-8000-0000000000aa")


@pytest.fixture
def judge(client, db):
    """A member of staff who reviews programs."""
    user = staff_member("judge")
    user.user_permissions.set(
        permissions("view_program", "review_program", "view_cohort", "view_enquiry", "view_holder")
    )
    client.force_login(user)
    return client


@pytest.fixture
def waiting(db):
    """A program that waits for a reviewer."""
    program = draft(active_holder())
    submit_program(program, by=clerk())
    return program


def page_of(row):
    return f"/admin/programs/{row._meta.model_name}/{row.pk}/change/"


def test_a_reviewer_approves(judge, waiting):
    assert "Give it back" in judge.get(page_of(waiting)).content.decode()

    judge.post(f"/admin/programs/program/{waiting.pk}/review/", {"verdict": "approve", "remark": "Fine."})

    waiting.refresh_from_db()
    assert (waiting.status, waiting.review_remark) == ("approved", "Fine.")


def test_a_reviewer_gives_back_with_a_remark(judge, waiting):
    where = f"/admin/programs/program/{waiting.pk}/review/"

    refused = judge.post(where, {"verdict": "return", "remark": ""}, follow=True).content.decode()
    judge.post(where, {"verdict": "return", "remark": "Name the issuer."})

    assert "Say what the holder should change." in refused
    waiting.refresh_from_db()
    assert (waiting.status, waiting.review_remark) == ("draft", "Name the issuer.")


def test_who_only_reads_decides_nothing(client, waiting):
    reader = staff_member("reader")
    reader.user_permissions.set(permissions("view_program"))
    client.force_login(reader)

    assert "Give it back" not in client.get(page_of(waiting)).content.decode()
    answer = client.post(f"/admin/programs/program/{waiting.pk}/review/", {"verdict": "approve"})

    assert answer.status_code == 403
    assert Program.objects.get(pk=waiting.pk).status == "in_review"


def test_cohorts_and_enquiries_are_read(judge):
    program = approved()
    cohort = cohort_of(program)
    set_rules(cohort, slots=[Slot(0, time(9), time(12))], by=clerk())
    enquiry = enquire(program, name="Ada Ray", email="ada@mail.example", phone="", message="When?", form_key=KEY)

    assert "4 sessions" in judge.get(page_of(cohort)).content.decode()
    assert "Ada Ray" in judge.get(page_of(enquiry)).content.decode()
    assert "Ada Ray" not in judge.get("/admin/programs/enquiry/").content.decode()
    assert "Winter" in judge.get("/admin/programs/cohort/").content.decode()


def test_the_lists_cost_the_same_for_many(judge, django_assert_max_num_queries):
    school = active_holder()
    for number in range(12):
        cohort_of(approved(school, title=f"Nursing {number}"))

    for name in ("program", "cohort"):
        with django_assert_max_num_queries(12):
            assert judge.get(f"/admin/programs/{name}/").status_code == 200


def test_the_export_holds_no_formula(judge):
    approved(title="=cmd|' /C calc'!A0")

    answer = judge.get("/admin/programs/program/export.csv")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert rows[0]["Program"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["Cost"] == "5250.00"


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_the_command_reports_the_same(capsys, form):
    cohort_of(approved())

    call_command("report_programs", "--format", form, "--status", "approved")

    told = capsys.readouterr().out
    assert "Practical Nursing" in told
    assert "Welding Technology" not in told
    if form == "json":
        assert json.loads(told)[0]["cohorts"] == 1
