"""MOUs for tests, put where a test needs them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from autopilot import clock
from autopilot.documents import archive
from autopilot.models import Document
from programs.models import Holder, Mou, MouStatus

WITHOUT_DOCUMENT = {MouStatus.DRAFT, MouStatus.DECLINED, MouStatus.EXPIRED, MouStatus.TERMINATED}


def today() -> date:
    """Return the day on which the test runs."""
    return clock.today()


def in_days(days: int) -> date:
    """Return a day before or after today."""
    return today() + timedelta(days=days)


def file_of(holder: Holder, content: bytes = b"%PDF-1.7 an agreement") -> Document:
    """Return an archived file."""
    return archive.store(content, media_type="application/pdf", title="An MOU", tenant_id=holder.pk)


def mou_of(holder: Holder, status: str = MouStatus.DRAFT, **facts: Any) -> Mou:
    """Return an MOU that stands at a status, as if it had come there."""
    facts.setdefault("version", Mou.objects.filter(holder=holder).count() + 1)
    if status not in WITHOUT_DOCUMENT:
        facts.setdefault("document", file_of(holder))
    if status == MouStatus.EXECUTED:
        facts.setdefault("executed_document", file_of(holder, b"%PDF-1.7 sealed"))
        facts = {"executed_at": clock.now(), "effective_on": today()} | facts
    return Mou.objects.create(holder=holder, status=status, share=Decimal("33.30"), **facts)


def content_of(document: Document | None) -> bytes:
    """Return what is archived of a document that must be there."""
    assert document is not None
    return archive.read(document)
