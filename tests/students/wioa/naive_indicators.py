"""The indicators a second time, in another style: SQL over a table of texts, written from the rules alone.

It shares nothing with `students.wioa`: days stay the texts of the file, which sort as the days do.
"""

import sqlite3
from calendar import monthrange
from collections.abc import Iterable, Mapping
from decimal import Decimal
from statistics import median
from typing import Any

ELEMENTS = [
    "OBS",
    "100",
    "408",
    "900",
    "901",
    "903",
    "904",
    "905",
    "923",
    "1303",
    "1310",
    "1315",
    "1332",
    "1401",
    "1406",
    "1600",
    "1602",
    "1603",
    "1604",
    "1606",
    "1607",
    "1618",
    "1704",
    "1800",
    "1801",
    "1802",
    "1803",
    "1804",
    "1805",
    "1806",
    "1807",
    "1808",
    "1809",
    "1810",
    "1811",
    "1813",
    "1900",
    "1901",
]
FLAGS = {"adult": "e903", "dislocated_worker": "e904", "youth": "e905"}
YES = "('1','2','3')"
ANY = f"(e903 IN {YES} OR e904 IN {YES} OR e905 IN {YES})"
UNKNOWN_Q2 = "(e1602 IN ('9','') OR e1603 = '5' OR e1704 = '999999.99')"
UNKNOWN_Q4 = "(e1606 IN ('9','') OR e1607 = '5')"
LIMIT = "strftime('%Y%m%d', substr(e901,1,4) || '-' || substr(e901,5,2) || '-' || substr(e901,7,2), '+365 days')"
TRAINED = (
    "(e1332 = '1' OR (e408 = '0' AND e1401 = '1') OR "
    + " OR ".join(f"e{slot} IN ('02','03','04','06','07','08','09','10')" for slot in (1303, 1310, 1315))
    + ")"
)
WENT_ON = (
    f"((e1406 <> '' AND e1406 <= {LIMIT}) OR " + " OR ".join(f"e{q} IN {YES}" for q in (1600, 1602, 1604, 1606)) + ")"
)
CREDENTIAL = " OR ".join(
    f"(e{day} <> '' AND e{day} <= {LIMIT} AND (e{kind} BETWEEN '2' AND '7' OR (e{kind} = '1' AND {WENT_ON})))"
    for kind, day in ((1800, 1801), (1802, 1803), (1804, 1805))
)
GAIN = " OR ".join(f"e{element} BETWEEN :start AND :end" for element in range(1806, 1811))
DIPLOMA = " OR ".join(
    f"(e{kind} = '1' AND e{day} BETWEEN :start AND :end)" for kind, day in ((1800, 1801), (1802, 1803), (1804, 1805))
)
EXITED = "e900 <> '' AND e901 BETWEEN :start AND :end AND e923 = '00'"
SERVED = "e900 <> '' AND e900 <= :end AND (e901 = '' OR e901 >= :start)"
IN_TRAINING = "e923 IN ('00','07','') AND e1811 <> '' AND e1811 <= :end AND (e1813 = '' OR e1813 >= :start)"


def window(period_end: str, lag: int) -> dict[str, str]:
    """Return the four quarters that end `lag` quarters before a day written YYYY-MM-DD, as texts of the file."""
    year, month = int(period_end[:4]), int(period_end[5:7])
    months = year * 12 + month - 1 - 3 * lag
    last_year, last_month = divmod(months, 12)
    first_year, first_month = divmod(months - 11, 12)
    last_day = monthrange(last_year, last_month + 1)[1]
    return {
        "start": f"{first_year}{first_month + 1:02d}01",
        "end": f"{last_year}{last_month + 1:02d}{last_day:02d}",
    }


def table(records: Iterable[Mapping[str, str]]) -> sqlite3.Connection:
    """Return a table of texts with a column for each element."""
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE TABLE record ({', '.join(f'e{each} TEXT' for each in ELEMENTS)})")
    marks = ", ".join("?" * len(ELEMENTS))
    rows = ([record.get(each, "") for each in ELEMENTS] for record in records)
    database.executemany(f"INSERT INTO record VALUES ({marks})", rows)
    return database


def naive(records: Iterable[Mapping[str, str]], period_end: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return program and indicator → numerator, denominator, median and unique participants."""
    database = table(records)
    found = {}
    for program in ("all", *FLAGS):
        of = ANY if program == "all" else f"{FLAGS[program]} IN {YES}"
        is_youth = {"all": f"e905 IN {YES}", "youth": "1"}.get(program, "0")
        for name, lag, denominator, numerator in measures(is_youth):
            answer = ask(database, f"{of} AND {denominator}", numerator, window(period_end, lag))
            found[program, name] = answer | {"median": None}
        found[program, "median_earnings_q2"] = earnings(database, of, window(period_end, 4))
    database.close()
    return found


def measures(is_youth: str) -> list[tuple[str, int, str, str]]:
    """Return each indicator with its lag, who is in it, and who succeeds."""
    return [
        ("participants_served", 0, SERVED, ""),
        ("participants_exited", 1, "e900 <> '' AND e901 BETWEEN :start AND :end", ""),
        (
            "employment_rate_q2", 4, f"{EXITED} AND NOT {UNKNOWN_Q2}",
            f"(e1602 IN {YES} OR ({is_youth} AND e1900 IN {YES}))",
        ),
        (
            "employment_rate_q4", 6, f"{EXITED} AND NOT {UNKNOWN_Q4}",
            f"(e1606 IN {YES} OR ({is_youth} AND e1901 IN {YES}))",
        ),
        ("credential_attainment", 6, f"{EXITED} AND {TRAINED}", f"({CREDENTIAL})"),
        ("measurable_skill_gains", 0, f"{SERVED} AND {IN_TRAINING}", f"({GAIN} OR {DIPLOMA})"),
        (
            "effectiveness_serving_employers", 6,
            f"{EXITED} AND NOT {UNKNOWN_Q2} AND e1602 IN {YES} AND NOT (e1618 = '9' OR (e1618 = '' AND {UNKNOWN_Q4}))",
            "e1618 = '1'",
        ),
    ]  # fmt: skip


def ask(database: sqlite3.Connection, denominator: str, numerator: str, days: dict[str, str]) -> dict[str, Any]:
    """Return how many records and people are in a denominator, and how many of the records succeed."""
    told = f"SELECT count(*), count(DISTINCT e100), sum({numerator or 'NULL'}) FROM record WHERE {denominator}"
    total, people, succeeded = database.execute(told, days).fetchone()
    return {"denominator": total, "numerator": (succeeded or 0) if numerator else None, "unique": people}


def earnings(database: sqlite3.Connection, of: str, days: dict[str, str]) -> dict[str, Any]:
    """Return the median of the earnings of those who were employed, with how many they are."""
    told = f"SELECT e1704, e100 FROM record WHERE {of} AND {EXITED} AND NOT {UNKNOWN_Q2} AND e1602 IN {YES}"
    rows = [(Decimal(text), who) for text, who in database.execute(told, days) if text and Decimal(text) > 0]
    return {
        "denominator": len(rows),
        "numerator": None,
        "unique": len({who for _, who in rows}),
        "median": median(amount for amount, _ in rows) if rows else None,
    }
