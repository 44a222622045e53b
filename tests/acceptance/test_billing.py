"""Money in a real browser: an invoice is sent and paid, a batch needs two people, and the holder sees both in the portal."""

import pytest
from playwright.sync_api import Page, expect

from autopilot import clock
from autopilot.testing import run_jobs
from programs.models import Invoice, PayoutBatch
from tests.acceptance.paying import approve_and_pay, prepare
from tests.acceptance.sight import faults, overflow, refusals
from tests.programs.billing.samples import banked, earned, finance_person, sent
from tests.programs.samples import holder, member_of

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def school(settings, transactional_db):
    """A holder that has earned something and can be paid."""
    settings.STAFF_MFA_REQUIRED = False
    made = holder()
    member_of(made, username="imani")
    banked(made)
    earned(made, "1498.50")
    return made


def look(page: Page) -> None:
    """Check that a page leaves axe nothing, and is no wider than its window."""
    assert (page.url, faults(page), overflow(page)) == (page.url, [], 0)


def bill(page: Page, school) -> None:
    """Charge, draft, send, and record a part of the payment."""
    page.goto("/admin/programs/charge/add/")
    page.get_by_label("Holder *").select_option(str(school.pk))
    page.get_by_label("Reference").fill("fee-2026-11")
    page.get_by_label("Description").fill("Network fee, November 2026")
    page.get_by_label("Unit price").fill("$1,250.00")
    look(page)
    page.get_by_role("button", name="New charge").click()
    page.get_by_role("link", name="Draft an invoice").click()
    page.get_by_label("Network fee, November 2026").check()
    look(page)
    page.get_by_role("button", name="Draft an invoice").click()
    look(page)
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("Sent as INV-")).to_be_visible()
    page.get_by_label("Amount").first.fill("9999")
    page.get_by_label("Reference").fill("check 17")
    page.get_by_role("button", name="Record a payment").click()
    expect(page.get_by_text("Only $1,250.00 of this invoice is still open").first).to_be_visible()
    look(page)
    page.get_by_label("Amount").first.fill("1000")
    page.get_by_role("button", name="Record a payment").click()
    expect(page.get_by_text("Recorded. $250.00 is still open.")).to_be_visible()


def test_an_invoice_is_paid_and_a_payout_needs_two_people(page_at, sign_in, school):
    first, second, owner = page_at(), page_at(), page_at(width=390, color_scheme="dark")
    refused = [refusals(page) for page in (first, second, owner)]
    sign_in(first, finance_person("rossi"))
    sign_in(second, finance_person("haddad"))
    sign_in(owner, school.members.get().user)

    bill(first, school)
    prepare(first, look)
    approve_and_pay(second, PayoutBatch.objects.get(), look)
    run_jobs()

    owner.goto(f"/portal/{school.pk}/billing/")
    look(owner)
    expect(owner.get_by_text("You owe")).to_contain_text("You owe")
    owner.get_by_role("link", name=Invoice.objects.get().number, exact=True).click()
    look(owner)
    with owner.expect_download() as file:
        owner.get_by_role("link", name="Download the PDF").click()
    assert file.value.suggested_filename == f"{Invoice.objects.get().number}.pdf"
    owner.get_by_role("link", name="Payouts", exact=True).click()
    expect(owner.get_by_text("$1,498.50").first).to_be_visible()
    look(owner)
    owner.get_by_role("link", name=PayoutBatch.objects.get().number, exact=True).click()
    expect(owner.get_by_text("ACH 90217")).to_be_visible()
    look(owner)
    assert not any(refused)


@pytest.mark.parametrize(("width", "color_scheme"), [(1440, "light"), (390, "dark")])
def test_the_pages_of_money_look_as_they_should(page_at, sign_in, school, width, color_scheme):
    page, office = (page_at(width=width, color_scheme=color_scheme) for _ in range(2))
    sent(school, "250.00", due_on=clock.today())
    sign_in(page, school.members.get().user)
    sign_in(office, finance_person("rossi"))

    for path in ("statement/", "payments/", "bank/", "bank/edit/"):
        page.goto(f"/portal/{school.pk}/billing/{path}")
        look(page)
    for name in ("charge", "invoice", "revenue", "earning", "payoutbatch", "payout", "bankaccount", "invoice/report"):
        office.goto(f"/admin/programs/{name}/")
        look(office)
    office.goto(f"/admin/programs/bankaccount/{school.bank_accounts.get().pk}/change/")
    office.get_by_label("Reason").fill("The bank asks.")
    office.get_by_role("button", name="Reveal the numbers").click()
    expect(office.get_by_text("account number 000123456789")).to_be_visible()
    look(office)
