"""Determinations in a real browser: every page whole at both widths, and facts entered without script."""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from autopilot import clock
from students.models import IncomeFigure
from students.services.determinations import facts_of, move_determination
from tests.acceptance.sight import faults, overflow, refusals
from tests.students.eligibility import gathered, proof

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PROVOST_PICTURES", "")


@pytest.fixture
def office(transactional_db):
    """Somebody who may do everything, and a determination with proofs of all kinds."""
    determination = gathered(homeless=True, disability=True)
    proof(determination.student, "800", kind="attestation", reason="The shelter has closed.")
    withdrawn = {"withdrawn_at": clock.now(), "withdrawn_reason": "Of another person."}
    proof(determination.student, "409", **withdrawn)
    IncomeFigure.objects.create(
        measure="llsil", place="Marion County", family_size=3, amount=31250, effective_from=clock.today(), source="FR"
    )
    return User.objects.create_superuser("stone"), determination


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_every_page_is_whole(page_at, sign_in, office, width, scheme):
    person, determination = office
    page = page_at(width, scheme)
    refused = refusals(page)
    sign_in(page, person)
    one = f"/admin/students/determination/{determination.pk}"
    addresses = {"list": "/admin/students/determination/", "open": f"{one}/change/", "facts": f"{one}/facts/"}

    def look(name):
        wrong = [*refused, *faults(page)] + ([f"{wider} pixels wider"] if (wider := overflow(page)) else [])
        refused.clear()
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"determination-{name}-{width}.png", full_page=True)
        return wrong

    found = {}
    for name, address in addresses.items():
        page.goto(address)
        found[name] = look(name)
    page.goto(addresses["open"])
    for summary in page.locator("main summary").all():
        summary.click()
    page.get_by_role("button", name="Put it into the locker").click()
    found["refused"] = look("refused")
    move_determination(determination, "in_review")
    move_determination(determination, "eligible", decided_at=clock.now(), decided_by=person)
    page.goto(addresses["open"])
    found["decided"] = look("decided")

    assert found == {name: [] for name in found}


def test_facts_are_entered_without_script(page_at, sign_in, office):
    person, determination = office
    page = page_at(390, javascript=False)
    sign_in(page, person)
    page.goto(f"/admin/students/determination/{determination.pk}/change/")

    page.get_by_role("link", name="Enter facts").click()
    page.get_by_label("Authorized to work in the United States").select_option("No")
    page.get_by_role("button", name="Save and judge").click()

    determination.refresh_from_db()
    assert "Saved, and judged anew." in page.content()
    assert facts_of(determination).work_authorized is False
    assert determination.verdict == "not_met"
