"""The pages of the outbox: found by id, shown without people's data, and sent again with a reason."""

import pytest
from django.core import mail
from django.urls import reverse

from autopilot import clock, outbox
from autopilot.models import AuditEntry, OutboxMessage
from tests.autopilot.admin import packets, rows
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.people import member
from tests.autopilot.admin.test_review_page import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(waiting, rivera):
    """A message that could not be sent."""
    OutboxMessage.objects.update(status="failed", error="OSError", attempts=40)
    return OutboxMessage.objects.get()


def send_again(client, row, **answers):
    """Ask for a message to be sent again, and confirm it where answers are given."""
    data = {"action": "resend_messages", "_selected_action": str(row.pk), "from_page": "1", **answers}
    return client.post(listed("outboxmessage"), data | ({"confirmed": "yes"} if answers else {}), follow=True)


def test_it_shows_ids_and_counts_but_nobody_and_nothing_said(as_person, lindqvist, row, waiting):
    said = words(as_person(lindqvist).get(page(row)))

    assert "Recipients today 1" in said
    assert f"{row.pk}@provost" in said
    assert str(waiting.job_id) in said
    assert "rivera@" not in said


def test_it_shows_the_mail_to_who_may_send_it_and_records_that(as_person, lindqvist, row, waiting):
    client, address = as_person(lindqvist), reverse("admin:outboxmessage_mail", args=[row.pk])

    said = words(client.post(address))

    assert waiting.title in said
    assert "rivera@" not in said
    assert AuditEntry.objects.get(name="autopilot.message.shown").actor == lindqvist
    assert client.get(address).status_code == 405


def test_it_says_where_a_mail_cannot_be_built(as_person, lindqvist, row):
    OutboxMessage.objects.update(references={"checkpoint_id": str(row.pk)})

    answer = as_person(lindqvist).post(reverse("admin:outboxmessage_mail", args=[row.pk]))

    assert answer.status_code == 409
    assert "The mail cannot be built now (DoesNotExist)." in words(answer)
    assert "It cannot be built as things are" in words(answer)


@pytest.mark.parametrize("group", ["Auditor", "Reviewer"])
def test_it_shows_no_mail_to_who_may_only_look(group, as_person, row):
    client = as_person(member("somebody", group))

    assert client.post(reverse("admin:outboxmessage_mail", args=[row.pk])).status_code == 403
    assert "Show the mail" not in client.get(page(row)).text
    send_again(client, row, reason="x")

    assert OutboxMessage.objects.get().status == "failed"
    assert not AuditEntry.objects.exists()


def test_it_sends_a_failed_message_again(as_person, lindqvist, row):
    client = as_person(lindqvist)

    asked = words(send_again(client, row))
    answer = words(send_again(client, row, reason="The server works again."))

    assert "It is sent again, under the same Message-ID." in asked
    assert "out a second time" not in asked
    assert "To be sent again: 1 outbox message." in answer
    assert outbox.deliver_due(10) == len(mail.outbox) == 1


def test_it_sends_a_sent_message_again_once_that_is_ticked(as_person, lindqvist, row):
    OutboxMessage.objects.update(status="sent", sent_at=clock.now(), error="")
    client = as_person(lindqvist)

    asked = words(send_again(client, row))
    refused = words(send_again(client, row, reason="They lost it."))
    send_again(client, row, reason="They lost it.", again="on")

    assert "goes out a second time only if you say so below" in asked
    assert "It was sent already. Say that it shall go out a second time." in refused
    assert OutboxMessage.objects.get().status == "pending"


def test_it_sends_all_that_failed_again_at_once(as_person, lindqvist, row):
    for _ in range(3):
        packets.waiting()
    OutboxMessage.objects.update(status="failed")
    chosen = [str(each) for each in OutboxMessage.objects.values_list("pk", flat=True)]

    data = {"action": "resend_messages", "_selected_action": chosen, "confirmed": "yes", "reason": "It works again."}
    answer = as_person(lindqvist).post(listed("outboxmessage") + "?status__exact=failed", data, follow=True)

    assert "To be sent again: 4 outbox messages." in words(answer)
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"pending"}


def test_it_finds_a_message_by_its_own_id_and_by_topic(as_person, lindqvist, row):
    packets.waiting()
    client = as_person(lindqvist)

    assert "1 outbox message" in words(client.get(listed("outboxmessage"), {"q": str(row.pk)}))
    assert "2 outbox messages" in words(client.get(listed("outboxmessage"), {"topic": row.topic}))
    assert "No outbox messages" in words(
        client.get(listed("outboxmessage"), {"topic": "autopilot.checkpoint.reminder"})
    )


def test_it_shows_which_webhooks_were_told(as_person, lindqvist, okafor, groups):
    delivery = rows.webhook_delivery()

    assert "https://hooks.example.org/in Pending" in words(as_person(lindqvist).get(page(delivery.message)))
    assert "hooks.example.org" not in words(as_person(okafor).get(page(delivery.message)))
