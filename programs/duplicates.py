"""Whether two applications may be of the same organization: pure comparisons of what they say."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

LEGAL_FORMS = frozenset({"inc", "incorporated", "llc", "lc", "ltd", "limited", "corp", "corporation", "co", "company",
                         "pc", "plc", "lp", "llp", "the"})  # fmt: skip
STREET_WORDS = {"street": "st", "avenue": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr", "lane": "ln",
                "suite": "ste", "east": "e", "west": "w", "north": "n", "south": "s"}  # fmt: skip
ALIKE = 0.85
SAME_EIN, SAME_ADDRESS, SIMILAR = "ein", "name_and_address", "similar"


@dataclass(frozen=True)
class Identity:
    """What tells one organization from another."""

    legal_name: str
    ein: str
    contact_email: str
    contact_phone: str
    mailing_street: str
    mailing_zip: str


def plain_name(name: str) -> str:
    """Return a name without its legal form, its punctuation and its capitals."""
    return " ".join(word for word in _words(name) if word not in LEGAL_FORMS)


def plain_street(street: str) -> str:
    """Return a street as it may be compared, with the usual words in their postal short form."""
    return " ".join(STREET_WORDS.get(word, word) for word in _words(street))


def likeness(one: Identity, other: Identity) -> str:
    """Return how two applications are alike: `ein`, `name_and_address`, `similar`, or nothing.

    Similar are names that differ in a few letters at the same ZIP code, and the same person's e-mail or phone.
    """
    if one.ein == other.ein:
        return SAME_EIN
    names = plain_name(one.legal_name), plain_name(other.legal_name)
    near = one.mailing_zip[:5] == other.mailing_zip[:5]
    if near and names[0] == names[1] and plain_street(one.mailing_street) == plain_street(other.mailing_street):
        return SAME_ADDRESS
    alike = SequenceMatcher(None, *names).ratio() >= ALIKE
    reached = one.contact_email.casefold() == other.contact_email.casefold() or one.contact_phone == other.contact_phone
    return SIMILAR if reached or (alike and (near or names[0] == names[1])) else ""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"['’.]", "", text.casefold()))
