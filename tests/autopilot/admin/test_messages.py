"""The mails to reviewers: to whom, and that they tell nothing but where to read."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail

from autopilot import clock, engine, outbox, sweep
from autopilot.models import Checkpoint, OutboxMessage
from tests.autopilot.admin import packets
from tests.autopilot.admin.addresses import page
from tests.autopilot.admin.people import member

pytestmark = pytest.mark.django_db


def opened(checkpoint):
    """Deliver what is due and return the mail about a checkpoint."""
    outbox.deliver_due(100)
    return next(each for each in mail.outbox if page(checkpoint) in each.body)


def test_it_tells_the_reviewers_where_to_read_and_nothing_of_the_packet(settings, rivera, okafor):
    told = opened(packets.waiting())

    assert told.subject == "For your review: Packet of Harbor Trades"
    assert sorted(told.bcc) == ["okafor@provost.example", "rivera@provost.example"]
    assert told.to == []
    assert settings.BASE_URL + page(Checkpoint.objects.get()) in told.body
    assert "Imani" not in told.body


def test_it_leaves_out_who_may_not_decide(rivera, okafor, groups):
    member("former", "Reviewer", is_active=False)
    member("silent", "Reviewer")
    User.objects.filter(username="silent").update(email="")

    told = opened(packets.waiting(by=rivera))

    assert told.bcc == ["okafor@provost.example"]


def test_it_tells_those_who_may_everything_when_no_reviewer_has_an_address(stone):
    told = opened(packets.waiting())

    assert told.bcc == ["stone@provost.example"]


def test_it_tells_those_who_may_everything_when_no_group_is_named(rivera, stone):
    told = opened(packets.waiting("trial.plain"))

    assert told.bcc == ["stone@provost.example"]


def test_it_tells_an_assignee_alone(rivera, okafor):
    checkpoint = packets.waiting()
    Checkpoint.objects.update(assignee=okafor)

    assert opened(checkpoint).bcc == ["okafor@provost.example"]


def test_it_reminds_once_and_escalates_once(rivera, okafor):
    member("chief", "Administrator")
    packets.waiting()
    outbox.deliver_due(100)
    mail.outbox.clear()

    for hours in (20, 20, 25, 25):
        with clock.moved(timedelta(hours=hours)):
            sweep.run()

    assert [each.subject for each in mail.outbox] == [
        "Due soon: Packet of Harbor Trades",
        "Overdue: Packet of Harbor Trades",
    ]
    assert "promised by" in mail.outbox[0].body
    assert "chief@provost.example" in mail.outbox[1].bcc
    assert "chief@provost.example" not in mail.outbox[0].bcc


def test_it_writes_a_title_with_line_ends_on_one_line(rivera):
    checkpoint = packets.waiting()
    Checkpoint.objects.update(title="Two\nlines & more")

    assert opened(checkpoint).subject == "For your review: Two lines & more"
    assert not OutboxMessage.objects.filter(status="failed").exists()


def test_it_does_not_remind_of_what_was_decided(rivera, okafor):
    checkpoint = packets.waiting()
    engine.decide(checkpoint.pk, actor=okafor, verdict="approve", version=1)
    outbox.deliver_due(100)
    mail.outbox.clear()

    with clock.moved(timedelta(hours=30)):
        sweep.run()

    assert mail.outbox == []
