"""The second factor: asked for where it exists, demanded of staff where the setting says so, good once, kept sealed."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.core.checks import run_checks
from django.db import connection
from django.test import Client
from django.urls import reverse

from autopilot.encryption import EncryptionError
from autopilot.models import AuditEntry
from config.signin.checks import refuse_open_second_factor
from tests.config.signin.signing import PASSWORD, SECRET, code, enter, give, is_in, person, recovery_codes, with_app

pytestmark = pytest.mark.django_db

INDEX = "/accounts/2fa/"
ACTIVATE = "/accounts/2fa/totp/activate/"


@pytest.fixture
def demanded(settings):
    """The setting of production."""
    settings.STAFF_MFA_REQUIRED = True


# What the library does once a factor is stored, it does after the commit.
committed = pytest.mark.django_db(transaction=True)


def set_up_app(client):
    """Set up an app as its person would; return the code that was used for it."""
    client.get(ACTIVATE)
    used = code(client.session["mfa.totp.secret"])
    client.post(ACTIVATE, {"code": used})
    return used


def test_it_asks_who_has_one_for_it(client):
    with_app(person())

    first = enter(client)
    before = is_in(client)
    second = give(client, code())

    assert first.url == reverse("mfa_authenticate")
    assert not before
    assert second.url == "/admin/"
    assert is_in(client)


def test_it_asks_nobody_else(client):
    person()

    assert enter(client).url == "/admin/"


@pytest.mark.parametrize(
    "address", ["/", "/apply/", "/admin/", "/admin/autopilot/job/", "/admin/auth/user/", "/accounts/sessions/",
                "/accounts/password/change/"],
)  # fmt: skip
def test_it_shows_staff_without_one_nothing_else(client, demanded, address):
    person(is_superuser=True)
    enter(client)

    answer = client.get(address)

    assert (answer.status_code, answer.url) == (302, INDEX)
    assert "Set up a second factor to go on" in client.get(INDEX).text


def test_it_takes_no_deed_from_staff_without_one(client, demanded):
    person(is_superuser=True)
    enter(client)

    answer = client.post("/admin/auth/group/add/", {"name": "Planted"})

    assert answer.url == INDEX
    assert AuditEntry.objects.filter(name="auth.group.created").count() == 0


def test_it_leaves_others_and_probes_alone(client, demanded):
    client.force_login(person(is_staff=False))

    assert client.get("/").status_code == 200
    client.force_login(person("okafor"))
    assert client.get("/healthz").status_code == 200


@committed
def test_it_lets_staff_in_once_it_is_set_up(client, demanded, mailoutbox):
    user = person(is_superuser=True)
    enter(client)

    set_up_app(client)

    assert client.get("/admin/").status_code == 200
    assert "shown this once" in client.get("/accounts/2fa/recovery-codes/").text
    assert "shown this once" not in client.get("/accounts/2fa/recovery-codes/").text
    assert set(AuditEntry.objects.values_list("name", "subject_id")) == {("auth.factor.added", str(user.pk))}
    assert [mail.subject for mail in mailoutbox] == ["How you sign in to Provost has changed"]


def test_it_asks_a_session_that_is_older_than_the_factor(client, demanded):
    user = person()
    enter(client)
    with_app(user)

    answer = client.get("/admin/autopilot/job/")
    asked = client.post(answer.url, {"code": code(), "next": "/admin/"})

    assert answer.url == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2Fautopilot%2Fjob%2F"
    assert asked.url == "/admin/"
    assert client.get("/admin/").status_code == 200


@committed
def test_it_asks_again_for_one_that_was_removed(client, demanded):
    user = person()
    enter(client)
    set_up_app(client)

    Authenticator.objects.filter(user=user).delete()

    assert client.get("/admin/").url == INDEX


def test_it_takes_a_code_once(client):
    with_app(person())
    enter(client)
    shown = code()
    give(client, shown)

    again = Client()
    enter(again)
    refused = give(again, shown)

    assert is_in(client)
    assert refused.status_code == 200
    assert not is_in(again)


@committed
def test_it_does_not_take_the_code_that_set_it_up(client):
    person()
    enter(client)
    used = set_up_app(client)

    again = Client()
    enter(again)
    give(again, used)

    assert not is_in(again)


def test_it_takes_a_recovery_code_once(client):
    user = with_app(person())
    kept = recovery_codes(user)[3]
    enter(client)
    give(client, kept)

    again = Client()
    enter(again)
    give(again, kept)

    assert is_in(client)
    assert not is_in(again)
    assert len(recovery_codes(user)) == 9


def test_it_changes_no_factor_long_after_signing_in(client):
    person()
    enter(client)
    session = client.session
    session["confirmed_at"] -= 301
    session.save()

    answer = client.get(ACTIVATE)

    assert answer.url.startswith("/accounts/reauthenticate/")


@committed
def test_it_removes_the_app_and_says_so(client):
    user = person()
    enter(client)
    set_up_app(client)

    client.post("/accounts/2fa/totp/deactivate/")

    assert not Authenticator.objects.filter(user=user).exists()
    assert AuditEntry.objects.filter(name="auth.factor.removed", actor=user).exists()


def test_it_keeps_secrets_sealed():
    user = with_app(person())
    codes = recovery_codes(user)

    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        stored = json.dumps([row[0] for row in cursor.fetchall()], default=str)

    assert "v1:" in stored
    assert SECRET not in stored
    assert not [kept for kept in codes if kept in stored]


def test_it_does_not_open_a_secret_with_another_key(settings):
    factor = Authenticator.objects.filter(user=with_app(person()), type="totp").get()
    settings.FIELD_KEYS = {"development": "A" * 43 + "="}

    with pytest.raises(EncryptionError):
        factor.wrap().validate_code("000000")


@pytest.mark.once
@pytest.mark.parametrize("name", ["MFA_TOTP_INSECURE_BYPASS_CODE", "MFA_TOTP_TOLERANCE"])
def test_it_refuses_to_start_with_a_door_open(settings, name):
    assert refuse_open_second_factor(None) == []
    setattr(settings, name, 1)

    found = [error.id for error in run_checks() if error.id.startswith("signin")]

    assert len(found) == 1


def test_it_has_no_way_around_the_second_page(client):
    with_app(person(is_superuser=True))
    enter(client)

    for address in ("/admin/", INDEX, "/accounts/reauthenticate/", "/accounts/2fa/reauthenticate/", ACTIVATE):
        assert client.get(address).status_code == 302, address
        assert client.post(address, {"password": PASSWORD, "code": "1"}).status_code == 302, address
    assert not is_in(client)
