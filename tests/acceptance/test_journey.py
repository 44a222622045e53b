"""The first journey as its people see it: an applicant, two reviewers, a rejection that is mended, and the state."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from autopilot import clock, outbox
from autopilot.documents import archive
from autopilot.models import Checkpoint, Decision, Job, Submission
from autopilot.testing import run_jobs
from programs.models import Application
from tests.acceptance.applying import enter_application, open_the_checkpoint
from tests.acceptance.sight import faults, overflow, refusals
from tests.autopilot.admin.people import ensure_groups, member
from tests.portal import running_portal
from tests.programs.samples import submitted

pytestmark = pytest.mark.django_db(transaction=True)

MOST_TABS = 120
OPEN_ALL = "() => document.querySelectorAll('.card details').forEach((each) => { each.open = true; })"
FOCUSED = "() => document.activeElement.innerText || document.activeElement.name || ''"


@pytest.fixture(autouse=True)
def _no_counts_from_before():
    cache.clear()


@pytest.fixture
def people(db):
    """Two reviewers and an operator."""
    ensure_groups()
    return {
        "rivera": member("rivera", "Reviewer", first_name="Lucia", last_name="Rivera"),
        "okafor": member("okafor", "Reviewer", first_name="Samuel", last_name="Okafor"),
        "lindqvist": member("lindqvist", "Operator", first_name="Maja", last_name="Lindqvist"),
    }


@pytest.fixture
def portal(people, settings):
    """The state's portal, which runs and has its row."""
    with running_portal() as running:
        for name, value in running.settings.items():
            setattr(settings, name, value)
        running.row()
        yield running


@pytest.fixture
def waiting(portal):
    """An application whose packet waits for a reviewer."""
    submitted()
    run_jobs()
    return Checkpoint.objects.pending().get()


