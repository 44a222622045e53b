"""The way of a payout in a browser: a batch that one person prepares, and another approves and pays."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from programs.models import PayoutBatch
from tests.acceptance.sight import unseen

Look = Callable[[Page], None]


def prepare(page: Page, look: Look = unseen) -> None:
    """Prepare payouts, and find that another person must approve them; `look` is called with each page."""
    page.goto("/admin/programs/payoutbatch/add/")
    look(page)
    page.get_by_role("button", name="Prepare payouts").click()
    page.get_by_role("button", name="Approve it").click()
    expect(page.get_by_text("You prepared this batch. Another person must approve it.").first).to_be_visible()
    look(page)


def approve_and_pay(page: Page, batch: PayoutBatch, look: Look = unseen) -> None:
    """Approve what somebody else prepared, and record that it was paid."""
    page.goto(f"/admin/programs/payoutbatch/{batch.pk}/change/")
    page.get_by_role("button", name="Approve it").click()
    expect(page.get_by_text("Approved. Pay it at the bank")).to_be_visible()
    page.get_by_label("Bank’s reference").fill("ACH 90217")
    page.get_by_role("button", name="Record that it was paid").click()
    expect(page.get_by_text("Recorded as paid.")).to_be_visible()
    look(page)
