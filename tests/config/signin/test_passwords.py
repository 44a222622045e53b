"""A forgotten password: the link goes to the address staff entered, begins with BASE_URL, and works once."""

import re
from smtplib import SMTPException

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from tests.config.signin.signing import PASSWORD, enter, is_in, person, with_app

pytestmark = pytest.mark.django_db

ASK = "/accounts/password/reset/"
NEW = "nine otters under the ice"


@pytest.fixture(autouse=True)
def _base(settings):
    settings.BASE_URL = "https://provost.example.org"
    settings.ALLOWED_HOSTS = ["testserver", "other.example.org"]


def ask(client, address="rivera@provost.example", **how):
    """Ask for a link."""
    return client.post(ASK, {"email": address}, **how)


def link(mailoutbox):
    """Return the path of the link in the last mail."""
    return re.search(r"https://provost\.example\.org(\S+)", mailoutbox[-1].body)[1]


def choose(client, path, word=NEW):
    """Open the link and enter a new password."""
    form = client.get(path, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": word, "password2": word})


def test_the_link_follows_the_setting_whatever_host_was_asked(client, mailoutbox):
    person()

    ask(client, HTTP_HOST="other.example.org")

    assert "https://provost.example.org/accounts/password/reset/key/" in mailoutbox[0].body
    assert "other.example.org" not in str(mailoutbox[0].message())
    assert mailoutbox[0].to == ["rivera@provost.example"]


def test_it_refuses_a_forged_host(client, mailoutbox):
    person()

    answer = ask(client, HTTP_HOST="evil.example")

    assert answer.status_code == 400
    assert mailoutbox == []


def test_the_mail_names_nothing_but_the_account(client, mailoutbox):
    person(first_name="Lucia", last_name="Moreno")

    ask(client)

    text = mailoutbox[0].subject + mailoutbox[0].body
    assert "account rivera" in text
    assert not [word for word in ("Lucia", "Moreno", "127.0.0.1", "@") if word in text]


def test_it_answers_alike_for_an_address_nobody_has(client, mailoutbox):
    person()

    known, unknown = ask(client), ask(client, "nobody@provost.example")

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert len(mailoutbox) == 1


def test_it_sets_the_password_ends_sessions_and_signs_nobody_in(client, mailoutbox):
    person()
    other = Client()
    enter(other)
    ask(client)

    choose(client, link(mailoutbox))

    assert not is_in(client)
    assert not is_in(other)
    enter(client, password=PASSWORD)
    assert not is_in(client)
    enter(client, password=NEW)
    assert is_in(client)


def test_it_leaves_the_second_factor_as_it_is(client, mailoutbox):
    with_app(person())
    ask(client)
    choose(client, link(mailoutbox))

    answer = enter(client, password=NEW)

    assert answer.url == "/accounts/2fa/authenticate/"


def test_the_link_works_once(client, mailoutbox):
    person()
    ask(client)
    choose(client, link(mailoutbox))

    again = Client().get(link(mailoutbox[:1]), follow=True)

    assert "not good any more" in again.text


@pytest.mark.parametrize("weak", ["short", "provost", "12345678901234"])
def test_it_takes_no_weak_password(client, mailoutbox, weak):
    user = person()
    ask(client)

    answer = choose(client, link(mailoutbox), weak)

    user.refresh_from_db()
    assert answer.status_code == 200
    assert user.check_password(PASSWORD)


def test_an_address_that_was_replaced_opens_nothing_any_more(client, mailoutbox):
    user = person()
    ask(client)
    assert EmailAddress.objects.count() == 1

    user.email = "lucia@provost.example"
    user.save()
    ask(client, "rivera@provost.example")

    assert len(mailoutbox) == 1
    assert not EmailAddress.objects.filter(email="rivera@provost.example").exists()


def test_it_sends_nothing_to_an_account_that_is_switched_off(client, mailoutbox):
    person(is_active=False)

    ask(client)

    assert mailoutbox == []


def test_it_answers_as_ever_when_the_mail_server_does_not(client, monkeypatch, caplog):
    person()

    def refuse(message):
        raise SMTPException("busy")

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    answer = ask(client)

    assert answer.status_code == 302
    assert "could not be sent" in caplog.text
    assert "rivera" not in caplog.text


def test_it_tells_that_a_password_was_changed(client, mailoutbox):
    person()
    enter(client)

    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert [mail.to for mail in mailoutbox] == [["rivera@provost.example"]]
    assert "Your password was changed." in mailoutbox[0].body


def test_it_lets_who_has_no_password_ask_for_one(client):
    user = person()
    user.set_unusable_password()
    user.save()
    client.force_login(user)

    assert client.get("/accounts/password/change/", follow=True).request["PATH_INFO"] == ASK
