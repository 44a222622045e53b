"""Charges and invoices for tests."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import connection

from autopilot import clock
from autopilot.documents import archive
from autopilot.identifiers import uuid7
from programs.models import (
    BankAccount,
    Charge,
    Compensation,
    Earning,
    Holder,
    Invoice,
    MemberRole,
    Mou,
    MouStatus,
)
from programs.services.bank_accounts import enter_bank_account
from programs.services.charges import charge
from programs.services.invoices import draft_invoice, send_invoice
from tests.programs.samples import member_of


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


def executed_mou(holder: Holder, *, since: date, **terms: Any) -> Mou:
    """Return the MOU of a holder, in force since a day; a third of the revenue unless it says otherwise."""
    content = f"The MOU of {holder.pk}, {uuid7()}.".encode()
    document = archive.store(content, media_type="text/plain", title="MOU", tenant_id=holder.pk)
    terms = terms or {"compensation": Compensation.SHARE, "share": Decimal("33.30")}
    return Mou.objects.create(
        holder=holder, version=holder.mous.count() + 1, status=MouStatus.EXECUTED, document=document,
        executed_document=document, executed_at=clock.now(), effective_on=since, **terms,
    )  # fmt: skip


def banked(holder: Holder, number: str = "000123456789") -> BankAccount:
    """Return the bank account of a holder, entered by its owner."""
    owner = holder.members.filter(role=MemberRole.OWNER, left_at=None).first()
    by = owner.user if owner else member_of(holder)
    return enter_bank_account(
        holder, account_holder=holder.legal_name, routing_number="021000021", account_number=number, by=by
    )


def earned(holder: Holder, amount: str = "100.00") -> Earning:
    """Return an amount that a holder has earned and that is not paid."""
    mou = holder.mous.first() or executed_mou(holder, since=clock.today() - timedelta(days=90))
    return Earning.objects.create(
        holder=holder, mou=mou, reference=str(uuid7()), description="A share of revenue", basis=Decimal(1),
        amount=Decimal(amount), earned_on=clock.today(),
    )  # fmt: skip
