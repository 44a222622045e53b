"""Retention leaves the record alone: documents, and what portals told of submissions."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.documents import archive
from autopilot.identifiers import uuid7
from autopilot.models import Document, InboxMessage, Portal, Submission
from autopilot.sweep import retention
from tests.autopilot.engine.standing import standing

pytestmark = pytest.mark.django_db
TEN_YEARS = timedelta(days=3650)


def test_it_keeps_documents_and_the_messages_of_portals():
    document = archive.store(b"A packet.", media_type="text/plain", title="Packet", tenant_id=uuid7())
    portal = Portal.objects.create(slug="counter", name="Counter", delivery="manual", instructions="Go there.")
    submission = Submission.objects.create(
        tenant_id=uuid7(),
        portal=portal,
        subject="application",
        subject_id=uuid7(),
        packet_id=uuid7(),
        document=document,
        approved_digest=document.sha256,
    )
    told = {"topic": "decided", "body_digest": "0" * 64, "submission": submission}
    InboxMessage.objects.create(source="counter", message_id="1", **told)
    standing("completed")

    with clock.moved(TEN_YEARS):
        assert retention.run() == 1

    assert (Document.objects.count(), InboxMessage.objects.count()) == (1, 1)
