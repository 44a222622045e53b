"""Creating requests count once, however often they come, and whatever dies in between."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.api import idempotency
from autopilot.models import Job
from autopilot.models.tokens import ApiToken, IdempotencyKey
from autopilot.storable import digest
from autopilot.sweep import retention
from tests.autopilot.api.conftest import Caller
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.fixtures import database_file as database_file
from tests.autopilot.engine.fixtures import shared_database as shared_database

pytestmark = pytest.mark.django_db
ASKED = {"kind": "sample.simple", "payload": {"subject": "a thing"}}
DAY = timedelta(hours=24)


class Death(BaseException):
    """The process dies here."""


def standing(key: str, **fields) -> IdempotencyKey:
    """Return the key of a request that has begun and not ended."""
    token = ApiToken.objects.get()
    usual = {"method": "POST", "path": "/api/v1/jobs", "body_digest": digest(ASKED)}
    lease = {"locked_until": clock.now() + timedelta(seconds=30)}
    return IdempotencyKey.objects.create(caller=f"token:{token.pk}", key=key, **usual | lease | fields)


@pytest.mark.parametrize(
    ("key", "problem"), [("", "key_missing"), ("a b", "invalid"), ("x" * 256, "invalid"), ("é", "invalid")]
)
def test_it_wants_a_key(operator, key, problem):
    response = operator.post("jobs", ASKED, key=key)

    assert (response.status_code, response.json()["type"].rpartition(":")[2]) == (400, problem)
    assert operator.post("jobs", ASKED).status_code == 400
    assert not Job.objects.exists()


def test_it_answers_a_repetition_as_the_first_time(operator):
    first = operator.post("jobs", ASKED, key="one")
    again = operator.post("jobs", '{ "payload": {"subject":"a thing"},"kind":"sample.simple"}', key="one")

    assert Job.objects.count() == 1
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first


def test_it_refuses_a_key_for_another_request(operator):
    operator.post("jobs", ASKED, key="one")

    other = operator.post("jobs", ASKED | {"priority": 9}, key="one")
    elsewhere = operator.post("applications", ASKED, key="one")

    assert (other.status_code, elsewhere.status_code) == (422, 422)
    assert other.json()["type"].endswith("key_reused")
    assert Job.objects.count() == 1


def test_it_knows_a_key_by_its_caller(called, lindqvist):
    for caller in (called(lindqvist), called(lindqvist)):
        assert caller.post("jobs", ASKED, key="one").status_code == 201

    assert Job.objects.count() == 2


def test_it_says_that_the_first_is_still_being_worked_on(operator):
    standing("one")

    response = operator.post("jobs", ASKED, key="one")

    assert (response.status_code, response.json()["type"].rpartition(":")[2]) == (409, "in_flight")
    assert int(response["Retry-After"]) > 0
    assert operator.post("jobs", ASKED | {"priority": 9}, key="one").status_code == 422
    assert not Job.objects.exists()


def test_it_takes_up_a_request_whose_process_died(operator):
    standing("one")

    with clock.moved(timedelta(seconds=31)):
        assert operator.post("jobs", ASKED, key="one").status_code == 201
        assert operator.post("jobs", ASKED, key="one")["Idempotency-Replayed"] == "true"

    assert Job.objects.count() == 1


@pytest.mark.parametrize("dies_in", ["_keep", "_written"])
def test_it_does_nothing_by_halves_when_its_process_dies(operator, monkeypatch, dies_in):
    def die(*args):
        raise Death

    with monkeypatch.context() as dying:
        dying.setattr(idempotency, dies_in, die)
        dying.setattr(idempotency, "_free", lambda *args: None)
        with pytest.raises(Death):
            operator.post("jobs", ASKED, key="one")

    assert not Job.objects.exists()
    assert operator.post("jobs", ASKED, key="one").status_code == 409
    with clock.moved(idempotency.IN_FLIGHT):
        assert operator.post("jobs", ASKED, key="one").status_code == 201
    assert Job.objects.count() == 1


def test_it_takes_back_what_it_did_when_another_has_taken_over(operator, monkeypatch):
    written = idempotency._written

    def overtaken(data):
        IdempotencyKey.objects.update(locked_until=clock.now() + timedelta(seconds=99))
        return written(data)

    monkeypatch.setattr(idempotency, "_written", overtaken)

    assert operator.post("jobs", ASKED, key="one").status_code == 409
    assert not Job.objects.exists()


def test_it_frees_the_key_of_a_request_that_was_refused(operator):
    assert operator.post("jobs", ASKED | {"priority": 99}, key="one").status_code == 400
    assert operator.post("jobs", ASKED | {"priority": 9}, key="one").status_code == 201


def test_it_forgets_a_key_after_a_day(operator):
    operator.post("jobs", ASKED, key="one")
    operator.post("jobs", ASKED, key="two")

    with clock.moved(DAY):
        assert operator.post("jobs", ASKED, key="one").status_code == 201
        assert retention.run() == 1  # the other one

    assert Job.objects.count() == 3
    assert IdempotencyKey.objects.get().key == "one"


def test_it_does_once_what_comes_several_times_at_one_moment(shared_database, called, lindqvist):
    caller = called(lindqvist)

    for key in ("a", "b", "c"):
        ask = [lambda key=key: again_as(caller).post("jobs", ASKED, key=key)] * 4
        answers = at_once(*ask)

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert sum(answer.status_code == 201 and "Idempotency-Replayed" not in answer for answer in answers) == 1
        assert caller.post("jobs", ASKED, key=key)["Idempotency-Replayed"] == "true"

    assert Job.objects.count() == 3


def again_as(caller: Caller) -> Caller:
    """Return the same caller with a client of its own, as every thread needs one."""
    return Caller(caller.headers["Authorization"].partition(" ")[2])
