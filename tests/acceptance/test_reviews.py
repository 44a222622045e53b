"""A reviewer's morning in a real browser: the keys, the pictures, several at once; no script; the look of each page."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from autopilot import clock, delegations, engine
from autopilot.documents import archive
from autopilot.engine import registry
from autopilot.models import Checkpoint, CheckpointComment, Decision, Delegation
from tests.acceptance.sight import faults, overflow, refusals
from tests.autopilot.admin import packets
from tests.autopilot.admin.people import ensure_groups, member
from tests.autopilot.admin.rows import TENANT
from tests.autopilot.admin.test_pictures import pdf

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
INBOX = "/admin/autopilot/checkpoint/"
FOCUSED = "document.activeElement.value || document.activeElement.name || document.activeElement.id"


@pytest.fixture
def people() -> dict[str, User]:
    """Two reviewers, an administrator, and somebody to stand in."""
    ensure_groups()
    named = {"rivera": "Reviewer", "okafor": "Reviewer", "chief": "Administrator", "mendes": "Finance"}
    return {name: member(name, group) for name, group in named.items()}


@pytest.fixture
def four(people) -> Iterator[list[Checkpoint]]:
    """Four packets: one amended twice and commented, one sent back, one in somebody's hand, one that shows a document."""
    with registry.registered_for_test():
        packets.register()
        found = [packets.waiting() for _ in range(4)]
        for version, edits in ((1, {"note": "Called them."}), (2, {"state": "KY"})):
            engine.amend(found[0].pk, actor=people["rivera"], version=version, edits=edits)
        engine.comment(found[0].pk, actor=people["okafor"], text="Agreed.")
        engine.ask_for_changes(found[1].pk, actor=people["rivera"], version=1, text="The street is missing.")
        engine.claim(found[2].pk, actor=people["rivera"])
        document = archive.store(pdf(), media_type="application/pdf", title="Packet", tenant_id=TENANT)
        payload = found[3].payload | {"document": {"id": str(document.pk)}}
        for number, row in enumerate(found):
            Checkpoint.objects.filter(pk=row.pk).update(title=f"Packet {number + 1}")
        Checkpoint.objects.filter(pk=found[3].pk).update(payload=payload)
        until = clock.now() + timedelta(days=1)
        delegations.create(
            delegator=people["okafor"],
            delegate=people["mendes"],
            starts_at=clock.now(),
            ends_at=until,
            reason="On leave.",
            by=people["chief"],
        )
        yield found


def heading(page: Page) -> str:
    """Return what the page is about."""
    return page.get_by_role("heading", level=1).inner_text()


def test_it_is_walked_with_the_keys_and_decided_with_the_button(page_at, sign_in, people, four):
    page = page_at()
    refused = refusals(page)
    sign_in(page, people["okafor"])
    page.goto(f"{INBOX}?show=groups")
    page.get_by_role("link", name="Packet 1").click()
    page.wait_for_url(f"**/{four[0].pk}/change/?show=groups")

    # From one to the next and back; then nothing while somebody writes.
    page.keyboard.press("j")
    page.wait_for_url(f"**/{four[1].pk}/change/?show=groups")
    page.keyboard.press("k")
    page.wait_for_url(f"**/{four[0].pk}/change/?show=groups")
    page.keyboard.press("c")
    page.keyboard.type("jack read it, aye?")
    expect(page.locator("#comment ~ form textarea")).to_have_value("jack read it, aye?")
    assert heading(page) == "Packet 1"

    # Each key leads somewhere, and none decides.
    page.locator("h1").click()
    page.keyboard.press("r")
    assert page.evaluate(FOCUSED) == "comment"
    page.locator("h1").click()
    page.keyboard.press("a")
    assert page.evaluate(FOCUSED) == "approve"
    assert not Decision.objects.exists()

    # Enter on the button decides, and what follows comes up.
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{four[1].pk}/change/?show=groups")
    expect(page.get_by_role("link", name="Packet 1")).to_be_visible()
    expect(page.get_by_text("rivera asks for changes to this version")).to_be_visible()
    assert Decision.objects.get().payload_version == 3
    page.keyboard.press("e")
    page.wait_for_url("**/amend/?show=groups")

    # The keys can be switched off.
    page.go_back()
    page.keyboard.press("?")
    page.wait_for_url("**/shortcuts/")
    page.get_by_role("button", name="Switch them off").click()
    expect(page.locator(".messagelist")).to_contain_text("The shortcuts are off in this browser.")
    page.goto(f"{INBOX}{four[1].pk}/change/")
    page.keyboard.press("j")
    assert heading(page) == "Packet 2"
    assert refused == []


