"""The way of an MOU in a browser: prepared and sent in the office, signed by an owner, countersigned by another person."""

from collections.abc import Callable

from playwright.sync_api import Page

from programs.models import Holder, SigningCode
from programs.services.mous.codes import digits_of
from tests.acceptance.sight import unseen

Look = Callable[[Page, str], None]


def prepare(page: Page, school: Holder, look: Look = unseen) -> None:
    """Prepare an MOU for a third of the revenue, and send it; `look` is called with each page and its name."""
    page.goto(f"/admin/programs/mou/add/?holder={school.pk}")
    page.get_by_label("Share, in percent").fill("33.3")
    look(page, "add")
    page.get_by_role("button", name="Prepare the draft").click()
    look(page, "draft")
    page.get_by_role("button", name="Send it").click()
    look(page, "sent")


def sign_for_the_holder(page: Page, *, consents: bool = True) -> None:
    """Sign with the code that was mailed last; without consent the page comes back."""
    page.get_by_label("Your full name").fill("Imani Brooks")
    page.get_by_label("Your title").fill("Director")
    page.get_by_label("Code from our mail").fill(digits_of(SigningCode.objects.get()))
    if consents:
        page.get_by_label("I consent").check()
    page.get_by_role("button", name="Sign", exact=True).click()


def sign_for_the_network(page: Page) -> None:
    """Countersign; the file is then made and sealed by a job."""
    page.get_by_label("Your full name").fill("Ada Stone")
    page.get_by_label("Your title").fill("Chief executive")
    page.get_by_label("I consent").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_text("The file is being sealed").first.wait_for()
