"""The words of the template language: five filters of ours, some of Django's, and the tags if, for and comment."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import segno
from django.template import Library, defaultfilters, defaulttags
from django.utils.dateformat import format as format_date
from django.utils.html import format_html

from autopilot.document_types.errors import ContextRefused
from autopilot.document_types.fields import Kind

DATE = "F j, Y"
QUIET_ZONE = 4  # modules without a mark around a QR code (ISO/IEC 18004, 6.3.8)
MOST_IN_QR = 300
TAGS = {"if": defaulttags.do_if, "for": defaulttags.do_for, "comment": defaulttags.comment}
PARTS = {"elif", "else", "endif", "empty", "endfor", "endcomment"}

library = Library()


@library.filter
def money(value: Decimal | int | str) -> str:
    """Write dollars: `{{ total|money }}` is $1,234.50, and a negative amount has a minus sign."""
    if isinstance(value, str):  # nothing was given
        return ""
    cents = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{'−' if cents < 0 else ''}${abs(cents):,}"


@library.filter
def number(value: Decimal | int | str) -> str:
    """Write a number with commas and no needless zeros: `{{ hours|number }}` is 1,480 or 62.5."""
    if isinstance(value, str):  # nothing was given
        return ""
    whole, point, rest = f"{Decimal(value):,f}".partition(".")
    rest = rest.rstrip("0")
    return f"{whole}{point}{rest}" if rest else whole


@library.filter(name="date")
def write_date(value: date | str, pattern: str = DATE) -> str:
    """Write a date in Django's letters: `{{ due|date:"F j, Y" }}` is November 20, 2026."""
    return "" if isinstance(value, str) else format_date(value, pattern)


@library.filter
def yesno(value: bool, words: str = "Yes,No") -> str:
    """Write one of two words: `{{ member|yesno:"Member,Guest" }}`."""
    first, _, second = words.partition(",")
    return first if value else second


@library.filter
def qr(text: str) -> str:
    """Draw a QR code: `{{ verify_at|qr }}` is what a phone's camera reads as the text.

    Raises ContextRefused for more than 300 characters, which no camera reads from paper.
    """
    if not text:
        return ""
    if len(text) > MOST_IN_QR:
        raise ContextRefused(f"A QR code of {len(text)} characters cannot be read; {MOST_IN_QR} are allowed.")
    rows = segno.make(text, error="m", micro=False).matrix
    marks = [
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows, QUIET_ZONE) for x, bit in enumerate(row, QUIET_ZONE) if bit
    ]
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}"><title>QR code of {1}</title><path d="{2}"/></svg>',
        len(rows) + 2 * QUIET_ZONE, text, "".join(marks),
    )  # fmt: skip


for _name in ("default", "upper", "lower", "title", "capfirst", "linebreaks", "linebreaksbr", "pluralize", "length"):
    library.filters[_name] = defaultfilters.register.filters[_name]
library.tags.update(TAGS)
NAMES = {function: name for name, function in library.filters.items()}

_WORDS = {Kind.TEXT}
# What each filter takes; all give text, but length gives a number.
TAKES = {
    "money": {Kind.MONEY},
    "number": {Kind.NUMBER},
    "date": {Kind.DATE},
    "yesno": {Kind.YES_NO},
    "qr": {Kind.TEXT},
    "default": {Kind.TEXT, Kind.NUMBER},
    "upper": _WORDS,
    "lower": _WORDS,
    "title": _WORDS,
    "capfirst": _WORDS,
    "linebreaks": _WORDS,
    "linebreaksbr": _WORDS,
    "pluralize": {Kind.NUMBER, Kind.ROWS},
    "length": {Kind.ROWS, Kind.TEXT},
}
# How a value that does not print by itself is written.
FILTER_OF = {Kind.MONEY: "money", Kind.DATE: "date", Kind.YES_NO: "yesno"}
