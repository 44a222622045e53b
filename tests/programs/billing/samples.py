"""Charges and invoices for tests."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import connection

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.models import Charge, Holder, Invoice
from programs.services.charges import charge
from programs.services.invoices import draft_invoice, send_invoice


def finance_person(name: str) -> User:
    """Return a new person of Finance."""
    user = User.objects.create_user(name, f"{name}@provost.example", is_staff=True)
    user.groups.set([Group.objects.get(name="Finance")])
    return User.objects.get(pk=user.pk)


def charged(holder: Holder, amount: str = "100.00", **changes: Any) -> Charge:
    """Return a charge for a holder."""
    facts: dict[str, Any] = {
        "reference": str(uuid7()),
        "description": "Annual network fee",
        "incurred_on": clock.today(),
        "by": None,
    }
    return charge(holder, **{"unit_price": Decimal(amount)} | facts | changes)


def drafted(holder: Holder, *amounts: str, **changes: Any) -> Invoice:
    """Return a draft of some amounts."""
    return draft_invoice(holder, [charged(holder, each) for each in amounts or ("100.00",)], by=None, **changes)


def sent(holder: Holder, *amounts: str, **changes: Any) -> Invoice:
    """Return an invoice of some amounts that is sent."""
    invoice = drafted(holder, *amounts)
    send_invoice(invoice, by=None, **changes)
    return invoice


def at_once(deed: Callable[[int], object], times: int) -> list[object]:
    """Do a deed several times at the same moment on connections of their own; return what each gave, or its refusal."""
    start = Barrier(times)

    def run(number: int) -> object:
        start.wait()
        try:
            return deed(number)
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
