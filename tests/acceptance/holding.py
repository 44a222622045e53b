"""The deeds of a holder in the portal, and of the staff who look after it, one function each; all in a browser."""

import re
from datetime import date, timedelta

from django.core import mail
from playwright.sync_api import FilePayload, Page, expect

from autopilot import clock, outbox
from programs.models import Cohort, Holder, Program, Session
from tests.acceptance.applying import WELDING, attach, enter_application, open_the_checkpoint
from tests.autopilot.uploads.files import pdf

PASSWORD = "seven herons over water"


def stands(owner: Page, title: str, badge: str, line: str) -> None:
    """Check on the overview how a stage stands, in a word and in a line; the window stays there."""
    owner.get_by_role("navigation").get_by_role("link", name="Overview").click()
    stage = owner.locator(".stage").filter(has=owner.locator(".stage-title", has_text=re.compile(f"^{title}")))
    expect(stage.locator(".badge")).to_have_text(badge)
    expect(stage).to_contain_text(line)


def go_on(owner: Page, line: str, action: str) -> None:
    """Check that the overview tells what is next for the holder, and follow the link that it gives."""
    next_ = owner.locator(".next-actions li", has_text=line)
    next_.get_by_role("link", name=action, exact=True).click()


def send_application(public: Page) -> str:
    """Send an application with a program and a document; return its reference."""
    public.goto("/apply/")
    attach(public, "Form W-9", "w-9.pdf")
    enter_application(public, [WELDING])
    public.get_by_role("button", name="Send the application").click()
    expect(public.get_by_role("heading", name="We have your application")).to_be_visible()
    return public.locator(".reference code").inner_text()


def application_stands(public: Page, reference: str, line: str, next_step: str) -> None:
    """Check what an applicant is told."""
    public.goto(f"/apply/status/{reference}/")
    standing = public.get_by_role("region", name=line)
    expect(standing).to_contain_text(next_step)


def review(first: Page, second: Page) -> None:
    """Let one reviewer change a fact of the packet, and another approve it."""
    open_the_checkpoint(first)
    first.get_by_role("link", name="Edit the fields").click()
    first.get_by_label("Program 1: Clock hours").fill("500")
    first.get_by_label("What you changed, and why").fill("As on their license.")
    first.get_by_role("button", name="Save as a new version").click()
    expect(first.get_by_text("Another person must decide it now.")).to_be_visible()
    open_the_checkpoint(second)
    second.get_by_role("button", name="Approve version 2").click()
    expect(second.get_by_text("Approved by")).to_be_visible()


def join(public: Page) -> Holder:
    """Open the invitation that was mailed, and make an account."""
    outbox.deliver_due(100)
    letter = next(each for each in mail.outbox if each.subject.startswith("Join "))
    public.goto(re.findall(r"/join/[0-9a-f]{64}/", str(letter.body))[0])
    public.locator("[name=first_name]").fill("Imani")
    public.locator("[name=last_name]").fill("Brooks")
    public.locator("[name=password]").fill(PASSWORD)
    public.locator("[name=password_again]").fill(PASSWORD)
    public.get_by_role("button", name="Make my account and join").click()
    expect(public.get_by_role("heading", level=1)).to_have_text("Harbor Trades School, Inc.")
    return Holder.objects.get()


def sign_in_again(owner: Page) -> None:
    """Sign in by name and password, as whoever joined does on another day, and come to the overview."""
    owner.goto("/portal/")
    owner.get_by_label("Username").fill("imani@harbortrades.example")
    owner.get_by_label("Password").fill(PASSWORD)
    owner.get_by_role("button", name="Sign in").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text("Harbor Trades School, Inc.")


def complete_onboarding(owner: Page) -> None:
    """Tell about the organization and its first program, in four steps."""
    owner.get_by_label("About your organization").fill("A school of trades by the harbor.")
    owner.get_by_role("button", name="Save and go on").click()
    owner.locator("textarea[name=description]").fill("Welding from the first seam on.")
    owner.locator("[name=occupations_0]").fill("welders")
    owner.locator("[name=credential_issuer]").fill("American Welding Society")
    owner.get_by_role("button", name="Save and go on").click()
    owner.get_by_label("Syllabus").set_input_files(_file("syllabus.pdf"))
    owner.get_by_role("button", name="Save and go on").click()
    owner.get_by_role("button", name="Send to the reviewers").click()
    expect(owner.get_by_text("Onboarding is complete.")).to_be_visible()


def prove(owner: Page, title: str) -> None:
    """Upload a proof that is good for a year and more, from the checklist."""
    owner.get_by_role("link", name=title).first.click()
    owner.locator("#id_files").set_input_files(_file("proof.pdf"))
    owner.get_by_label("Good until").fill((clock.today() + timedelta(days=400)).isoformat())
    owner.get_by_role("button", name="Send to the reviewers").click()
    expect(owner.get_by_text("We have your files.")).to_be_visible()


def judge(reviewer: Page, title: str, verdict: str = "Accept", remark: str = "") -> None:
    """Look at a proof that waits, and say whether it will do: “Accept” or “Send back”."""
    reviewer.goto("/admin/programs/requirement/?show=review")
    reviewer.get_by_role("link", name=title).first.click()
    reviewer.get_by_label("Remark").fill(remark)
    reviewer.get_by_role("button", name=verdict).click()
    expect(reviewer.locator(".messagelist .success")).to_be_visible()


