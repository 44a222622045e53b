"""An application that is saved, opened by its mailed link, completed and sent, without JavaScript."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from autopilot import outbox
from programs.models import Application, ApplicationDraft
from programs.services.applications import facts_of
from tests.acceptance.applying import attach
from tests.acceptance.sight import faults, overflow, refusals
from tests.autopilot.uploads.files import pdf

pytestmark = pytest.mark.django_db(transaction=True)
ORGANIZATION = {
    "legal_name": "Harbor Trades School, Inc.",
    "ein": "35-1234567",
    "contact_name": "Imani Brooks",
    "contact_email": "imani@harbortrades.example",
    "contact_phone": "317-555-0100",
    "mailing_street": "12 Canal Street",
    "mailing_city": "Indianapolis",
    "mailing_zip": "46204",
    "expected_students": "60",
}
SECOND_SITE = {"name": "North campus", "street": "8 Lake Avenue", "city": "Hammond", "zip": "46320"}
WELDING = {
    "title": "Welding Technology",
    "credential": "AWS Certified Welder",
    "cip_code": "welding",
    "soc_codes_0": "welders",
    "clock_hours": "480",
    "cost": "7200",
}


@pytest.fixture(autouse=True)
def _no_counts_from_before():
    cache.clear()


def fill(page: Page, values: dict[str, str], prefix: str = "") -> None:
    """Type values into the fields of their names."""
    for name, value in values.items():
        page.locator(f"[name='{prefix}{name}']").fill(value)


def test_it_is_saved_and_completed_later(page_at):
    # What is at hand: half of the organization, a second site, a document.
    page = page_at(javascript=False)
    page.goto("/apply/")
    page.locator("[name=legal_name]").fill("Harbor Trades School, Inc.")
    page.get_by_role("button", name="Add another training site").click()
    fill(page, SECOND_SITE, "sites-0-")
    attach(page, "Form W-9", "w-9.pdf")

    # Saved: first without an address, then with one.
    page.get_by_role("button", name="Save and go on later").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter your e-mail address")
    page.locator("[name=contact_email]").fill("imani@harbortrades.example")
    page.get_by_role("button", name="Save and go on later").click()
    expect(page.get_by_role("status")).to_contain_text("We have mailed a link to imani@harbortrades.example")

    # Days later, on another computer, by the link.
    outbox.deliver_due(100)
    [letter] = mail.outbox
    [link] = re.findall(r"/apply/continue/[0-9a-f]{64}/", str(letter.body))
    later = page_at(javascript=False)
    later.goto(link)
    expect(later.locator("[name=sites-0-street]")).to_have_value("8 Lake Avenue")
    expect(later.get_by_text("w-9.pdf (Form W-9)")).to_be_visible()
    fill(later, ORGANIZATION)
    later.get_by_label("Training takes place at the mailing address").check()
    fill(later, WELDING, "programs-0-")
    later.get_by_label("Training site 2", exact=True).check()
    later.get_by_label("We give all of these assurances").check()
    later.get_by_role("button", name="Send the application").click()
    expect(later.get_by_role("heading", name="We have your application")).to_be_visible()

    said = facts_of(Application.objects.get())
    assert (said.programs[0].cip_code, said.programs[0].soc_codes) == ("48.0508", ("51-4121",))
    assert (said.programs[0].taught_at, said.sites[0].city) == ((2,), "Hammond")
    assert [each.kind for each in said.attachments] == ["w-9"]
    assert not ApplicationDraft.objects.exists()
    later.goto(link)
    expect(later.get_by_role("heading", level=1)).to_have_text("This link does not open an application any more")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_it_leaves_axe_nothing(page_at, width, scheme):
    page = page_at(width, scheme)
    refused = refusals(page)
    page.goto("/apply/")
    page.get_by_role("button", name="Add another training site").click()
    page.get_by_label("File").set_input_files({"name": "w-9.pdf", "mimeType": "application/pdf", "buffer": pdf()})
    page.get_by_role("button", name="Attach").click()
    page.get_by_role("button", name="Save and go on later").click()
    assert (faults(page), overflow(page)) == ([], 0)

    page.locator("[name=contact_email]").fill("imani@harbortrades.example")
    page.get_by_role("button", name="Save and go on later").click()
    assert (faults(page), overflow(page)) == ([], 0)

    page.get_by_role("button", name="Send the application").click()
    assert (faults(page), overflow(page), refused) == ([], 0, [])
