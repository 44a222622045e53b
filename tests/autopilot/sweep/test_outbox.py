"""The duty that sends what lies in the outbox: at least once, under an id that stays, and never for ever."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends import locmem
from django.db import OperationalError

from autopilot import clock
from autopilot import outbox as delivery
from autopilot.engine import emit, message, registry
from autopilot.models import Job, OutboxMessage
from autopilot.sweep import outbox
from tests.autopilot.engine.concurrency import at_once

pytestmark = pytest.mark.django_db

TOPIC = "test.told"


@pytest.fixture(autouse=True)
def _topic():
    @message(TOPIC)
    def told(number: str = "1") -> EmailMessage:
        return EmailMessage(f"Number {number}", "Text.", to=["ann@example.org"])


@pytest.fixture
def failing(monkeypatch):
    """Let the mail server fail so many times in the given way."""

    def fail(error, times=1):
        left = [times]
        send = locmem.EmailBackend.send_messages

        def send_messages(self, messages):
            if left[0]:
                left[0] -= 1
                raise error
            return send(self, messages)

        monkeypatch.setattr(locmem.EmailBackend, "send_messages", send_messages)

    return fail


def tell(tenant, **references) -> OutboxMessage:
    return emit(TOPIC, tenant_id=tenant, **references)


def test_it_sends_what_is_due_the_oldest_first(tenant):
    tell(tenant, number="1")
    tell(tenant, number="2")

    assert [outbox.run(), outbox.run()] == [2, 0]

    assert [sent.subject for sent in mail.outbox] == ["Number 1", "Number 2"]
    assert set(OutboxMessage.objects.values_list("status", "attempts")) == {("sent", 1)}
    assert OutboxMessage.objects.first().sent_at is not None


def test_it_sends_under_the_messages_own_id(tenant):
    told = tell(tenant)

    outbox.run()

    assert mail.outbox[0].message()["Message-ID"] == f"<{told.pk}@provost>"


def test_it_sends_again_under_the_same_id_when_the_process_died_after_sending(tenant, monkeypatch):
    told = tell(tenant)

    class Crash(BaseException):
        """The process dies."""

    def send_and_die(self, fail_silently=False):
        mail.outbox.append(self)
        raise Crash

    with monkeypatch.context() as patch, pytest.raises(Crash):
        patch.setattr(EmailMessage, "send", send_and_die)
        outbox.run()
    assert outbox.run() == 0
    with clock.moved(delivery.IN_HAND):
        assert outbox.run() == 1

    assert {sent.message()["Message-ID"] for sent in mail.outbox} == {f"<{told.pk}@provost>"}
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    "error", [OSError(101, "No network"), smtplib.SMTPServerDisconnected("Gone."), ValueError("Odd."), KeyError("x")]
)
def test_it_tries_again_later_and_later(tenant, failing, error):
    failing(error, times=3)
    told = tell(tenant)
    waits: list[timedelta] = []

    for _ in range(3):
        with clock.moved(timedelta(hours=len(waits))):
            assert outbox.run() == 0
            told.refresh_from_db()
            waits.append(told.next_attempt_at - clock.now())

    assert told.error == type(error).__name__
    assert (told.status, told.attempts) == ("pending", 3)
    seconds = [wait.total_seconds() for wait in waits]
    assert [14 < seconds[0] <= 30, 29 < seconds[1] <= 60, 59 < seconds[2] <= 120] == [True] * 3
    with clock.moved(timedelta(hours=9)):
        assert outbox.run() == 1


def test_it_gives_up_in_the_end(tenant, failing):
    failing(OSError(101, "No network"), times=99)
    told = tell(tenant)
    long_ago = clock.now() - delivery.TRIED_FOR
    OutboxMessage.objects.update(attempts=delivery.MOST_ATTEMPTS - 1, created_at=long_ago)

    assert outbox.run() == 0

    told.refresh_from_db()
    assert (told.status, told.error, told.attempts) == ("failed", "OSError", delivery.MOST_ATTEMPTS)
    with clock.moved(timedelta(days=9)):
        assert outbox.run() == 0


def test_it_fails_at_once_what_no_repetition_will_mend(tenant):
    @message("test.vanished")
    def vanished() -> EmailMessage:
        Job.objects.get(pk=tenant)
        raise AssertionError

    emit("test.vanished", tenant_id=tenant)

    assert outbox.run() == 0

    assert OutboxMessage.objects.values_list("status", "error").get() == ("failed", "DoesNotExist")


@pytest.mark.parametrize("mistake", ["topic", "parameter"])
def test_it_sends_later_what_newer_code_knows_to_build(tenant, mistake):
    """While a new version is rolled out, old processes meet messages that they do not know yet."""
    if mistake == "topic":
        OutboxMessage.objects.create(tenant_id=tenant, topic="test.of_the_future")
    else:
        tell(tenant, unknown="parameter")
    assert outbox.run() == 0
    assert OutboxMessage.objects.get().status == "pending"

    registry._messages.pop(TOPIC)
    for topic in (TOPIC, "test.of_the_future"):
        message(topic)(lambda unknown="": EmailMessage("Known", "Text.", to=["ann@example.org"]))
    with clock.moved(timedelta(hours=1)):
        assert outbox.run() == 1


def test_it_lets_no_bad_message_keep_the_others(tenant):
    @message("test.bad")
    def bad() -> EmailMessage:
        raise ZeroDivisionError

    emit("test.bad", tenant_id=tenant)
    tell(tenant)
    emit("test.bad", tenant_id=tenant)
    tell(tenant)

    assert outbox.run() == 2

    assert len(mail.outbox) == 2
    assert set(OutboxMessage.objects.filter(topic="test.bad").values_list("status", "error")) == {
        ("pending", "ZeroDivisionError")
    }


def test_it_stops_when_the_database_is_away(tenant):
    @message("test.away")
    def away() -> EmailMessage:
        raise OperationalError("Gone.")

    emit("test.away", tenant_id=tenant)

    with pytest.raises(OperationalError):
        outbox.run()


def test_it_stores_no_words_of_an_error(tenant, failing):
    """The text of a mail server's refusal names people."""
    failing(smtplib.SMTPRecipientsRefused({"ann@example.org": (550, b"No such user ann")}))
    told = tell(tenant)

    outbox.run()

    told.refresh_from_db()
    assert told.error == "SMTPRecipientsRefused"


def test_it_ends_its_turn_after_a_while(tenant, monkeypatch):
    monkeypatch.setattr(delivery, "LONGEST_SECONDS", -1.0)
    tell(tenant)

    assert outbox.run() == 0

    assert OutboxMessage.objects.get().attempts == 0


def test_two_at_once_send_each_message_once(shared_database, tenant):
    for number in range(12):
        tell(tenant, number=str(number))

    assert sum(at_once(outbox.run, outbox.run)) == 12

    assert sorted(sent.subject for sent in mail.outbox) == sorted(f"Number {number}" for number in range(12))
    assert set(OutboxMessage.objects.values_list("status", "attempts")) == {("sent", 1)}
