"""Messages are sent again by who may, with a reason, and under the id they had; and shown to them on the record."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage

from autopilot import clock, outbox
from autopilot.engine import emit, message
from autopilot.exceptions import ControlRefused
from autopilot.identifiers import uuid7
from autopilot.models import AuditEntry, OutboxMessage
from tests.autopilot.engine.fixtures import own_registry, stranger  # noqa: F401 (fixtures)
from tests.autopilot.engine.people import group_of, person

pytestmark = pytest.mark.django_db
SENT: dict[str, Any] = {"status": "sent", "sent_at": clock.now(), "attempts": 1}
FAILED: dict[str, Any] = {"status": "failed", "error": "OSError", "attempts": 40}


@pytest.fixture
def olga(db) -> User:
    """A person who may send messages again."""
    return person("olga", group_of("Operator", "resend_outboxmessage"))


@pytest.fixture
def told(own_registry):  # noqa: F811 (the fixture)
    """A maker of messages that stand as a test wants them."""

    @message("test.told")
    def build(number: str) -> EmailMessage:
        if number == "broken":
            raise User.DoesNotExist("jane.doe@example.org")
        link = "https://provost.example.org/correct/0123456789abcdef/"
        return EmailMessage(
            f"Number {number}", f"Dear Jane, open <{link}>.", to=["jane@example.org", "joe@example.org"]
        )

    def make(number: str = "1", **fields: Any) -> OutboxMessage:
        row = emit("test.told", tenant_id=uuid7(), number=number)
        OutboxMessage.objects.filter(pk=row.pk).update(**fields)
        return OutboxMessage.objects.get(pk=row.pk)

    return make


def test_it_sends_a_failed_message_again_under_its_id(told, olga):
    row = told(**FAILED)

    outbox.resend(row, by=olga, reason="The server works again.")

    assert outbox.deliver_due(10) == 1
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == ("sent", 1, "")
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{row.pk}@provost>"
    entry = AuditEntry.objects.get(name="autopilot.message.resent")
    assert (entry.actor, entry.data) == (olga, {"reason": "The server works again.", "again": False})


def test_it_sends_a_message_twice_only_where_that_is_said(told, olga):
    row = told(**SENT)

    with pytest.raises(ControlRefused, match="sent already"):
        outbox.resend(row, by=olga, reason="They lost it.")
    outbox.resend(row, by=olga, reason="They lost it.", again=True)

    assert outbox.deliver_due(10) == 1
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{row.pk}@provost>"


@pytest.mark.parametrize("again", [False, True])
def test_it_leaves_a_message_alone_that_is_still_tried(again, told, olga):
    row = told(attempts=3)

    with pytest.raises(ControlRefused, match="still being tried"):
        outbox.resend(row, by=olga, reason="Now.", again=again)

    assert OutboxMessage.objects.get().attempts == 3


def test_it_sends_nothing_to_which_no_mail_belongs(told, olga):
    row = told(topic="test.gone", **FAILED)

    with pytest.raises(ControlRefused, match="No mail"):
        outbox.resend(row, by=olga, reason="Now.")


def test_it_asks_for_a_reason_and_the_permission(told, olga, stranger):  # noqa: F811 (the fixture)
    row = told(**FAILED)

    with pytest.raises(ControlRefused, match="Say why"):
        outbox.resend(row, by=olga, reason=" ")
    with pytest.raises(PermissionDenied):
        outbox.resend(row, by=stranger, reason="x")
    with pytest.raises(PermissionDenied):
        outbox.show(row, by=stranger)

    assert not AuditEntry.objects.exists()


def test_it_shows_a_mail_without_addresses_and_links_and_records_it(told, olga):
    row = told()

    letter = outbox.show(row, by=olga)

    assert (letter.recipients, letter.subject) == (2, "Number 1")
    assert letter.text == "Dear Jane, open <https://provost.example.org/…>."
    assert AuditEntry.objects.get(name="autopilot.message.shown").subject_id == str(row.pk)


def test_it_says_that_a_mail_cannot_be_built_but_not_the_error(told, olga):
    row = told("broken")

    with pytest.raises(ControlRefused, match=r"cannot be built now \(DoesNotExist\)\.$"):
        outbox.show(row, by=olga)

    assert outbox.recipients_of(row) is None
    assert not AuditEntry.objects.exists()


def test_it_counts_recipients(told, own_registry):  # noqa: F811 (the fixture)
    message("test.nobody")(lambda: EmailMessage("x", "x"))

    assert outbox.recipients_of(told()) == 2
    assert outbox.recipients_of(OutboxMessage(topic="test.nobody")) == 0