def tab_to(page: Page, text: str) -> None:
    """Press the tabulator key until what says this, or has this name, has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).strip() == text:
            return
    raise AssertionError(f"The tabulator key does not reach “{text}”.")


def test_it_takes_an_application_from_the_form_to_the_state(page_at, sign_in, people, portal):
    # The applicant, with a mistake first.
    public = page_at()
    public.goto("/apply/")
    enter_application(public, ein="35-123")
    public.get_by_role("button", name="Send the application").click()
    expect(public.get_by_role("alert")).to_contain_text("Please correct what is marked below")
    expect(public.locator("[name=programs-1-title]")).to_have_value("Barbering")
    public.locator("[name=ein]").fill("35-1234567")
    public.get_by_role("button", name="Send the application").click()
    expect(public.get_by_role("heading", name="We have your application")).to_be_visible()
    reference = public.locator(".reference code").inner_text()
    assert run_jobs() == [("application.process", "suspended")]

    # The first reviewer reads it and changes something.
    first = page_at()
    sign_in(first, people["rivera"])
    open_the_checkpoint(first)
    expect(first.get_by_role("heading", level=1)).to_have_text(f"Application {reference}, revision 1")
    expect(first.get_by_text("35-1234567")).to_be_visible()
    first.get_by_role("link", name="Edit the fields").click()
    first.get_by_label("Program 2: Clock hours").fill("1480")
    first.get_by_label("What you changed, and why").fill("As on their license.")
    first.get_by_role("button", name="Save as a new version").click()
    expect(first.get_by_text("Saved as version 2. Another person must decide it now.")).to_be_visible()
    expect(first.get_by_text("You made version 2, so another person must decide it.").first).to_be_visible()
    expect(first.get_by_role("button", name="Approve")).to_have_count(0)

    # The second one reads the difference, and approves.
    second = page_at()
    sign_in(second, people["okafor"])
    open_the_checkpoint(second)
    change = second.get_by_role("region", name="Table: what reviewers changed").locator("tbody tr")
    assert [text.split() for text in change.all_inner_texts()] == [["Program", "2:", "Clock", "hours", "1500", "1480"]]
    with second.expect_download() as packet:
        second.get_by_role("link", name="Open the packet (PDF)").click()
    assert packet.value.path().read_bytes().startswith(b"%PDF-")
    second.get_by_label("Comment").fill("All in order.")
    second.get_by_role("button", name="Approve version 2").click()
    expect(second.get_by_text("Approved by okafor")).to_be_visible()
    assert run_jobs()[0] == ("application.process", "completed")

    # The state has it: what it received is what was approved, and nothing else.
    sent = Submission.objects.get()
    assert sent.receipt is not None
    assert sent.receipt["sha256"] == Decision.objects.get().checkpoint.payload["document"]["sha256"]
    assert archive.read(sent.document) == packet.value.path().read_bytes()
    assert (portal.counts()["submissions"], portal.counts()["duplicates"]) == (1, [])
    second.reload()
    expect(second.get_by_text(sent.receipt_number)).to_be_visible()
    second.get_by_role("link", name="Sandbox portal").click()
    expect(second.locator(".reference code")).to_have_text(sent.receipt_number)
    application = Application.objects.get()
    second.goto(f"/admin/programs/application/{application.pk}/change/")
    expect(second.get_by_text("Submitted to the state").first).to_be_visible()
    expect(second.get_by_text(sent.receipt_number).first).to_be_visible()

    # It decides, and everybody can see it.
    portal.set(decide_after=0)
    with clock.moved(timedelta(hours=2)):
        assert run_jobs() == [("application.track", "completed")]
        outbox.deliver_due(100)
    public.goto(f"/apply/status/{reference}/")
    expect(public.get_by_text("The state has approved your application.")).to_be_visible()
    assert [each.subject for each in mail.outbox if each.to] == [
        f"We have your application {reference}",
        f"Your application {reference} was sent to the state",
        f"The state has approved your application {reference}",
        "Join Harbor Trades School, Inc. in Provost",
    ]


def test_it_sends_a_rejected_application_back_to_be_corrected(page_at, sign_in, people, portal, waiting):
    reviewer = page_at()
    sign_in(reviewer, people["okafor"])
    open_the_checkpoint(reviewer)

    # A rejection needs a reason, which the applicant is told.
    reviewer.get_by_role("button", name="Reject").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("Say why it is rejected")
    reviewer.get_by_label("Comment").fill("The hours of Welding Technology do not match your license.")
    reviewer.get_by_role("button", name="Reject").click()
    expect(reviewer.get_by_text("Rejected by okafor")).to_be_visible()
    run_jobs()
    outbox.deliver_due(100)
    letter = next(each for each in mail.outbox if "needs a correction" in each.subject)
    link = re.findall(r"/apply/correct/[0-9a-f]{64}/", str(letter.body))[0]
    assert portal.counts()["arrivals"] == 0

    # The applicant corrects it by the link, which works once.
    public = page_at()
    public.goto(link)
    expect(public.get_by_text("do not match your license")).to_be_visible()
    public.locator("[name=programs-0-clock_hours]").fill("500")
    public.get_by_label("We give all of these assurances").check()
    public.get_by_role("button", name="Send the application").click()
    expect(public.get_by_role("heading", name="We have your application")).to_be_visible()
    public.goto(link)
    expect(public.get_by_role("heading", name="This link does not open an application any more")).to_be_visible()

    # It is a new job with a new checkpoint.
    run_jobs()
    open_the_checkpoint(reviewer)
    expect(reviewer.get_by_role("heading", level=1)).to_contain_text("revision 2")
    assert Job.objects.filter(kind="application.process").count() == 2
    reviewer.get_by_role("button", name="Approve version 1").click()
    expect(reviewer.get_by_text("Approved by okafor")).to_be_visible()
    run_jobs()
    assert portal.counts()["submissions"] == 1


def test_it_lets_nobody_approve_what_they_asked_for(page_at, sign_in, people, portal):
    page = page_at()
    sign_in(page, people["rivera"])
    page.goto("/apply/")
    enter_application(page)
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("heading", name="We have your application")).to_be_visible()
    run_jobs()

    open_the_checkpoint(page)

    expect(page.get_by_text("You asked for this, so another person must decide it.").first).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    # Not even by a form that nobody showed.
    page.evaluate(
        """(address) => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            const form = Object.assign(document.createElement("form"), { method: "post", action: address });
            const fields = { csrfmiddlewaretoken: token, version: 1, verdict: "approve" };
            for (const [name, value] of Object.entries(fields)) {
                form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
            }
            document.body.append(form);
            form.submit();
        }""",
        f"/admin/autopilot/checkpoint/{Checkpoint.objects.get().pk}/decide/",
    )
    expect(page.get_by_text("Nothing was decided")).to_be_visible()
    assert not Decision.objects.exists()
    assert run_jobs() == []


def test_it_shows_two_reviewers_at_once_who_was_first(page_at, sign_in, people, waiting):
    first, second = page_at(), page_at()
    sign_in(first, people["rivera"])
    sign_in(second, people["okafor"])
    open_the_checkpoint(first)
    open_the_checkpoint(second)
    second.get_by_label("Comment").fill("A long and careful reason.")

    first.get_by_role("button", name="Approve version 1").click()
    expect(first.get_by_text("Approved by rivera")).to_be_visible()
    second.get_by_role("button", name="Reject").click()

    expect(second.get_by_text("This checkpoint is already approved by rivera.")).to_be_visible()
    expect(second.get_by_text("A long and careful reason.")).to_be_visible()
    assert Decision.objects.count() == 1


def test_it_keeps_what_was_typed_while_another_saved(page_at, sign_in, people, waiting):
    first, second = page_at(), page_at()
    for page, name in ((first, "rivera"), (second, "okafor")):
        sign_in(page, people[name])
        open_the_checkpoint(page)
        page.get_by_role("link", name="Edit the fields").click()

    first.get_by_label("Contact title").fill("Head of school")
    first.get_by_role("button", name="Save as a new version").click()
    expect(first.get_by_text("Saved as version 2.")).to_be_visible()
    second.get_by_label("Program 1: Clock hours").fill("500")
    second.get_by_role("button", name="Save as a new version").click()

    expect(second.get_by_text("rivera saved version 2 while you were writing.")).to_be_visible()
    expect(second.get_by_label("Program 1: Clock hours")).to_have_value("500")
    expect(second.get_by_label("Contact title")).to_have_value("Head of school")
    second.get_by_role("button", name="Save as a new version").click()
    expect(second.get_by_text("Saved as version 3.")).to_be_visible()


@pytest.mark.once
def test_it_is_decided_with_the_keyboard_alone(page_at, sign_in, people, waiting):
    page = page_at()
    sign_in(page, people["okafor"])
    page.goto("/admin/autopilot/checkpoint/")

    tab_to(page, waiting.title)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(waiting.title)
    tab_to(page, "comment")
    page.keyboard.type("Read and compared.")
    tab_to(page, "Approve version 1")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Approved by okafor")).to_be_visible()
    assert Decision.objects.get().comment == "Read and compared."


@pytest.mark.once
def test_it_is_amended_and_decided_without_javascript(page_at, sign_in, people, waiting):
    page = page_at(width=390, javascript=False)
    sign_in(page, people["rivera"])
    page.goto("/admin/autopilot/checkpoint/")
    page.locator("#result_list tbody a").first.click()

    page.get_by_role("link", name="Edit the fields").click()
    page.get_by_role("button", name="Add program").click()
    page.get_by_label("Program 2: Title").fill("Barbering")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("alert")).to_contain_text("Program 2: CIP code: This field is required.")
    page.get_by_role("button", name="Remove Program 2").click()
    page.get_by_label("Contact title").fill("Head of school")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()

    sign_in(page, people["okafor"])
    page.reload()
    page.get_by_role("link", name="Decide").click()
    page.get_by_role("button", name="Approve version 2").click()
    expect(page.get_by_text("Approved by okafor")).to_be_visible()


@pytest.mark.once
def test_it_cancels_jobs_with_a_reason_without_javascript(page_at, sign_in, people, waiting):
    page = page_at(javascript=False)
    sign_in(page, people["lindqvist"])
    page.goto("/admin/autopilot/job/")

    page.locator(".action-select").first.check()
    page.locator("select[name=action]").select_option("Cancel…")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("It is cancelled at once.")).to_be_visible()
    page.get_by_role("button", name="Cancel 1 job").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    page.get_by_label("Reason").fill("Sent in twice.")
    page.get_by_role("button", name="Cancel 1 job").click()

    expect(page.get_by_text("Cancelled: 1 job.")).to_be_visible()
    assert Job.objects.get(pk=waiting.job_id).status == "cancelled"


@pytest.mark.once
def test_the_decision_is_within_reach_on_a_phone(page_at, sign_in, people, waiting):
    page = page_at(width=390)
    sign_in(page, people["okafor"])
    page.goto(f"/admin/autopilot/checkpoint/{waiting.pk}/change/")

    expect(page.get_by_role("link", name="Decide")).to_be_in_viewport()
    page.get_by_role("link", name="Decide").click()

    expect(page.get_by_role("button", name="Approve version 1")).to_be_in_viewport()


@pytest.fixture
def pages(people, waiting):
    """The pages of the journey, as a reviewer or an operator sees them."""
    change = f"/admin/autopilot/checkpoint/{waiting.pk}"
    return {
        "inbox": "/admin/autopilot/checkpoint/",
        "review": f"{change}/change/",
        "amend": f"{change}/amend/",
        "jobs": "/admin/autopilot/job/",
        "job": f"/admin/autopilot/job/{waiting.job_id}/change/",
        "workers": "/admin/autopilot/worker/",
    }


@pytest.mark.once
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_leaves_axe_nothing(page_at, sign_in, people, pages, scheme, width):
    page = page_at(width=width, color_scheme=scheme)
    sign_in(page, people["okafor"])

    found = {}
    for name, address in pages.items():
        page.goto(address)
        page.evaluate(OPEN_ALL)
        found[name] = faults(page)
    page.goto(pages["review"])
    page.get_by_role("button", name="Reject").click()
    found["refused"] = faults(page)
    page.goto(pages["amend"])
    page.get_by_label("Contact e-mail").fill("nobody")
    page.get_by_role("button", name="Save as a new version").click()
    found["not saved"] = faults(page)
    page.goto(pages["review"])
    page.get_by_role("button", name="Approve version 1").click()
    run_jobs()
    page.reload()
    found["decided"] = faults(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.once
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_leaves_axe_nothing_where_an_operator_acts(page_at, sign_in, people, waiting, scheme):
    page = page_at(color_scheme=scheme)
    sign_in(page, people["lindqvist"])
    page.goto(f"/admin/autopilot/job/{waiting.job_id}/change/")

    found = {"job": faults(page)}
    page.get_by_role("link", name="Hold…").click()
    found["deed"] = faults(page)
    page.get_by_role("button", name="Hold 1 job").click()
    found["refused"] = faults(page)
    page.get_by_label("Reason").fill("Wait for the list.")
    page.get_by_role("button", name="Hold 1 job").click()
    expect(page.get_by_text(": Wait for the list. An operator can release it.")).to_be_visible()
    found["held"] = faults(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.once
@pytest.mark.parametrize("width", [390, 320])
def test_it_cuts_nothing_off_on_a_phone(page_at, sign_in, people, pages, width):
    page = page_at(width=width)
    sign_in(page, people["okafor"])

    wider = {}
    for name, address in pages.items():
        page.goto(address)
        page.evaluate(OPEN_ALL)
        wider[name] = overflow(page)

    assert wider == dict.fromkeys(pages, 0)


@pytest.mark.once
def test_it_breaks_no_policy_of_its_own(page_at, sign_in, people, pages):
    page = page_at()
    refused = refusals(page)
    sign_in(page, people["okafor"])

    for address in pages.values():
        page.goto(address)

    assert refused == []
