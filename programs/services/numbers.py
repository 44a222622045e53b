"""Give the numbers of invoices, credit notes, batches and certificates: one after the other, without a gap."""

from datetime import date

from django.db import connection
from django.db.models import F

from programs.models import NumberSeries


def next_number(prefix: str, on: date) -> str:
    """Return the next number of a month, such as `INV-202611-0042`; as `next_in` gives it."""
    name = f"{prefix}-{on:%Y%m}"
    return f"{name}-{next_in(name):04}"


def next_in(name: str) -> int:
    """Return the next number of a series, from 1; inside the caller's transaction.

    The row of the series stays locked until that transaction ends: whoever comes next waits, and takes the same number
    if it is rolled back. So no number is ever missing, and none is given twice. Raises RuntimeError outside of a
    transaction, where nothing would hold the lock.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A number is given inside a transaction, with the row that bears it.")
    series, _ = NumberSeries.objects.get_or_create(name=name)
    NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)
    series.refresh_from_db()
    return series.last
