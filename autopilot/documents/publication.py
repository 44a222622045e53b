"""The ledger's head, told once a day: who cuts the ledger off later cannot cut it off in other people's mail as well."""

from django.db import IntegrityError, transaction

from autopilot import audit, clock
from autopilot.documents import ledger
from autopilot.engine import emit
from autopilot.models.ledger import LedgerAnchor
from autopilot.tenants import NETWORK

PUBLISHED = "autopilot.ledger.published"


def publish_today() -> int:
    """Publish the head unless that was done today or there is none yet; returns how many were published."""
    today = clock.today()
    if LedgerAnchor.objects.filter(day=today).exists():
        return 0
    position, head = ledger.head()
    if position == 0:
        return 0
    try:
        with transaction.atomic():
            anchor = LedgerAnchor.objects.create(day=today, position=position, head=head)
            audit.record(None, PUBLISHED, anchor, position=position, head=head)
            emit(PUBLISHED, tenant_id=NETWORK, day=today.isoformat())
    except IntegrityError:  # another cluster was first
        return 0
    return 1
