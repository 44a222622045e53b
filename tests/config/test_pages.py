"""The pages of the composition root: home, errors, and the staff office's frame; all of them under the strict policy."""

from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import server_error

pytestmark = pytest.mark.django_db

STAFF_PAGES = [
    "/admin/",
    "/admin/auth/",
    "/admin/auth/user/",
    "/admin/auth/user/?q=nobody-of-this-name",
    "/admin/auth/user/?_popup=1",
    "/admin/auth/user/add/",
    "/admin/auth/user/{pk}/change/",
    "/admin/auth/user/{pk}/history/",
    "/admin/auth/user/{pk}/delete/",
    "/admin/auth/group/add/?_popup=1",
    "/accounts/2fa/",
    "/accounts/sessions/",
]
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}


class InlineFinder(HTMLParser):
    """Collect what a strict policy refuses: style and script inside the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(f"<{tag}>")
        self.found += [f"<{tag} {name}>" for name in names if name == "style" or name.startswith("on")]
        self.found += [f"<{tag} {name}={value}>" for name, value in attrs if (value or "").startswith("javascript:")]


@pytest.fixture
def staff() -> User:
    """A person of the office who may do everything."""
    return User.objects.create_superuser("dana.ortiz", "dana@example.org", first_name="Dana", last_name="Ortiz")


@pytest.fixture
def clerk() -> User:
    """A person of the office without any permission."""
    return User.objects.create_user("lee.park", is_staff=True)


def as_user(user: User) -> Client:
    """Return a client that is signed in as this person."""
    client = Client()
    client.force_login(user)
    return client


def test_it_offers_a_stranger_to_apply_and_to_sign_in(client):
    page = client.get("/")

    assert page.status_code == 200
    assert f'href="{reverse("programs:apply")}"' in page.text
    assert f'href="{reverse("account_login")}"' in page.text


def test_it_offers_staff_the_office_instead_of_signing_in(staff):
    page = as_user(staff).get("/")

    assert f'href="{reverse("admin:index")}">Staff office' in page.text
    assert reverse("account_login") not in page.text


def test_it_refuses_to_be_posted_to(client):
    assert client.post("/").status_code == 405


def test_it_names_the_environment_on_both_sides(client, staff):
    assert ">Test</span>" in client.get("/").text
    assert ">Test</span>" in client.get("/accounts/login/").text
    assert ">Test</span>" in as_user(staff).get("/admin/").text


def test_it_keeps_quiet_about_production(client, staff, settings):
    settings.ENVIRONMENT = "production"

    assert "Production" not in client.get("/").text
    assert "Production" not in as_user(staff).get("/admin/").text


@pytest.mark.parametrize("who", ["stranger", "staff"])
def test_it_says_that_there_is_no_such_page(request, client, who):
    visitor = client if who == "stranger" else as_user(request.getfixturevalue(who))

    page = visitor.get("/no/such/page")

    assert page.status_code == 404
    assert "There is no such page" in page.text
    assert InlineFinder(page.text).found == []


def test_it_says_that_a_page_needs_a_permission(clerk):
    page = as_user(clerk).get("/admin/auth/user/")

    assert page.status_code == 403
    assert "ask an administrator" in page.text
    assert InlineFinder(page.text).found == []


def test_it_says_what_to_do_when_a_form_is_not_accepted():
    page = Client(enforce_csrf_checks=True).post("/accounts/login/", {"username": "dana.ortiz"})

    assert page.status_code == 403
    assert "Nothing was saved" in page.text
    assert InlineFinder(page.text).found == []


def test_it_can_say_that_something_went_wrong_without_a_database(django_db_blocker):
    with django_db_blocker.block():
        page = server_error(RequestFactory().get("/"))

    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text
    assert InlineFinder(page.text).found == []


@pytest.mark.parametrize("path", ["/", "/no/such/page", "/accounts/login/"])
def test_it_sends_a_strict_policy(client, path):
    policy = set(client.get(path).headers["Content-Security-Policy"].split("; "))

    assert policy >= POLICY
    assert not any("unsafe" in directive or "http" in directive or "*" in directive for directive in policy)


@pytest.mark.parametrize("path", ["/", "/accounts/login/"])
def test_it_keeps_style_and_script_out_of_public_pages(client, path):
    assert InlineFinder(client.get(path).text).found == []


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_it_keeps_style_and_script_out_of_the_office(staff, path):
    page = as_user(staff).get(path.format(pk=staff.pk))

    assert page.status_code == 200
    assert InlineFinder(page.text).found == []


def test_it_lists_without_a_style_of_its_own_where_no_action_is_offered(staff, monkeypatch):
    monkeypatch.setattr("django.contrib.auth.admin.UserAdmin.actions_on_top", False)

    page = as_user(staff).get("/admin/auth/user/")

    assert InlineFinder(page.text).found == []


def test_it_shows_filters_before_the_rows_they_choose(staff):
    page = as_user(staff).get("/admin/auth/user/?is_staff__exact=1").text

    assert page.index('id="changelist-filter"') < page.index('id="result_list"')
    assert "Staff status: <strong>Yes</strong>" in page


def test_it_says_so_when_a_search_finds_nothing(staff):
    page = as_user(staff).get("/admin/auth/user/?q=nobody-of-this-name").text

    assert "No users to show" in page
    assert "Clear search and filters" in page


def test_it_tells_which_column_sorts_a_list(staff):
    page = as_user(staff).get("/admin/auth/user/?o=-2").text

    assert 'aria-sort="descending"' in page
    assert page.count("aria-sort=") == 1


def test_it_greets_by_name_and_marks_the_section(staff):
    page = as_user(staff).get("/admin/auth/user/").text

    assert "Dana Ortiz" in page
    assert '<a href="/admin/auth/user/" aria-current="page">Users</a>' in page


def test_it_tells_a_clerk_without_permissions_what_to_do(clerk):
    page = as_user(clerk).get("/admin/").text

    assert "Ask an administrator" in page


def test_it_shows_what_one_changed_oneself(staff):
    visitor = as_user(staff)
    visitor.post("/admin/auth/group/add/", {"name": "Reviewers"})

    page = visitor.get("/admin/").text

    assert "My recent changes" in page
    assert "Reviewers" in page
