"""What holders are charged, each under a reference of its own."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit
from programs import money
from programs.models import Charge, Holder
from programs.services.rights import BILL, require

LONGEST_REFERENCE, LONGEST_DESCRIPTION = 120, 300


@transaction.atomic
def charge(
    holder: Holder,
    *,
    reference: str,
    description: str,
    unit_price: Decimal,
    incurred_on: date,
    quantity: Decimal = Decimal(1),
    taxable: bool = False,
    by: User | None,
) -> Charge:
    """Charge a holder, to stand on its next invoice; the same charge under the same reference changes nothing.

    The amount is quantity times unit price, rounded half up to the cent. Raises PermissionDenied, and ValidationError
    with the code `reference`, `description`, `amount`, or `reference_reused` where the reference already stands for
    another holder or another amount.
    """
    require(by, BILL)
    facts = {
        "description": checked_text(description, "description", LONGEST_DESCRIPTION),
        "quantity": money.checked(quantity, what="quantity"),
        "unit_price": money.checked(unit_price, what="unit price"),
        "taxable": taxable,
        "incurred_on": incurred_on,
    }
    facts["amount"] = money.checked(money.to_cents(quantity * unit_price))
    reference = checked_text(reference, "reference", LONGEST_REFERENCE)
    made, is_new = Charge.objects.get_or_create(reference=reference, defaults=facts | {"holder": holder})
    if is_new:
        audit.record(by, "programs.charge.made", made, holder_id=holder.pk, amount=made.amount)
    elif (made.holder_id, made.amount) != (holder.pk, facts["amount"]):
        raise reused(reference)
    return made


def checked_text(text: str, what: str, longest: int) -> str:
    """Return a text without what surrounds it; raises ValidationError, with `what` as its code, if it does not fit."""
    text = text.strip()
    if not text or len(text) > longest:
        raise ValidationError(f"Enter a {what} of at most {longest} characters.", code=what)
    return text


def reused(reference: str) -> ValidationError:
    """Return the refusal of a reference that stands for something else already."""
    told = f"The reference “{reference}” already stands for another amount. Enter a reference of its own."
    return ValidationError(told, code="reference_reused")
