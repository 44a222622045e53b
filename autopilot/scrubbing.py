"""Take what is personal or secret out of texts that leave for a log, a terminal or an error tracker.

Nothing writes personal data there on purpose. This is the wall behind that rule: what looks like a person's number, an
address or a key is masked wherever it turns up, and so is whatever stands under a name that says what it is.
"""

import re
from collections.abc import Mapping
from typing import Any

MASK = "••••••"
DEEPEST = 12
MOST_ITEMS = 200

SENSITIVE_WORDS = (
    r"ssn|itin|ein|tin|dob|birth_?date|date_of_birth|password|passwd|passphrase|secret|token|api_?key|iban"
    r"|(?:bank_)?account_(?:number|no)|routing_number|signature"
)
SENSITIVE_NAME = re.compile(rf"(^|[_-])({SENSITIVE_WORDS})($|[_-])", re.IGNORECASE)
# What may stand before or after such a word inside one name, as in `csrfmiddlewaretoken`. Every repetition is bounded or
# begins where nothing like it stands before, so that no text takes longer than its length.
_NAMED = rf"(?<![\w-])[\w-]{{0,40}}?(?:{SENSITIVE_WORDS}|authorization|cookie|sessionid)[\w-]{{0,40}}+"
_VALUE = r"\"(?:[^\"\\]|\\.){0,2000}+\"|'(?:[^'\\]|\\.){0,2000}+'|[\"']?[^\s\"'&,;)}\]]+"

# Ids come first, so that no later pattern takes a part of one for a number of a person.
PATTERNS = (
    r"(?P<id>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{64}\b)",
    r"(?P<detail>^DETAIL:.*$)",  # in which PostgreSQL quotes the values of a row
    r"(?P<header>\b(?:set-)?cookie: .*$)",
    r"(?<=/password/reset/key/)[^/\s\"']+",
    r"(?<=://)[^/\s:@\"']*:[^/\s@\"']+(?=@)",  # the login in the address of a server
    rf"(?P<name>{_NAMED}[\"']?\s*(?:=|:|%3D)\s*)(?:(?:bearer|basic|token)\s+)?(?:{_VALUE})",
    r"\b(?:bearer|basic)\s+[\w.~+/=-]{6,}",
    r"\bwhsec_[\w+/=-]+",
    r"\bprv_[\w-]{16,}",  # a token of our API
    r"(?<![\w-])eyJ[\w-]++\.[\w-]++\.[\w-]*",  # a JSON web token
    r"(?<![\w.+'-])[\w.+'-]++(?:@|%40)[\w-]++(?:\.[\w-]+)+",
    r"(?-i:\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b)",  # IBAN
    r"\b\d{3}[- ]\d{2}[- ]\d{4}\b",  # SSN
    r"\b\d{2}-\d{7}\b",  # EIN
    r"(?<!\d)\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b",  # telephone
    r"\b\d(?:[ -]?\d){12,18}\b",  # card
    r"\b\d{9,}\b",  # any of these without its dashes, or an account
)
SENSITIVE = re.compile("|".join(PATTERNS), re.IGNORECASE | re.MULTILINE)


def scrubbed(text: str) -> str:
    """Return a text with everything masked that looks personal or secret; ids of our own stay."""
    return SENSITIVE.sub(_masked, text)


def scrubbed_all(value: Any, *, depth: int = 0) -> Any:
    """Return JSON with every text in it scrubbed, and each member masked whose name says that it is sensitive.

    What is not JSON, or lies deeper than 12 levels, is masked; of a long list the first 200 items are kept.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return scrubbed(value)
    if depth < DEEPEST and isinstance(value, Mapping):
        return {scrubbed(str(name)): _member(str(name), each, depth) for name, each in value.items()}
    if depth < DEEPEST and isinstance(value, list | tuple):
        return [scrubbed_all(each, depth=depth + 1) for each in value[:MOST_ITEMS]]
    return MASK


def _member(name: str, value: Any, depth: int) -> Any:
    return MASK if SENSITIVE_NAME.search(name) and value not in (None, "") else scrubbed_all(value, depth=depth + 1)


def _masked(match: re.Match[str]) -> str:
    if match["id"]:
        return match[0]
    return f"{match['name'] or ''}{MASK}"
