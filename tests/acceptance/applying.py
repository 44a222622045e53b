"""The way of an application in a browser: entered by an applicant, opened by a reviewer."""

from collections.abc import Sequence

from playwright.sync_api import Page, expect

from tests.autopilot.uploads.files import pdf

WELDING = {
    "title": "Welding Technology",
    "credential": "AWS Certified Welder",
    "cip_code": "48.0508",
    "clock_hours": "480",
    "cost": "7200",
}
BARBERING = {
    "title": "Barbering",
    "credential": "Indiana barber license",
    "cip_code": "12.0402",
    "clock_hours": "1500",
    "cost": "11800",
}


def enter_program(page: Page, row: int, program: dict[str, str]) -> None:
    """Fill in the fields of one program."""
    for name, value in program.items():
        page.locator(f"[name=programs-{row}-{name}]").fill(value)


def enter_application(page: Page, programs: Sequence[dict[str, str]] = (WELDING, BARBERING), **changes: str) -> None:
    """Fill in the form, with these programs."""
    fields = {
        "legal_name": "Harbor Trades School, Inc.",
        "ein": "35-1234567",
        "contact_name": "Imani Brooks",
        "contact_title": "Director",
        "contact_email": "imani@harbortrades.example",
        "contact_phone": "(317) 555-0100",
        "mailing_street": "12 Canal Street",
        "mailing_city": "Indianapolis",
        "mailing_zip": "46204",
        "expected_students": "60",
    }
    for name, value in (fields | changes).items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=entity_type]").select_option("training_provider")
    page.locator("[name=mailing_state]").select_option("IN")
    page.get_by_label("Training takes place at the mailing address").check()
    for row, program in enumerate(programs):
        if row:
            page.get_by_role("button", name="Add another program").click()
        enter_program(page, row, program)
    page.get_by_label("We give all of these assurances").check()


def attach(page: Page, kind: str, name: str) -> None:
    """Put a document with an application, named as a kind of the list."""
    page.get_by_label("What it is").select_option(label=kind)
    page.get_by_label("File").set_input_files({"name": name, "mimeType": "application/pdf", "buffer": pdf()})
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_text(f"{name} ({kind})")).to_be_visible()


def open_the_checkpoint(page: Page) -> None:
    """Go from the first page of the office to what waits, as a reviewer does."""
    page.goto("/admin/")
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Checkpoints").click()
    page.locator("#result_list tbody a").first.click()
