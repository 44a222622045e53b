"""Whoever fails too often waits: the account, from that address, and nobody else."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client

from autopilot import clock
from tests.config.signin.signing import PASSWORD, code, enter, give, is_in, person, recovery_codes, with_app

pytestmark = pytest.mark.django_db

HERE, THERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _three_times(settings):
    settings.AXES_FAILURE_LIMIT = 3


def fail(client, times, name="rivera", **how):
    """Enter wrong passwords; return the last answer."""
    return [enter(client, name, "wrong", **how) for _ in range(times)][-1]


def test_it_locks_the_account_for_the_address(client):
    person()

    last = fail(client, 3, REMOTE_ADDR=HERE)
    right = enter(client, REMOTE_ADDR=HERE)

    assert (last.status_code, last["Retry-After"]) == (429, "900")
    assert right.status_code == 429
    assert "15 minutes" in right.text
    assert not is_in(client)


def test_it_answers_alike_whether_the_account_exists_or_not(client):
    person()

    known, unknown = fail(client, 3), fail(Client(), 3, "nobody")

    assert known.status_code == unknown.status_code == 429
    assert known.text == unknown.text


def test_it_lets_the_person_in_from_another_address(client):
    person()
    fail(client, 5, REMOTE_ADDR=HERE)

    enter(client, REMOTE_ADDR=THERE)

    assert is_in(client)


def test_it_lets_another_person_in_from_the_same_address(client):
    person()
    person("okafor")
    fail(client, 5, REMOTE_ADDR=HERE)

    enter(client, "okafor", REMOTE_ADDR=HERE)

    assert is_in(client)


@pytest.mark.parametrize("spelled", ["RIVERA", "Rivera", " rivera "])
def test_it_counts_every_spelling_of_a_name(client, spelled):
    person()

    fail(client, 2)
    last = fail(client, 1, spelled)

    assert last.status_code == 429


@pytest.mark.parametrize(("proxies", "forwarded"), [(0, "192.0.2.{}"), (1, "192.0.2.{}, 203.0.113.7")])
def test_it_is_not_fooled_by_addresses_that_the_client_makes_up(client, settings, proxies, forwarded):
    settings.TRUSTED_PROXY_COUNT = proxies
    person()

    for number in range(3):
        last = fail(client, 1, HTTP_X_FORWARDED_FOR=forwarded.format(number), REMOTE_ADDR=HERE)

    assert last.status_code == 429


def test_it_stands_a_proxy_that_tells_nonsense(client, settings):
    settings.TRUSTED_PROXY_COUNT = 1
    person()

    enter(client, HTTP_X_FORWARDED_FOR="<script>")

    assert is_in(client)


def test_it_counts_whatever_browser_is_used(client):
    person()

    for number in range(3):
        last = fail(client, 1, HTTP_USER_AGENT=f"Browser {number}")

    assert last.status_code == 429


def test_it_opens_again_after_the_cool_off(client):
    person()
    fail(client, 3)
    AccessAttempt.objects.update(attempt_time=clock.now() - timedelta(seconds=901))

    enter(client)

    assert is_in(client)


def test_it_does_not_wait_longer_for_what_is_tried_meanwhile(client):
    person()
    fail(client, 3)
    locked_at = AccessAttempt.objects.get().attempt_time

    fail(client, 4)

    assert AccessAttempt.objects.get().attempt_time == locked_at


def test_it_forgets_failures_when_somebody_signs_in(client):
    person()
    fail(client, 2)

    enter(client)

    assert not AccessAttempt.objects.exists()


def test_it_counts_wrong_codes_too(client):
    user = with_app(person())
    enter(client)

    last = [give(client, "000000") for _ in range(3)][-1]
    right = give(client, code())
    kept = give(client, recovery_codes(user)[0])

    assert [answer.status_code for answer in (last, right, kept)] == [429, 429, 429]
    assert not is_in(client)


def test_the_right_password_alone_forgets_no_failures(client):
    with_app(person())
    fail(client, 2)

    enter(client)
    last = give(client, "000000")

    assert last.status_code == 429


def test_it_limits_codes_per_account_wherever_they_come_from(client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"second_factor": "4/15m/key"}
    with_app(person())
    enter(client)

    for number in range(4):
        give(client, "000000", REMOTE_ADDR=f"192.0.2.{number}")
    right = give(client, code(), REMOTE_ADDR=THERE)

    assert "Wait a quarter of an hour" in right.text
    assert not is_in(client)


def test_it_counts_wrong_passwords_of_who_confirms(client):
    person()
    enter(client)

    last = [client.post("/accounts/reauthenticate/", {"password": "wrong"}) for _ in range(3)][-1]
    right = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/admin/"})

    assert (last.status_code, right.status_code) == (429, 429)


def test_it_writes_no_password_and_no_name_into_what_was_sent(client, caplog):
    person()

    enter(client, "rivera", "not the right words", REMOTE_ADDR=HERE)

    kept = AccessAttempt.objects.get()
    assert "not the right words" not in kept.post_data + kept.get_data
    assert "rivera" not in kept.post_data
    assert "rivera" not in caplog.text
    assert HERE not in caplog.text
