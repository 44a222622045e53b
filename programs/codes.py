"""Public code lists that an application is checked against, each with its publisher and date. Data and pure tests only."""

import re
from datetime import date

from autopilot.states import STATES as STATES

EIN_PATTERN = r"^[0-9]{2}-[0-9]{7}\Z"
CIP_PATTERN = r"^[0-9]{2}\.[0-9]{4}\Z"
SOC_PATTERN = r"^[0-9]{2}-[0-9]{4}\Z"
SOC_CODES_PATTERN = r"^[0-9]{2}-[0-9]{4}( [0-9]{2}-[0-9]{4}){0,2}\Z"
POSITIONS_PATTERN = r"^([1-9]|10)( ([1-9]|10)){0,9}\Z"
ZIP_PATTERN = r"^[0-9]{5}(-[0-9]{4})?\Z"
PHONE_PATTERN = r"^[2-9][0-9]{2}-[2-9][0-9]{2}-[0-9]{4}( ext [0-9]{1,6})?\Z"
REFERENCE_PATTERN = r"PA(?:-[0-9A-HJKMNP-TV-Z]{4}){4}"

EIN_PREFIXES_AS_OF = date(2026, 11, 20)
CIP_EDITION = "2020"


def _between(*spans: tuple[int, int]) -> frozenset[str]:
    return frozenset(f"{number:02}" for first, last in spans for number in range(first, last + 1))


# IRS: prefixes assigned to campuses and to the Internet. The IRS adds to it, so a stranger is a question, not an error.
EIN_PREFIXES = _between((1, 6), (10, 16), (20, 27), (30, 48), (50, 68), (71, 77), (80, 88), (90, 95), (98, 99))

# NCES, Classification of Instructional Programs 2020: the two-digit series that hold programs.
CIP_SERIES = _between((1, 1), (3, 5), (9, 16), (19, 19), (22, 54), (60, 61))

# USPS: the first digit of a ZIP code names a group of states. New York (005, 063) and Texas (885) reach into a second.
ZIP_AREAS = {
    "0": "CT MA ME NH NJ NY PR RI VI VT",
    "1": "DE NY PA",
    "2": "DC MD NC SC VA WV",
    "3": "AL FL GA MS TN",
    "4": "IN KY MI OH",
    "5": "IA MN MT ND SD WI",
    "6": "IL KS MO NE",
    "7": "AR LA OK TX",
    "8": "AZ CO ID NM NV TX UT WY",
    "9": "AK AS CA GU HI MP OR WA",
}

PUBLIC_MAIL_SERVICES = frozenset(
    {"aol.com", "gmail.com", "hotmail.com", "icloud.com", "live.com", "outlook.com", "proton.me", "yahoo.com"}
)


def has_form(pattern: str, text: str) -> bool:
    """Return whether the whole of `text` has the form of one of the patterns above."""
    return re.match(pattern, text) is not None


def is_assigned_ein_prefix(ein: str) -> bool:
    """Return whether the IRS list has the first two digits of an EIN."""
    return ein[:2] in EIN_PREFIXES


def is_in_zip_area(state: str, zip_code: str) -> bool:
    """Return whether a ZIP code can lie in a state, judged by its first digit."""
    return state in ZIP_AREAS.get(zip_code[:1], "").split()


def masked_ein(ein: str) -> str:
    """Return an EIN of which only the last four digits can be read."""
    return f"••-•••{ein[-4:]}"