def approve_program(reviewer: Page, program: Program) -> None:
    """Approve a program that is in review."""
    reviewer.goto(f"/admin/programs/program/{program.pk}/change/")
    reviewer.get_by_role("button", name="Approve").click()
    expect(reviewer.get_by_text("Decided; the holder is told.")).to_be_visible()


def activate(officer: Page, holder: Holder) -> None:
    """Make a holder active that has proved everything."""
    officer.goto(f"/admin/programs/holder/{holder.pk}/change/")
    officer.get_by_label("Why it becomes active").fill("Everything is there.")
    officer.get_by_role("button", name="Make it active").click()
    expect(officer.get_by_text("is active.")).to_be_visible()


def plan_cohort(owner: Page, program: Program) -> Cohort:
    """Plan a cohort that meets today, open it for enrollment and start it."""
    today = clock.today()
    owner.get_by_role("navigation").get_by_role("link", name="Programs").click()
    owner.get_by_role("link", name=program.title).click()
    owner.get_by_role("link", name="Plan a cohort").click()
    owner.get_by_label("Name").fill("Evenings")
    owner.get_by_label("First day").fill(today.isoformat())
    owner.get_by_label("Last day").fill((today + timedelta(days=2)).isoformat())
    owner.get_by_label("Seats").fill("2")
    owner.get_by_role("button", name="Save").click()
    owner.locator(f"[name=starts_{today.weekday()}_0]").fill("18:00")
    owner.locator(f"[name=ends_{today.weekday()}_0]").fill("22:00")
    owner.get_by_role("button", name="Save and make the sessions").click()
    expect(owner.get_by_text("Saved: 1 sessions made")).to_be_visible()
    owner.get_by_role("button", name="Open for enrollment").click()
    owner.get_by_role("button", name="Start now").click()
    expect(owner.get_by_text("It is running.")).to_be_visible()
    return Cohort.objects.get()


def enroll(owner: Page, cohort: Cohort) -> None:
    """Enroll a student, with a seat."""
    owner.get_by_role("link", name="Enroll a student").click()
    owner.get_by_label("Cohort").select_option(str(cohort.pk))
    owner.get_by_label("First name").fill("Rosa")
    owner.get_by_label("Last name").fill("Diaz")
    owner.get_by_label("E-mail").fill("rosa.diaz@example.org")
    owner.get_by_role("button", name="Enroll", exact=True).click()
    expect(owner.get_by_text("Enrolled, with a seat in the cohort.")).to_be_visible()


def move_student(owner: Page, name: str, button: str, done: str) -> None:
    """Press a button on the page of a student's enrollment, and read that it is done."""
    owner.get_by_role("navigation").get_by_role("link", name="Students").click()
    owner.get_by_role("link", name=name).click()
    owner.get_by_role("button", name=button, exact=True).click()
    expect(owner.get_by_text(done)).to_be_visible()


def record_attendance(owner: Page, session: Session, absent: str) -> None:
    """Record everybody at a session as present but one, in the week of it, and lock the session."""
    owner.get_by_label("Week of").fill(session.date.isoformat())
    owner.get_by_role("button", name="Show").click()
    owner.get_by_role("link", name=_short(session.date)).click()
    owner.get_by_label(f"Presence of {absent}").select_option("absent")
    owner.get_by_role("button", name="Save and lock").click()
    expect(owner.get_by_text("Recorded: 2 new or changed")).to_be_visible()


def complete_cohort(owner: Page, cohort: Cohort) -> None:
    """End a cohort."""
    owner.goto(f"/portal/{cohort.program.holder_id}/programs/cohorts/{cohort.pk}/")
    owner.get_by_role("button", name="Complete").click()
    expect(owner.get_by_text("The cohort is completed.")).to_be_visible()


def report_week(owner: Page) -> None:
    """Send the weekly report that is due."""
    owner.get_by_role("link", name="Write the report").click()
    expect(owner.get_by_label("Hours taught")).to_have_value("4")
    owner.get_by_role("button", name="Send").click()
    expect(owner.get_by_text("The report is sent.")).to_be_visible()


def enter_bank_details(owner: Page) -> None:
    """Enter where to pay."""
    owner.get_by_role("link", name="Enter your bank details").click()
    owner.get_by_label("Name on the account").fill("Harbor Trades School, Inc.")
    owner.locator("[name=routing_number]").fill("021000021")
    owner.locator("[name=account_number]").fill("000123456789")
    owner.locator("[name=account_number_again]").fill("000123456789")
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_text("ending in 6789")).to_be_visible()


def record_revenue(finance: Page, program: Program) -> None:
    """Record what a cohort brought the network."""
    finance.goto("/admin/programs/revenue/add/")
    finance.get_by_label("Program *").select_option(str(program.pk))
    finance.get_by_label("Reference").fill("ITA 4711")
    finance.get_by_label("Description").fill("Tuition of the first cohort")
    finance.get_by_label("Gross in dollars").fill("4500")
    finance.get_by_role("button", name="Record revenue").click()
    expect(finance.get_by_text("$4,500.00 to share")).to_be_visible()


def _file(name: str) -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": pdf()}


def _short(day: date) -> str:
    return f"{day:%a %b} {day.day}"
