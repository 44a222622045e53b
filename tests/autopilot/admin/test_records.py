"""The outbox and the cluster, as those read them who look for what went wrong."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.models import ClusterRestart, OutboxMessage
from tests.autopilot.admin import rows
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.test_review_page import words

pytestmark = pytest.mark.django_db


def test_it_shows_what_could_not_leave(as_person, lindqvist, waiting):
    OutboxMessage.objects.update(status="failed", error="HandlerMistake", attempts=1)

    said = words(as_person(lindqvist).get(listed("outboxmessage")))

    assert "autopilot.checkpoint.opened Failed 1" in said
    assert "HandlerMistake" in said


def test_it_shows_when_a_message_is_tried_next(as_person, lindqvist, waiting):
    message = OutboxMessage.objects.get()

    said = words(as_person(lindqvist).get(page(message)))

    assert "It is about to be sent Pending" in said
    assert "Next attempt" in said
    assert f"checkpoint_id {waiting.pk}" in said


def test_it_finds_the_messages_of_a_job(as_person, lindqvist, waiting):
    client = as_person(lindqvist)

    assert "1 outbox message" in words(client.get(listed("outboxmessage"), {"q": str(waiting.job_id)}))
    assert "1 outbox message" in words(client.get(listed("outboxmessage"), {"q": "autopilot.checkpoint.opened"}))
    assert "No outbox messages to show" in client.get(listed("outboxmessage"), {"q": "nothing"}).text


def test_it_shows_who_is_alive_and_who_has_fallen_silent(as_person, lindqvist):
    rows.heartbeat("here:1")
    with clock.moved(-timedelta(minutes=5)):
        silent = rows.heartbeat("here:2")
    type(silent).objects.filter(pk="here:2").update(seen_at=clock.now() - timedelta(minutes=5))
    ClusterRestart.objects.create(cluster="here", reason="No claim for a minute.")
    client = as_person(lindqvist)

    said = words(client.get(listed("clusterheartbeat")))

    assert "here:1 Alive" in said
    assert "here:2 Silent" in said
    assert "No claim for a minute." in client.get(listed("clusterrestart")).text
