"""Messages leave at least once, under one id, by one process at a time; none keeps another from leaving."""

import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMessage
from django.db import OperationalError, transaction
from django.urls import NoReverseMatch

from autopilot import clock, outbox
from autopilot.engine import emit, message
from autopilot.identifiers import uuid7
from autopilot.models import OutboxMessage
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.fixtures import database_file, own_registry, shared_database  # noqa: F401 (fixtures)
from tests.autopilot.mailserver import BUSY, FORGETFUL, FULL, SILENT, UNKNOWING, WELL, running_mail_server

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Builder:
    """Builds the mail of the topic test.told, or raises what a test wants it to."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {"to": ["jane.doe@example.org"]}
        self.errors: dict[str, BaseException] = {}
        self.built: list[str] = []

    def build(self, number: str) -> EmailMessage:
        """Return the mail of a number."""
        self.built.append(number)
        if error := self.errors.get(number):
            raise error
        return EmailMessage(**{"subject": f"Number {number}", "body": "Hello."} | self.fields)


@pytest.fixture
def builder(own_registry) -> Builder:  # noqa: F811 (the fixture)
    builder = Builder()
    message("test.told")(builder.build)
    return builder


def told(number: object = 1) -> OutboxMessage:
    """Return a message that lies in the outbox."""
    return emit("test.told", tenant_id=uuid7(), number=str(number))


def deliver(after: timedelta = timedelta(0)) -> int:
    """Deliver what is due some time from now; returns how many messages left."""
    with clock.moved(after):
        return outbox.deliver_due(50)


def state_of(sent: OutboxMessage) -> tuple[str, int, str]:
    """Return where a message stands: status, attempts, error."""
    sent.refresh_from_db()
    return sent.status, sent.attempts, sent.error


def test_it_sends_a_message_once_under_its_own_id(builder):
    told_one = told()

    counts = [deliver(), deliver(HOUR)]

    assert counts == [1, 0]
    assert state_of(told_one) == ("sent", 1, "")
    assert told_one.sent_at is not None
    (letter,) = mail.outbox
    assert letter.extra_headers["Message-ID"] == f"<{told_one.pk}@provost>"


def test_it_sends_nothing_before_its_transaction_has_committed(shared_database, builder):  # noqa: F811
    with transaction.atomic():
        told()
        transaction.set_rollback(True)

    assert deliver() == 0
    assert mail.outbox == []


def test_it_keeps_a_subject_on_one_line(builder):
    builder.fields["subject"] = "Your application\r\nBcc: everybody@example.org"
    told()

    assert deliver() == 1

    assert mail.outbox[0].subject == "Your application Bcc: everybody@example.org"
    assert mail.outbox[0].message()["Bcc"] is None


def test_it_refuses_an_address_with_a_second_line(builder):
    builder.fields["to"] = ["jane@example.org\nBcc: everybody@example.org"]
    told_one = told()

    assert deliver() == 0

    assert state_of(told_one) == ("failed", 1, "BadHeaderError")
    assert mail.outbox == []


def test_it_shows_that_a_message_has_nobody_to_go_to(builder, caplog):
    builder.fields["to"] = []
    told_one = told()

    assert deliver() == 0

    assert state_of(told_one) == ("failed", 1, "NobodyToTell")
    assert f"message {told_one.pk} (test.told) given up: NobodyToTell" in caplog.text


def test_it_gives_up_at_once_when_what_it_tells_of_is_gone(builder):
    builder.errors["1"] = User.DoesNotExist()
    told_one = told()

    deliver()

    assert state_of(told_one) == ("failed", 1, "DoesNotExist")


def test_it_waits_for_a_process_that_knows_the_topic():
    unknown = OutboxMessage.objects.create(tenant_id=uuid7(), topic="test.newer")

    deliver()

    assert state_of(unknown) == ("pending", 1, "HandlerMistake")


MISTAKES = [NoReverseMatch("x"), TypeError("x"), KeyError("x"), AttributeError("x"), RecursionError("x"), OSError("x")]


@pytest.mark.parametrize("mistake", MISTAKES, ids=repr)
def test_it_sends_the_others_when_one_cannot_be_built(mistake, builder):
    builder.errors["2"] = mistake
    messages = [told(number) for number in (1, 2, 3)]

    assert deliver() == 2

    assert [letter.subject for letter in mail.outbox] == ["Number 1", "Number 3"]
    assert state_of(messages[1]) == ("pending", 1, type(mistake).__name__)


def test_it_sends_the_others_when_the_references_do_not_fit(builder):
    unfit = emit("test.told", tenant_id=uuid7(), nummer="1")
    told()

    assert deliver() == 1

    assert state_of(unfit) == ("pending", 1, "TypeError")


def test_it_sends_the_others_when_a_builder_returns_no_mail(builder):
    message("test.nothing")(lambda: None)
    empty = emit("test.nothing", tenant_id=uuid7())
    told()

    assert deliver() == 1

    assert state_of(empty)[:2] == ("pending", 1)


def test_it_raises_when_the_database_is_away_and_loses_nothing(builder):
    builder.errors["1"] = OperationalError("the connection is closed")
    told_one = told()
    with pytest.raises(OperationalError):
        deliver()
    builder.errors.clear()

    assert deliver(outbox.IN_HAND + SECOND) == 1

    assert state_of(told_one) == ("sent", 2, "")


def test_it_sends_again_what_a_process_had_in_hand_when_it_died(builder):
    builder.errors["1"] = SystemExit()
    told_one = told()
    with pytest.raises(SystemExit):
        deliver()
    builder.errors.clear()

    counts = [deliver(outbox.IN_HAND - SECOND), deliver(outbox.IN_HAND + SECOND)]

    assert counts == [0, 1]
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{told_one.pk}@provost>"


@pytest.mark.parametrize(
    ("attempts", "least", "most"), [(0, 15, 30), (1, 30, 60), (4, 240, 480), (20, 1800, 3600), (38, 1800, 3600)]
)
def test_it_waits_longer_after_every_failure(attempts, least, most, builder):
    builder.errors["1"] = OSError("no route")
    told_one = told()
    OutboxMessage.objects.update(attempts=attempts)
    before = clock.now()

    deliver()

    told_one.refresh_from_db()
    assert least <= (told_one.next_attempt_at - before).total_seconds() <= most + 5


def test_it_gives_up_after_the_fortieth_attempt(builder, caplog):
    builder.errors["1"] = OSError("no route")
    told_one = told()
    for _ in range(outbox.MOST_ATTEMPTS + 2):
        OutboxMessage.objects.update(next_attempt_at=clock.now())
        deliver()

    assert len(builder.built) == 40
    assert state_of(told_one) == ("failed", 40, "OSError")
    assert caplog.text.count("given up") == 1


def test_it_says_nothing_personal_in_logs_and_errors(builder, caplog):
    builder.errors["1"] = ValueError("jane.doe@example.org is 123-45-6789")
    builder.errors["2"] = User.DoesNotExist("jane.doe@example.org")
    told(1)
    told(2)

    with caplog.at_level(logging.DEBUG):
        deliver()

    stored = " ".join(OutboxMessage.objects.values_list("error", flat=True))
    assert "ValueError" in caplog.text
    assert not any(secret in caplog.text + stored for secret in ("jane", "123-45"))


def test_it_leaves_a_message_sent_that_another_process_sent_meanwhile(builder):
    told_one = told()

    class Overtaken(User.DoesNotExist):
        """Raised after another process, which had waited long enough, has sent the message."""

        def __init__(self) -> None:
            OutboxMessage.objects.update(status="sent", sent_at=clock.now(), attempts=2)

    message("test.overtaken")(lambda: (_ for _ in ()).throw(Overtaken()))
    OutboxMessage.objects.update(topic="test.overtaken", references={})

    assert deliver() == 0

    assert state_of(told_one) == ("sent", 2, "")


def test_it_begins_no_other_message_when_its_time_is_over(builder: Builder, monkeypatch):
    monkeypatch.setattr(outbox, "LONGEST_SECONDS", 0.05)

    @message("test.slow")
    def slow() -> EmailMessage:
        time.sleep(0.1)
        return builder.build("1")

    for _ in range(3):
        emit("test.slow", tenant_id=uuid7())

    assert [deliver() for _ in range(4)] == [1, 1, 1, 0]


def test_it_gives_each_message_to_one_of_many_processes(shared_database, builder):  # noqa: F811
    messages = [told(number) for number in range(20)]

    counts = at_once(*[deliver] * 4)

    assert sum(counts) == 20
    assert sorted(letter.subject for letter in mail.outbox) == sorted(f"Number {number}" for number in range(20))
    assert {state_of(each) for each in messages} == {("sent", 1, "")}


def test_it_speaks_to_a_real_server(builder, settings):
    told_one = told()

    with running_mail_server(WELL, settings) as server:
        assert deliver() == 1

    assert server.received[0]["Message-ID"] == f"<{told_one.pk}@provost>"
    assert server.received[0]["Subject"] == "Number 1"


def test_it_sends_again_under_the_same_id_what_a_server_took_without_answering(builder, settings):
    told_one = told()

    with running_mail_server(FORGETFUL, settings) as server:
        assert deliver() == 0
        assert state_of(told_one) == ("pending", 1, "SMTPServerDisconnected")
        server.behavior = WELL
        assert deliver(SECOND * 31) == 1

    assert [letter["Message-ID"] for letter in server.received] == [f"<{told_one.pk}@provost>"] * 2


def test_it_comes_back_later_when_a_server_knows_no_recipient(builder, settings):
    told_one = told()

    with running_mail_server(UNKNOWING, settings):
        assert deliver() == 0

    assert state_of(told_one) == ("pending", 1, "SMTPRecipientsRefused")
    assert told_one.next_attempt_at > clock.now()


@pytest.mark.parametrize(("behavior", "error"), [(BUSY, "SMTPConnectError"), (SILENT, "SMTPServerDisconnected")])
def test_it_takes_no_message_in_hand_while_the_server_is(behavior, error, builder, settings):
    several = [told(number) for number in range(3)]

    with running_mail_server(behavior, settings) as server:
        counts = [deliver(), deliver()]
        states = [state_of(each) for each in several]
        calls, server.behavior = server.calls, WELL
        counts.append(deliver())

    assert counts == [0, 0, 3]
    assert (calls, states) == (2, [("pending", 0, error)] * 3)
    assert [state_of(each) for each in several] == [("sent", 1, "")] * 3


def test_it_takes_no_message_in_hand_when_nobody_listens(builder, settings):
    with running_mail_server(WELL, settings):
        pass
    told_one = told()

    deliver()

    assert state_of(told_one) == ("pending", 0, "ConnectionRefusedError")


def test_it_gives_up_for_now_when_a_server_falls_silent(builder, settings):
    for number in range(20):
        told(number)

    with running_mail_server(FORGETFUL, settings):
        assert deliver() == 0

    assert builder.built == ["0"]


def test_it_waits_once_for_a_server_that_hangs(builder, settings):
    for number in range(20):
        told(number)
    began = time.monotonic()

    with running_mail_server(SILENT, settings) as server:
        assert deliver() == 0

    assert time.monotonic() - began < 3
    assert (server.calls, builder.built) == (1, [])


@pytest.mark.parametrize("behavior", [FULL, FORGETFUL])
def test_it_sends_within_five_minutes_of_a_servers_recovery(behavior, builder, settings):
    told_one = told()
    OutboxMessage.objects.update(attempts=60)

    with running_mail_server(behavior, settings) as server:
        assert deliver() == 0
        server.behavior = WELL
        assert deliver(timedelta(minutes=4)) == 1

    assert state_of(told_one) == ("sent", 62, "")


@pytest.mark.parametrize(
    ("behavior", "days", "status"), [(FULL, 2, "pending"), (FULL, 4, "failed"), (UNKNOWING, 0, "failed")]
)
def test_it_gives_up_what_a_server_does_not_take_in_three_days(behavior, days, status, builder, settings):
    told_one = told()
    OutboxMessage.objects.update(attempts=60, created_at=clock.now() - timedelta(days=days))

    with running_mail_server(behavior, settings):
        deliver()

    assert state_of(told_one)[0] == status
