"""The reports as files: CSV, XLSX and PDF, from the office and from the command line, and the same in both."""

import io

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from autopilot import clock
from tests.autopilot.admin.people import member
from tests.autopilot.documents.samples import text_of
from tests.programs.offers import approved, cohort_of

pytestmark = pytest.mark.django_db
REPORTS = {
    "report_programs": "/admin/programs/program/export.{}",
    "report_holders": "/admin/programs/holder/holders.{}",
    "report_billing": "/admin/programs/invoice/report/?format={}",
}


@pytest.fixture
def office(client):
    client.force_login(member("stone", is_superuser=True))
    return client


@pytest.fixture(autouse=True)
def _something_to_tell(db):
    cohort_of(approved())


def cells(content: bytes) -> list[list[str]]:
    """Return what stands in a workbook."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[str(cell) for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("command", REPORTS)
@pytest.mark.parametrize("form", ["csv", "xlsx", "pdf"])
def test_each_report_is_a_file_at_both_doors(office, tmp_path, command, form):
    file = tmp_path / f"report.{form}"

    answer = office.get(REPORTS[command].format(form))
    call_command(command, "--output", str(file))

    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content[:4].lower() == file.read_bytes()[:4].lower()


def test_the_workbook_says_what_the_command_prints(office):
    rows = cells(office.get("/admin/programs/program/export.xlsx").content)

    assert rows[0][:3] == ["Holder", "Program", "Status"]
    assert rows[1][:3] == ["Harbor Trades School, Inc.", "Practical Nursing", "approved"]


def test_the_paper_says_it_too(office):
    said = text_of(office.get("/admin/programs/program/export.pdf").content)

    assert "Practical" in said
    assert str(clock.today().year) in said


@pytest.mark.parametrize("name", ["report.doc", "report"])
def test_another_kind_of_file_is_refused(tmp_path, name):
    with pytest.raises(CommandError, match=r"ends in \.csv, \.xlsx, \.pdf"):
        call_command("report_programs", "--output", str(tmp_path / name))


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CommandError, match="could not be written"):
        call_command("report_programs", "--output", str(tmp_path / "none" / "report.csv"))


def test_another_form_is_not_there(office):
    assert office.get("/admin/programs/program/export.exe").status_code == 404
