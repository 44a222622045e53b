"""What the tests of the outside share: a running portal, its row, and packets that were approved for it."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from autopilot import submissions
from autopilot.documents import archive
from autopilot.identifiers import uuid7
from autopilot.models.portals import Portal, Submission
from tests.portal import office as office
from tests.portal import portal as portal

PACKET = b"%PDF-1.7 the packet, byte for byte"


@pytest.fixture
def counter(db):
    """A portal at which people hand packets in themselves."""
    return Portal.objects.create(
        slug="counter", name="Counter", delivery="manual", instructions="Sign in and upload the packet."
    )


@pytest.fixture
def prepared(db):
    """A maker of submissions that are approved and not yet sent."""

    def make(portal: Portal, content: bytes = PACKET, **fields) -> Submission:
        tenant_id = uuid7()
        document = archive.store(content, media_type="application/pdf", title="Packet", tenant_id=tenant_id)
        facts: dict[str, Any] = {
            "document": document,
            "approved_digest": document.sha256,
            "packet_id": uuid7(),
            "subject": "application",
            "subject_id": uuid7(),
            "tenant_id": tenant_id,
        }
        return submissions.prepare(portal=portal, **(facts | fields))

    return make


@pytest.fixture
def clerk(db):
    """A person who may record what portals answer."""
    user = User.objects.create_user("clerk")
    user.user_permissions.add(Permission.objects.get(codename="record_submission"))
    return user


@pytest.fixture
def stranger(db):
    """A person who may not."""
    return User.objects.create_user("stranger")
