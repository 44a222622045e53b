"""Each turn of a duty goes to one process of the whole installation."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from autopilot import clock
from autopilot.cluster import duties
from autopilot.models.clusters import Duty

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_it_gives_a_turn_once():
    done = []

    first = duties.perform("sweep", MINUTE, lambda: done.append("first"))
    second = duties.perform("sweep", MINUTE, lambda: done.append("second"))

    assert (first, second, done) == (True, False, ["first"])


def test_it_gives_the_next_turn_after_the_interval():
    done = []
    duties.perform("sweep", MINUTE, lambda: done.append(1))

    with clock.moved(MINUTE - timedelta(seconds=5)):
        duties.perform("sweep", MINUTE, lambda: done.append(2))
    with clock.moved(MINUTE):
        duties.perform("sweep", MINUTE, lambda: done.append(3))

    assert done == [1, 3]


def test_it_keeps_the_turns_of_two_duties_apart():
    assert duties.take("sweep", MINUTE)
    assert duties.take("doctor", MINUTE)


def test_it_notes_when_a_turn_began_and_ended():
    duties.perform("sweep", MINUTE, lambda: None)

    duty = Duty.objects.get(name="sweep")
    assert duty.started_at is not None
    assert duty.finished_at is not None
    assert duty.started_at <= duty.finished_at < duty.next_at


def test_it_shows_a_turn_that_failed_as_unfinished_and_gives_the_next_one():
    with pytest.raises(ZeroDivisionError):
        duties.perform("sweep", MINUTE, lambda: 1 // 0)

    assert Duty.objects.get(name="sweep").finished_at is None
    with clock.moved(MINUTE):
        assert duties.take("sweep", MINUTE)


@pytest.mark.postgresql_only
def test_it_is_not_misled_by_the_clock_of_a_host(monkeypatch):
    real, hour = clock.now, timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: real() + hour)
    assert duties.take("sweep", MINUTE)
    monkeypatch.setattr(clock, "now", real)

    Duty.objects.update(next_at=Duty.objects.get().next_at - MINUTE)

    assert duties.take("sweep", MINUTE)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql_only
def test_it_gives_a_turn_to_one_of_many_who_ask_at_once():
    start, turns = Barrier(8), []

    def ask() -> None:
        start.wait()
        turns.append(duties.take("sweep", MINUTE))
        connection.close()

    askers = [Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert sorted(turns) == [False] * 7 + [True]
