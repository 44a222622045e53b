"""Amounts in templates."""

from decimal import Decimal

from django import template

from programs import money

register = template.Library()


@register.filter
def dollars(amount: Decimal) -> str:
    """Return an amount as people read it, such as `$1,234.50`."""
    return money.written(amount)
