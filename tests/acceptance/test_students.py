"""Students in the holders' portal, in a real browser: every page whole at both widths, and attendance without script."""

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from autopilot import clock
from programs.models import Cohort
from students.models import Attendance
from students.services.attendance import Entry, record_attendance
from students.services.rosters import read_roster
from students.services.weekly_reports import ReportFacts, submit_weekly_report
from students.weeks import WEEK, week_ending
from tests.acceptance.sight import faults, overflow, refusals
from tests.students.samples import active, applied, cohort, coordinator, school, session

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PROVOST_PICTURES", "")
ROSTER = b"First name,Last name,E-mail,SSN\nRosa,Diaz,rosa@example.org,1\n,Lee,x,2\n"
NAMES = [
    ("Imani", "Brooks"),
    ("José", "Hernández"),
    ("Ann", "Lee"),
    ("Dmitri", "Okonkwo-Featherstonehaugh"),
    ("Rosa", "Diaz"),
]


@pytest.fixture
def harbor(transactional_db):
    """A school with students, sessions and reports."""
    made = school()
    spring = cohort(made, capacity=12)
    rows = [active(spring, at, first_name=first, last_name=last) for at, (first, last) in enumerate(NAMES)]
    meetings = [session(spring, days) for days in (8, 7, 1, 0)]
    said = zip(rows, ("present", "late", "absent", "excused"), strict=False)
    record_attendance(meetings[0], [Entry(row.pk, presence) for row, presence in said], by=None)
    return made


@pytest.fixture
def pages(harbor):
    """The addresses of all pages, by what they show."""
    person = coordinator(harbor)
    spring = Cohort.objects.get()
    waiting, ending = applied(spring, 9), week_ending(clock.today())
    shown = read_roster(spring, content=ROSTER, file_name="roster.csv", by=person)
    submit_weekly_report(spring, ending=ending - 2 * WEEK, by=person, facts=ReportFacts(Decimal(12)))
    first = spring.sessions.order_by("date").first()
    week = (clock.today() - timedelta(days=8)).isoformat()
    return person, {
        "overview": "",
        "students": "students/",
        "waiting": f"students/{waiting.pk}/",
        "active": f"students/{spring.enrollments.filter(status='active').first().pk}/",
        "enroll": "students/new/",
        "import": "students/import/",
        "roster": f"students/import/{shown.pk}/",
        "week": f"attendance/?week={week}",
        "session": f"attendance/{first.pk}/",
        "reports": "weekly-reports/",
        "report": f"weekly-reports/{spring.pk}/{ending - WEEK}/",
        "notifications": "notifications/",
    }


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_its_pages_hold_up_to_axe_the_edge_and_the_policy(page_at, sign_in, harbor, pages, width, scheme):
    person, addresses = pages
    page = page_at(width, scheme)
    sign_in(page, person)
    refused, found = refusals(page), []

    for name, address in addresses.items():
        answer = page.goto(f"/portal/{harbor.pk}/{address}")
        assert answer.status == 200, name
        found += [f"{name}: {refusal}" for refusal in refused]
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
        found += [f"{name}: {fault}" for fault in faults(page)]
        found += [f"{name}: {overflow(page)} px too wide"] if overflow(page) else []
        refused.clear()  # what axe itself is refused while it looks

    assert found == []


def test_attendance_is_recorded_on_a_phone_without_script(page_at, sign_in, harbor):
    page = page_at(390, javascript=False)
    sign_in(page, coordinator(harbor))
    page.goto(f"/portal/{harbor.pk}/attendance/")
    page.get_by_role("link", name=clock.today().strftime("%a")).first.click()

    page.get_by_role("button", name="All absent").click()
    page.get_by_label("Presence of Ann Lee").select_option("late")
    page.get_by_label("Hours of Ann Lee").fill("2.5")
    page.get_by_role("button", name="Save", exact=True).first.click()

    assert page.get_by_text("Recorded: 5 new or changed.").is_visible()
    today = Attendance.objects.filter(session__date=clock.today())
    assert sorted(today.values_list("presence", flat=True)) == ["absent"] * 4 + ["late"]
