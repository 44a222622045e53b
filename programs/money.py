"""Amounts in dollars: exact, to the cent.

Every product is rounded half up to the cent by itself. Tax is computed for each taxable line, rounded, and then added
up, so that a line and its tax never depend on what else stands on the invoice.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.core.exceptions import ValidationError

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MOST = Decimal("9999999999.99")


def to_cents(amount: Decimal) -> Decimal:
    """Return an amount rounded half up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum of amounts; zero dollars for none."""
    return sum(amounts, ZERO)


def tax_on(amount: Decimal, percent: Decimal) -> Decimal:
    """Return the tax on one line, rounded half up to the cent."""
    return to_cents(amount * percent / 100)


def checked(amount: Decimal, *, what: str = "amount") -> Decimal:
    """Return an amount above zero and in whole cents; raises ValidationError with the code `amount` for any other."""
    if not amount.is_finite() or not ZERO < amount <= MOST:
        raise ValidationError(f"Enter the {what} as dollars above zero, such as 125.00.", code="amount")
    if amount != to_cents(amount):
        raise ValidationError(f"Enter the {what} in whole cents, with at most two decimals.", code="amount")
    return to_cents(amount)


def written(amount: Decimal) -> str:
    """Return an amount as people read it, such as `$1,234.50` or `-$3.00`."""
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}"


def read(text: str) -> Decimal:
    """Return the amount that a text names, with or without `$` and commas; raises ValidationError for any other."""
    try:
        return Decimal(text.strip().removeprefix("$").replace(",", ""))
    except InvalidOperation as error:
        raise ValidationError("Enter an amount in dollars, such as 125.00.", code="amount") from error
