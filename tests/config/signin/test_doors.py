"""One page signs in; every other door leads there, and what is closed does not exist."""

import pytest
from django.test import Client

from tests.config.signin.signing import PASSWORD, enter, is_in, person

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


def test_it_leads_from_the_office_to_the_one_page(client):
    page = client.get("/admin/autopilot/job/?status=failed", follow=True)

    assert page.redirect_chain[-1][0].startswith(LOGIN)
    assert '<input type="hidden" name="next" value="/admin/autopilot/job/?status=failed">' in page.text


@pytest.mark.parametrize("inside", ["/admin/", "/admin/autopilot/job/?status=failed"])
def test_it_comes_back_to_what_was_asked_for(client, inside):
    person()

    answer = client.post(LOGIN, {"login": "rivera", "password": PASSWORD, "next": inside})

    assert answer.url == inside


@pytest.mark.parametrize(
    "outside",
    [
        "https://evil.example/",
        "//evil.example/",
        "\\\\evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil",
    ],
)
def test_it_never_leads_to_another_site(client, outside):
    person()

    signed_in = client.post(LOGIN, {"login": "rivera", "password": PASSWORD, "next": outside})
    by_the_office = Client().get("/admin/login/", {"next": outside})
    once_in = client.get("/admin/login/", {"next": outside})

    assert signed_in.url == "/admin/"
    assert by_the_office["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert once_in.url == "/admin/"


def test_it_takes_no_password_at_the_office_itself(client):
    person()
    person("okafor")
    enter(client, "okafor")

    client.post("/admin/login/", {"username": "rivera", "password": PASSWORD})
    Client().post("/admin/login/", {"username": "rivera", "password": PASSWORD})

    assert "Your account, okafor" in client.get("/accounts/2fa/").text


def test_it_says_no_to_who_is_signed_in_but_not_of_the_office(client):
    client.force_login(person("outsider", is_staff=False))

    assert client.get("/admin/login/").status_code == 403


def test_it_has_one_page_that_changes_a_password(client):
    client.force_login(person())

    assert client.get("/admin/password_change/").url == "/accounts/password/change/"


@pytest.mark.parametrize(
    "closed",
    ["signup/", "email/", "confirm-email/", "confirm-email/abc/", "3rdparty/", "social/signup/", "google/login/",
     "login/code/confirm/", "2fa/trust/", "2fa/recovery-codes/download/", "2fa/webauthn/login/"],
)  # fmt: skip
def test_it_has_no_page_for_what_is_closed(client, closed):
    client.force_login(person())

    assert client.get(f"/accounts/{closed}").status_code == 404
    assert client.post(f"/accounts/{closed}", {"email": "x@example.org"}).status_code == 404


def test_it_signs_in_by_username_alone(client):
    person(email="rivera@provost.example")

    by_mail = enter(client, "rivera@provost.example")

    assert by_mail.status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize(
    ("name", "word"), [("rivera", "wrong"), ("nobody", PASSWORD), ("", ""), ("\0", "x"), ("x" * 999, "x")]
)
def test_it_gives_every_failure_the_same_answer(client, name, word):
    person()

    page = enter(client, name, word)

    assert page.status_code == 200
    assert "exist" not in page.text
    assert not is_in(client)


def test_it_renews_the_session_at_signing_in(client):
    person()
    client.get(LOGIN)
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted

    enter(client)

    assert client.cookies["sessionid"].value != planted


def test_it_leads_who_is_not_of_the_office_home(client):
    person("outsider", is_staff=False)

    assert enter(client, "outsider").url == "/"
