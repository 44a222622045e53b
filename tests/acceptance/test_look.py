"""The look, in a real browser: nothing for axe to complain about, nothing cut off, nothing out of the keyboard's reach."""

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from config.presence import presence
from tests.acceptance.sight import faults, overflow, refusals, stops

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

SCHEMES = ["light", "dark"]
PUBLIC_PAGES = ["/", "/no/such/page", "/accounts/login/"]
STAFF_PAGES = [
    "/admin/",
    "/admin/auth/user/",
    "/admin/auth/user/?q=nobody-of-this-name",
    "/admin/auth/user/add/",
    "/admin/auth/user/{pk}/change/",
    "/admin/auth/user/{pk}/history/",
    "/admin/auth/user/{pk}/delete/",
]
PHONES = [390, 320]


@pytest.fixture
def staff() -> User:
    """A person of the office, among colleagues."""
    for name in ("Compliance", "Finance", "Reviewers"):
        Group.objects.get_or_create(name=name)  # the migrations make one of them, unless a test before has emptied it
    for number in range(30):
        User.objects.create_user(f"colleague-{number:02}", f"colleague-{number}@example.org")
    return User.objects.create_superuser("dana.ortiz", "dana@example.org", "a long secret", first_name="Dana")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_leaves_axe_nothing_on_public_pages(page_at, scheme):
    page = page_at(color_scheme=scheme)

    found = {}
    for path in PUBLIC_PAGES:
        page.goto(path)
        found[path] = faults(page)

    assert found == {path: [] for path in PUBLIC_PAGES}


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_it_looks_the_same_while_the_database_is_away(page_at, monkeypatch, width, scheme):
    monkeypatch.setattr(presence, "is_away", True)
    page = page_at(width=width, color_scheme=scheme)
    refused = refusals(page)

    answer = page.goto("/apply/?step=2")

    assert answer.status == 503
    assert (overflow(page), refused, faults(page)) == (0, [], [])
    assert page.get_by_role("link", name="Try again").get_attribute("href") == "/apply/?step=2"
    expected, reached = stops(page)
    assert {stop["number"] for stop in reached} == expected


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_leaves_axe_nothing_in_the_office(page_at, sign_in, staff, scheme, width):
    page = page_at(width=width, color_scheme=scheme)
    sign_in(page, staff)

    found = {}
    for path in STAFF_PAGES:
        page.goto(path.format(pk=staff.pk))
        found[path] = faults(page)

    assert found == {path: [] for path in STAFF_PAGES}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_leaves_axe_nothing_once_rows_are_chosen(page_at, sign_in, staff, scheme, width):
    page = page_at(width=width, color_scheme=scheme)
    sign_in(page, staff)
    page.goto("/admin/auth/user/")

    for row in range(3):
        page.locator(".action-select").nth(row).check()

    expect(page.get_by_text("3 of 31 selected")).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_leaves_axe_nothing_in_what_opens_on_a_phone(page_at, sign_in, staff, scheme):
    page = page_at(width=390, color_scheme=scheme)
    sign_in(page, staff)

    found = {}
    for opener in (".sidebar-open", ".user-button", ".filters-open"):
        page.goto("/admin/auth/user/")
        page.locator(opener).click()
        found[opener] = faults(page)

    assert found == {".sidebar-open": [], ".user-button": [], ".filters-open": []}


@pytest.mark.parametrize("width", PHONES)
def test_it_cuts_nothing_off_on_a_phone(page_at, sign_in, staff, width):
    page = page_at(width=width)

    wider = {}
    for path in PUBLIC_PAGES:
        page.goto(path)
        wider[path] = overflow(page)
    sign_in(page, staff)
    for path in STAFF_PAGES:
        page.goto(path.format(pk=staff.pk))
        wider[path] = overflow(page)

    assert wider == dict.fromkeys([*PUBLIC_PAGES, *STAFF_PAGES], 0)


def assert_keyboard_reaches_everything(page: Page) -> None:
    """Check that the tabulator key comes to every control, and that one sees where it is."""
    expected, reached = stops(page)

    assert {stop["number"] for stop in reached} == expected
    assert [stop["name"] for stop in reached if not stop["outlined"]] == []
    assert [stop["name"] for stop in reached if not stop["shown"]] == []


@pytest.mark.parametrize("path", ["/", "/accounts/login/"])
def test_it_takes_the_keyboard_to_everything_in_public(page_at, path):
    page = page_at()
    page.goto(path)

    assert_keyboard_reaches_everything(page)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/auth/user/?is_staff__exact=0&q=colleague-0", "/admin/auth/group/add/"]
)
def test_it_takes_the_keyboard_to_everything_in_the_office(page_at, sign_in, staff, path, width):
    page = page_at(width=width)
    sign_in(page, staff)
    page.goto(path)

    assert_keyboard_reaches_everything(page)


def test_it_skips_to_the_content(page_at):
    page = page_at()
    page.goto("/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_in_viewport()
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_it_breaks_no_policy_of_its_own(page_at, sign_in, staff):
    page = page_at()
    refused = refusals(page)
    sign_in(page, staff)

    for path in [*PUBLIC_PAGES, *STAFF_PAGES]:
        page.goto(path.format(pk=staff.pk))

    assert refused == []


def test_it_works_without_javascript(page_at, staff):
    page = page_at(width=390, javascript=False)

    page.goto("/")
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.get_by_label("Username").fill("dana.ortiz")
    page.get_by_label("Password").fill("a long secret")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Open navigation").click()
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Users").click()
    page.get_by_role("button", name="Filters").click()
    page.locator("summary", has_text="Staff status").click()
    page.get_by_role("link", name="Yes", exact=True).click()

    expect(page.get_by_role("heading", level=1, name="Users")).to_be_visible()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name="dana.ortiz")).to_be_visible()


def test_it_remembers_the_theme_that_was_chosen(page_at, sign_in, staff):
    page = page_at(color_scheme="light")
    sign_in(page, staff)
    page.goto("/admin/")

    page.get_by_role("button", name="Toggle theme").click()
    page.goto("/admin/auth/user/")

    expect(page.get_by_role("button", name="current theme: dark")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 19, 28)"


def test_it_makes_cards_of_rows_on_a_phone(page_at, sign_in, staff):
    page = page_at(width=390)
    sign_in(page, staff)

    page.goto("/admin/auth/user/")

    cell = page.locator("td.field-email").first
    assert cell.get_attribute("data-label") == "Email address"
    assert cell.evaluate("element => getComputedStyle(element).display") == "grid"


def test_it_prints_on_white_paper_even_in_the_dark(page_at):
    page = page_at(color_scheme="dark")
    page.goto("/")

    page.emulate_media(media="print", color_scheme="dark")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()


def test_it_prints_a_list_without_what_is_pressed(page_at, sign_in, staff):
    page = page_at()
    sign_in(page, staff)
    page.goto("/admin/auth/user/")

    page.emulate_media(media="print")

    for control in ("#changelist .actions", ".action-checkbox >> nth=0", "#sidebar", "#changelist-filter"):
        expect(page.locator(control)).to_be_hidden()
    expect(page.get_by_role("link", name="dana.ortiz")).to_be_visible()
