"""A decision long after signing in waits until its person has proved who it is; what was typed is not lost."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.engine import registry
from autopilot.models import Checkpoint, Decision
from config.signin.decisions import is_decision
from tests.autopilot.admin import packets
from tests.autopilot.admin.addresses import deed, page
from tests.autopilot.admin.people import ensure_groups, member
from tests.config.signin.signing import PASSWORD, code, enter, give, with_app

pytestmark = pytest.mark.django_db

CONFIRM = "/accounts/reauthenticate/"
REJECTION = {"version": 1, "verdict": "reject", "comment": "The hours of one program do not add up."}


@pytest.fixture(autouse=True)
def _packets(settings):
    settings.DECISION_REAUTHENTICATION = timedelta(minutes=15)
    with registry.registered_for_test():
        packets.register()
        yield


@pytest.fixture
def rivera(db):
    """A reviewer with a password."""
    ensure_groups()
    user = member("rivera", "Reviewer")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def checkpoint(rivera):
    """What waits for a decision."""
    return packets.waiting()


@pytest.fixture
def client(client, rivera):
    """A browser in which the reviewer signed in half an hour ago, and has been at work since."""
    enter(client)
    grow_old(client)
    return client


def grow_old(client, seconds=1800):
    """Let time pass since the person was asked who it is."""
    session = client.session
    session["confirmed_at"] -= seconds
    session.save()


def decide(client, checkpoint, **changes):
    """Send the form of the review page."""
    referer = f"http://testserver{page(checkpoint)}"
    return client.post(deed(checkpoint, "decide"), REJECTION | changes, headers={"Referer": referer})


def confirm(client, asked, word=PASSWORD):
    """Answer the page that asks who it is, as its form would."""
    back = client.get(asked.url).context["redirect_field_value"]
    return client.post(CONFIRM, {"password": word, "next": back})


def status(checkpoint):
    """Return how a checkpoint stands."""
    return Checkpoint.objects.get(pk=checkpoint.pk).status


def test_it_decides_at_once_after_a_recent_sign_in(client, checkpoint):
    grow_old(client, -1800)

    decide(client, checkpoint)

    assert status(checkpoint) == "rejected"


def test_it_asks_who_it_is_and_decides_nothing(client, checkpoint):
    asked = decide(client, checkpoint)

    assert asked.url.startswith(CONFIRM)
    assert status(checkpoint) == "pending"
    assert "What you sent is kept" in client.get(asked.url).text


def test_it_carries_out_what_was_sent_once_confirmed(client, checkpoint, rivera):
    asked = decide(client, checkpoint)

    done = confirm(client, asked)

    decision = Decision.objects.get()
    assert done.url == page(checkpoint)
    assert (decision.actor, decision.comment, decision.verdict) == (rivera, REJECTION["comment"], "reject")
    assert decision.mfa_level == "password"


def test_it_decides_nothing_after_a_wrong_password(client, checkpoint):
    asked = decide(client, checkpoint)

    confirm(client, asked, "wrong")

    assert status(checkpoint) == "pending"


def test_it_shows_what_was_typed_again_where_the_decision_is_refused(client, checkpoint):
    asked = decide(client, checkpoint, version=7)

    answer = confirm(client, asked)

    assert answer.status_code == 409
    assert REJECTION["comment"] in answer.text
    assert status(checkpoint) == "pending"


def test_it_takes_effect_once(client, checkpoint):
    asked = decide(client, checkpoint)
    confirm(client, asked)

    again = client.post(CONFIRM, {"password": PASSWORD, "next": page(checkpoint)})

    assert again.url == page(checkpoint)
    assert Decision.objects.count() == 1


def test_it_forgets_what_was_left_behind(client, checkpoint):
    decide(client, checkpoint)

    later = client.post(CONFIRM, {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"})

    assert later.url == "/accounts/2fa/totp/activate/"
    assert status(checkpoint) == "pending"


def test_it_forgets_what_is_too_old(client, checkpoint):
    asked = decide(client, checkpoint)

    with clock.moved(timedelta(minutes=6)):
        done = confirm(client, asked)

    assert done.url == page(checkpoint)
    assert status(checkpoint) == "pending"


def test_it_lets_the_next_one_pass(client, checkpoint):
    confirm(client, decide(client, checkpoint))
    other = packets.waiting()

    answer = decide(client, other)

    assert answer.url == page(other)
    assert status(other) == "rejected"


def test_it_checks_the_right_again_when_it_carries_out(client, checkpoint, rivera):
    asked = decide(client, checkpoint)
    rivera.groups.clear()

    answer = confirm(client, asked)

    assert answer.status_code == 403
    assert status(checkpoint) == "pending"


def test_it_keeps_no_one_from_reading(client, checkpoint):
    assert client.get(page(checkpoint)).status_code == 200


def test_it_asks_before_a_page_is_amended(client, checkpoint):
    asked = client.post(deed(checkpoint, "amend"), {"comment": "x", "version": 1})

    assert asked.url.startswith(CONFIRM)


def test_it_asks_before_many_are_decided(client, checkpoint):
    asked = client.post("/admin/autopilot/checkpoint/bulk/", {"verdict": "approve", "checkpoint": checkpoint.pk})

    assert asked.url.startswith(CONFIRM)


@pytest.mark.parametrize("referer", ["https://evil.example/", "//evil.example", "", "javascript:x"])
def test_it_leads_back_to_this_site_alone(client, checkpoint, referer):
    asked = client.post(deed(checkpoint, "decide"), REJECTION, headers={"Referer": referer})

    assert asked.url == f"{CONFIRM}?next=%2Fadmin%2F"


def test_it_notes_the_second_factor_of_who_decides(client, checkpoint, rivera):
    with_app(rivera)
    client.logout()
    enter(client)
    give(client, code())

    decide(client, checkpoint)

    assert Decision.objects.get().mfa_level == "totp"


def test_it_is_a_decision_only_where_something_is_decided(rf):
    request = rf.post("/admin/autopilot/job/")
    request.resolver_match = None

    assert not is_decision(request)
