"""Which edition of a form it is, and until when it may be used, as its pages say."""

import calendar
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
DATE = rf"""(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[/.-](?:\d{{4}}|\d{{2}})
    |(?:{MONTH})\.?\s(?:\d{{1,2}},?\s)?\d{{4}}|(?:19|20)\d{{2}})(?![\d/-])"""
EDITION = re.compile(
    rf"\b(?:edition(?:\sdate)?|ed\.|rev(?:ised|ision)?\.?(?:\sdate)?|version)\s?[:.-]?\s?({DATE})|({DATE})\sedition\b",
    re.IGNORECASE | re.VERBOSE,
)
EXPIRY = re.compile(
    rf"\b(?:expires?|expiration\sdate|expiration|exp\.(?:\sdate)?|exp\sdate)(?:\son)?\s?[:.-]?\s?({DATE})",
    re.IGNORECASE | re.VERBOSE,
)


def edition_in(text: str) -> str:
    """Return the edition that a text names most often, as it stands there, or the empty text."""
    named = Counter(next(filter(None, match.groups())) for match in EDITION.finditer(_plain(text)))
    return named.most_common(1)[0][0] if named else ""


def expiry_in(text: str) -> tuple[str, date] | None:
    """Return the earliest date on which a text says that it expires, as it stands there and as a date."""
    found = [(last_day(written), written) for written in _expiries(_plain(text))]
    known = [(day, written) for day, written in found if day]
    if not known:
        return None
    day, written = min(known)
    return written, day


def last_day(written: str) -> date | None:
    """Return the day that a written date means, the last of a month or year; American order; None for no day.

    >>> last_day("07/31/2026"), last_day("Feb 2024"), last_day("13/45/2024")
    (datetime.date(2026, 7, 31), datetime.date(2024, 2, 29), None)
    """
    words = written.lower().replace(",", " ").replace(".", " " if written[0].isalpha() else "/").split()
    numbers = [MONTHS[words[0]], *map(int, words[1:])] if len(words) > 1 else _numbers(words[0])
    if len(numbers) == 1:
        numbers = [12, 31, *numbers]
    year = numbers[-1] + 2000 if numbers[-1] < 100 else numbers[-1]
    try:
        day = numbers[1] if len(numbers) == 3 else calendar.monthrange(year, numbers[0])[1]
        return date(year, numbers[0], day)
    except (ValueError, IndexError):
        return None


def _numbers(word: str) -> list[int]:
    parts = [int(part) for part in re.split(r"[/-]", word)]
    return [parts[1], parts[2], parts[0]] if len(parts) == 3 and parts[0] > 1000 else parts


def _expiries(text: str) -> Iterator[str]:
    return (match[1] for match in EXPIRY.finditer(text))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)
