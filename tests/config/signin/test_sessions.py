"""A sign-in lasts as long as the settings say, is listed, and can be ended by its person and by staff."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.test import Client

from autopilot import clock
from autopilot.models import AuditEntry
from config.signin.devices import device_of
from tests.config.signin.signing import PASSWORD, enter, is_in, person

pytestmark = pytest.mark.django_db

LIST = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def signed_in(name="rivera", agent=FIREFOX):
    """Return a client that is signed in."""
    client = Client(headers={"User-Agent": agent})
    enter(client, name)
    return client


def pass_time(client, seconds):
    """Make a session older by as much."""
    session = client.session
    for name in ("signed_in_at", "seen_at", "confirmed_at"):
        session[name] -= seconds
    session.save()


def test_it_ends_when_nobody_was_there_for_too_long():
    person()
    client = signed_in()

    with clock.moved(timedelta(seconds=1799)):
        still = is_in(client)
    with clock.moved(timedelta(seconds=1799 + 1800)):
        late = client.get("/admin/", follow=True)

    assert still
    assert "You were signed out" in late.text
    assert not is_in(client)


def test_it_goes_on_while_somebody_is_there():
    person()
    client = signed_in()

    for minute in range(0, 180, 20):
        with clock.moved(timedelta(minutes=minute)):
            assert is_in(client)


def test_it_ends_after_the_longest_time_whoever_is_there(settings):
    settings.SESSION_COOKIE_AGE = 7200
    person()
    client = signed_in()

    answers = []
    for minute in (20, 40, 60, 80, 100, 119, 121):
        with clock.moved(timedelta(minutes=minute)):
            answers.append(is_in(client))

    assert answers == [True] * 6 + [False]


def test_it_takes_what_a_page_fetches_by_itself_for_nobody():
    person()
    client = signed_in()

    for minute in (10, 20, 29):
        with clock.moved(timedelta(minutes=minute)):
            client.get("/admin/", headers={"Sec-Fetch-Dest": "empty"})
    with clock.moved(timedelta(minutes=31)):
        ended = not is_in(client)

    assert ended


def test_it_lets_its_person_stay():
    person()
    client = signed_in()

    with clock.moved(timedelta(minutes=28)):
        answer = client.post("/accounts/sessions/stay/", headers={"Sec-Fetch-Dest": "empty"})
    with clock.moved(timedelta(minutes=50)):
        still = is_in(client)

    assert answer.json() == {"seconds_left": 1799}
    assert still


def test_it_tells_pages_when_it_ends():
    person()
    client = signed_in()

    pages = [client.get("/admin/").text, client.get(LIST).text]

    assert [1 for page in pages if 'data-seconds-left="1799"' in page or 'data-seconds-left="1800"' in page] == [1, 1]
    assert "session-end" not in Client().get("/accounts/login/").text


def test_it_writes_seldom(django_assert_num_queries):
    person()
    client = signed_in()
    is_in(client)

    with django_assert_num_queries(2):  # the session, its person
        client.get("/")


def test_it_lists_where_one_is_signed_in():
    person()
    client = signed_in()
    signed_in(agent=PHONE)
    person("okafor")
    signed_in("okafor", agent="Okafor's own browser")

    page = client.get(LIST).text

    assert "Firefox on Windows" in page
    assert "Safari on iPhone" in page
    assert "Unknown browser" not in page
    assert page.count("This one") == 1


def test_it_ends_one_of_them():
    user = person()
    client, other, third = signed_in(), signed_in(agent=PHONE), signed_in()
    row = UserSession.objects.get(session_key=other.session.session_key)

    client.post(LIST, {"session": row.pk})

    assert [is_in(each) for each in (client, other, third)] == [True, False, True]
    assert AuditEntry.objects.get(name="auth.session.ended").actor == user


def test_it_ends_all_others():
    person()
    person("okafor")
    client, other, third, stranger = signed_in(), signed_in(), signed_in(), signed_in("okafor")

    client.post(LIST, {"session": "others"})

    assert [is_in(each) for each in (client, other, third, stranger)] == [True, False, False, True]


@pytest.mark.parametrize("which", ["okafor", "0", "-1", "x", "9" * 30, "²", ""])
def test_it_ends_no_session_of_somebody_else(which):
    person()
    person("okafor")
    client, stranger = signed_in(), signed_in("okafor")
    chosen = UserSession.objects.get(user__username="okafor").pk if which == "okafor" else which

    answer = client.post(LIST, {"session": chosen})

    assert answer.status_code == 404
    assert is_in(client)
    assert is_in(stranger)


def test_it_ends_when_the_account_is_switched_off():
    user = person()
    client = signed_in()

    user.is_active = False
    user.save()

    assert not is_in(client)


def test_a_new_password_ends_all_other_sessions():
    person()
    client, other = signed_in(), signed_in()

    changed = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "nine otters under ice", "password2": "nine otters under ice"},
    )

    assert changed.status_code == 302
    assert [is_in(client), is_in(other)] == [True, False]
    assert AuditEntry.objects.filter(name="auth.password.changed").exists()


def test_a_right_that_is_lost_is_lost_at_the_next_request():
    user = person()
    user.user_permissions.add(Permission.objects.get(codename="view_job"))
    client = signed_in()
    before = client.get("/admin/autopilot/job/").status_code

    user.user_permissions.clear()

    assert (before, client.get("/admin/autopilot/job/").status_code) == (200, 403)


@pytest.mark.once
@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox on Windows"),
        (PHONE, "Safari on iPhone"),
        ("curl/8.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_it_names_devices(agent, device):
    assert device_of(agent) == device