def test_it_is_done_without_javascript_on_a_phone(page_at, sign_in, people, four):
    page = page_at(width=390, javascript=False)
    sign_in(page, people["chief"])
    page.goto(INBOX)

    # Given, told, sent back.
    page.get_by_role("link", name="Packet 3").click()
    page.locator("summary", has_text="Give it to somebody").click()
    page.get_by_label("Give it to").select_option("okafor")
    page.locator("form[action*=assign]").get_by_label("Reason").fill("Knows the school.")
    page.get_by_role("button", name="Give it", exact=True).click()
    expect(page.get_by_text("okafor, since")).to_be_visible()
    sign_in(page, people["okafor"])
    page.goto(f"{INBOX}?show=mine")
    page.get_by_role("link", name="Packet 3").click()
    page.get_by_label("To your colleagues").fill("Where is page two?")
    page.get_by_role("button", name="Ask for changes").click()
    expect(page.get_by_text("You asked for this; approving takes it back.")).to_be_visible()
    assert CheckpointComment.objects.get(kind="changes", checkpoint=four[2]).text == "Where is page two?"

    # Several at once, of which one is barred.
    page.goto(INBOX)
    for number in (1, 2, 4):
        page.locator("#result_list tbody tr", has_text=f"Packet {number}").locator(".action-select").check()
    page.locator("select[name=action]").select_option("approve_chosen")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("Left out")).to_have_count(1)
    page.get_by_label("Reason of its own: Packet 4").fill("Page by page.")
    page.get_by_role("button", name="Approve 2 checkpoints").click()
    expect(page.get_by_text("Approved in version")).to_have_count(2)
    assert set(Decision.objects.values_list("comment", flat=True)) == {"", "Page by page."}

    # Ended by one of the two.
    page.goto("/admin/autopilot/delegation/")
    page.locator(".action-select").check()
    page.locator("select[name=action]").select_option("end_delegations")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("Reason").fill("Back again.")
    page.get_by_role("button", name="End 1 delegation").click()
    expect(page.get_by_text("Ended: 1 delegation.")).to_be_visible()
    assert not Delegation.objects.active(clock.now()).exists()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
def test_it_leaves_axe_nothing_on_the_pages_of_reviews(page_at, sign_in, people, four, width, scheme):
    page = page_at(width=width, color_scheme=scheme)
    sign_in(page, people["chief"])
    people["chief"].groups.add(*people["rivera"].groups.all())
    reviews = [f"{INBOX}{row.pk}/change/" for row in four]
    pages = [INBOX, f"{INBOX}?show=mine", *reviews, f"{INBOX}shortcuts/", "/admin/autopilot/delegation/add/"]

    found = {}
    for path in pages:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        found[path] = (overflow(page), faults(page))
    page.goto(INBOX)
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("reject_chosen")
    page.get_by_role("button", name="Go").click()
    page.get_by_role("button", name="Reject 4 checkpoints").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why they are rejected.")
    found["bulk"] = (overflow(page), faults(page))

    assert found == dict.fromkeys([*pages, "bulk"], (0, []))


def test_it_shows_each_page_of_the_packet(page_at, sign_in, people, four):
    page = page_at()
    sign_in(page, people["mendes"])
    page.goto(f"{INBOX}{four[3].pk}/change/")

    pictures = page.get_by_role("img", name="of 2 of Packet")
    expect(pictures).to_have_count(2)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", 1100)
    expect(page.get_by_role("link", name="Decide", exact=True)).to_be_hidden()
    expect(page.get_by_text("You decide in the place of okafor.")).to_be_visible()
