"""The catalog and a holder's cohorts in a real browser: somebody asks, a holder plans; and the pages are for everybody."""

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from autopilot.identifiers import uuid7
from programs.models import Cohort, Enquiry, MouStatus
from programs.services.cohorts import open_cohort
from programs.services.enquiries import enquire
from programs.services.programs import submit_program
from programs.services.sessions import Slot, close_holidays, set_rules
from tests.acceptance.sight import faults, overflow, refusals
from tests.programs.mous.samples import mou_of
from tests.programs.offers import active_holder, approved, clerk, cohort_of, draft, in_days
from tests.programs.samples import member_of

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
TEXT = "Small groups, real tools, and a mentor from the first day to the first job."


@pytest.fixture
def school():
    """A holder that offers something in several fields."""
    made = active_holder()
    mou_of(made, MouStatus.EXECUTED)
    offered: list[tuple[str, str, int, dict[str, Any]]] = [
        ("Practical Nursing", "healthcare", 4800, {}),
        ("Structural Welding", "skilled_trades", 3200, {"evening": True}),
        ("Commercial Truck Driving (CDL A)", "transportation", 5200, {}),
        ("Help Desk Technician", "technology", 1900, {"delivery": "online", "sites": []}),
        ("Cosmetology", "beauty", 8900, {"childcare": True}),
    ]
    for title, kind, tuition, more in offered:
        approved(made, title=title, type=kind, tuition=Decimal(tuition), description=TEXT, **more)
    return made


@pytest.fixture
def cohort(school):
    """An open cohort of nursing with its sessions."""
    found = cohort_of(school.programs.get(title="Practical Nursing"), site=school.sites.get())
    set_rules(found, slots=[Slot(0, time(9), time(12)), Slot(2, time(18), time(21))], by=clerk())
    open_cohort(found, by=clerk())
    return found


def test_somebody_finds_a_program_and_asks(page_at, cohort):
    page = page_at(javascript=False)
    page.goto("/")
    page.get_by_label("What do you want to learn?").fill("nursing")
    page.get_by_role("button", name="Search programs").click()
    page.get_by_role("link", name="Practical Nursing").click()
    expect(page.get_by_role("heading", name="Winter")).to_be_visible()
    page.get_by_label("Your name").fill("Ada Ray")
    page.get_by_label("Your e-mail").fill("ada@mail.example")
    page.get_by_label("Your question").fill("Is there an evening class?")
    page.get_by_role("button", name="Send the question").click()
    expect(page.get_by_text("Your question is on its way").first).to_be_visible()

    assert "ada" not in page.url
    assert Enquiry.objects.get().message == "Is there an evening class?"


def test_a_holder_plans_a_cohort(page_at, sign_in, school):
    page = page_at(javascript=False, width=390)
    sign_in(page, member_of(school))
    page.goto(f"/portal/{school.pk}/programs/")
    page.get_by_role("link", name="Structural Welding").click()
    page.get_by_role("link", name="Plan a cohort").click()
    page.get_by_label("Name").fill("Evenings")
    page.get_by_label("First day").fill(in_days(7).isoformat())
    page.get_by_label("Last day").fill(in_days(34).isoformat())
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Tuesday, from").fill("18:00")
    page.get_by_label("Tuesday, to").fill("21:00")
    page.get_by_role("button", name="Save and make the sessions").click()
    expect(page.get_by_text("4 sessions made")).to_be_visible()
    page.get_by_role("button", name="Open for enrollment").click()
    expect(page.get_by_text("Students may enroll now.")).to_be_visible()

    assert Cohort.objects.get(name="Evenings").status == "open"


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_pages_are_for_everybody(page_at, sign_in, school, cohort, width, scheme):
    program, sketched = cohort.program, draft(school, title="Nurse Aide")
    submit_program(draft(school, title="Phlebotomy"), by=clerk())
    close_holidays(school, year=in_days(0).year + 1, by=clerk())
    enquiry = enquire(program, name="Ada Ray", email="ada@mail.example", phone="", message="When?", form_key=uuid7())
    portal, office = f"/portal/{school.pk}/", "/admin/programs/"
    own = f"{portal}programs/"
    paths = [
        "/", "/programs/", "/programs/?q=nursing&type=healthcare", "/programs/?q=nothing", f"/programs/{program.slug}/",
        f"/programs/{program.slug}/asked/", own, f"{own}new/", f"{own}{program.pk}/", f"{own}{sketched.pk}/",
        f"{own}{program.pk}/edit/", f"{own}{program.pk}/cohorts/new/", f"{own}{program.pk}/listings/",
        f"{own}cohorts/{cohort.pk}/?month=2026-12", f"{own}cohorts/{cohort.pk}/rules/",
        f"{own}sessions/{cohort.sessions.first().pk}/", f"{own}closures/", f"{own}sites/", f"{own}sites/new/",
        f"{portal}enquiries/", f"{office}program/", f"{office}program/{program.pk}/change/",
        f"{office}program/{school.programs.get(title='Phlebotomy').pk}/change/",
        f"{office}cohort/{cohort.pk}/change/", f"{office}enquiry/{enquiry.pk}/change/", f"{office}listing/",
    ]  # fmt: skip
    person = member_of(school)
    person.is_staff = person.is_superuser = True
    person.save()
    page = page_at(width=width, color_scheme=scheme)
    sign_in(page, person)
    refused = refusals(page)

    found = {}
    for path in paths:
        page.goto(path)
        found[path] = (faults(page), overflow(page))

    assert found == {path: ([], 0) for path in paths}
    assert refused == []
