"""Invented participants as PIRL records that pass every edit check: seeded, so that a failure can be seen again.

A record is a mapping of element number → text as written in the file; an element it does not hold is blank.
The period of the report ends on `PERIOD_END`; who exited long enough before it has outcomes, by the quarters that are
known by then.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from students.wioa.calendar import Quarter

PERIOD_END = date(2026, 6, 30)
FIRST_ENTRY = date(2022, 7, 1)
UNKNOWN_WAGES = "999999.99"
SETTLED = 2  # quarters after the measured one from which on “not yet available” is no answer any more
QUARTER_ELEMENTS = {1: ("1600", "1601", "1703"), 2: ("1602", "1603", "1704")} | {
    3: ("1604", "1605", "1705"),
    4: ("1606", "1607", "1706"),
}
RACES = ["211", "212", "213", "214", "215"]
YOUTH_SERVICES = ["1402", "1403", "1405", "1407", "1408", "1410", "1411", "1413", "1414", "1415"]


class Record(dict[str, str]):
    """A record that reads as blank where it holds nothing."""

    def __missing__(self, element: str) -> str:
        return ""

    def day(self, element: str) -> date:
        """Return a date it holds."""
        text = self[element]
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def participants(count: int = 10_000, seed: int = 6, period_end: date = PERIOD_END) -> Iterator[Record]:
    """Yield so many records in the order of OBS, a twelfth of them a second period of the person before."""
    random = Random(seed)
    before: Record | None = None
    for number in range(1, count + 1):
        row = Record({"OBS": str(number), "100": f"IN{number:08d}", "101": "IN"})
        if before and _may_return(before, period_end) and random.random() < 0.12:
            row["100"] = before["100"]
            _fill(row, random, before.day("901") + timedelta(days=random.randint(91, 150)), period_end, before)
        else:
            span = (period_end - FIRST_ENTRY).days
            _fill(row, random, FIRST_ENTRY + timedelta(days=random.randint(0, span)), period_end, None)
        yield row
        before = row


def _may_return(before: Record, period_end: date) -> bool:
    return bool(before["901"]) and (period_end - before.day("901")).days > 200


def _fill(row: Record, random: Random, entry: date, period_end: date, before: Record | None) -> None:
    kind = random.choices(["adult", "worker", "both", "youth", "reportable"], [38, 22, 8, 28, 4])[0]
    if before:
        kind = "youth" if before["905"] != "0" else "adult"
    row.update({"903": "0", "904": "0", "905": "0", "907": "0", "908": "0", "909": "0", "910": "0", "918": "0"})
    if kind == "reportable":
        _reportable(row, random, entry)
        return
    flag = random.choice(["1", "1", "1", "2", "3"])
    row |= {"900": _text(entry), "918": random.choice(["0", "1"])}
    row |= dict.fromkeys({"both": ["903", "904"], "adult": ["903"], "worker": ["904"]}.get(kind, ["905"]), flag)
    _exit(row, random, entry, period_end)
    _person(row, random, entry, before)
    _background(row, random, entry)
    _services(row, random, period_end)
    _training(row, random, period_end)
    _credentials(row, random, period_end)
    if row["901"]:
        _outcomes(row, random, Quarter.of(period_end))


def _reportable(row: Record, random: Random, contact: date) -> None:
    row |= {"903": "4", "918": "2", "1007": _text(contact), "1000": _text(contact), "1002": _text(contact)}
    row |= {"200": _text(contact - timedelta(days=random.randint(7000, 20_000))), "201": random.choice("129")}


def _exit(row: Record, random: Random, entry: date, period_end: date) -> None:
    last = entry + timedelta(days=random.randint(20, 500))
    if (period_end - last).days < 90:
        return
    reasons = ["01", "02", "03", "04", "07"] + (["05"] if row["905"] != "0" else [])
    row |= {"901": _text(last), "923": random.choice(reasons) if random.random() < 0.03 else "00"}


def _person(row: Record, random: Random, entry: date, before: Record | None) -> None:
    if before:
        row |= {element: before[element] for element in ["200", "201", "202", "210", *RACES]}
    else:
        youngest, oldest = (16, 18) if row["905"] != "0" else (19, 68)
        days = round(random.uniform(youngest + 0.1, oldest) * 365.25)
        row |= {"200": _text(entry - timedelta(days=days)), "201": random.choice("1122222119")}
        row |= {element: random.choice("0000000019") for element in ["202", "210", *RACES]}
    row |= {"102": "097", "103": f"46{random.randint(1, 298):03d}", "108-A": "18005"}
    veteran = row["905"] == "0" and random.random() < 0.08
    row |= {"300": "1" if veteran else "0", "301": random.choice("12") if veteran else "0"}
    if veteran:
        row |= {element: random.choice("0001") for element in ["302", "303", "305", "308"]}
        row |= {"304": _text(entry - timedelta(days=900)), "306": _text(entry - timedelta(days=random.randint(0, 40)))}


def _background(row: Record, random: Random, entry: date) -> None:
    row |= {"400": random.choice("00001123"), "401": random.choice("000134"), "402": "0"}
    if row["400"] == "0":
        row["402"] = random.choice("001")
    education = [("10", "0", "4"), ("09", "0", "6")] if random.random() < 0.35 else [("12", "1", "5"), ("12", "2", "5")]
    education += [("14", "4", "5"), ("16", "7", "5")] if row["905"] == "0" else []
    if row["905"] != "0" and (entry - row.day("200")).days < 21 * 365:
        education += [("11", "0", "1"), ("10", "0", "2")]
    row["407"], row["408"], row["409"] = random.choice(education)
    row |= {
        element: random.choice("0000001") for element in ["600", "602", "603", "800", "803", "804", "805", "806", "807"]
    }
    row |= {
        "601": row["600"] if random.random() < 0.3 else "0",
        "604": "0",
        "801": random.choice("0000019"),
        "808": "0",
    }
    if row["905"] != "0":
        row |= {"701": random.choice("001"), "702": random.choice("001"), "704": random.choice("0001")}
    categorical = "1" in {row[element] for element in ["600", "602", "603", "704", "800"]}
    row["802"] = "1" if categorical else random.choice("001")
    if row["904"] != "0":
        row["410"] = _text(entry - timedelta(days=random.randint(5, 300)))
    row |= {element: _money(random.uniform(0, 14_000)) for element in ["1700", "1701", "1702"]}


def _services(row: Record, random: Random, period_end: date) -> None:
    """Write services from entry to exit; whoever has not exited was last served within the 90 days before the end."""
    entry = row.day("900")
    recent = period_end - timedelta(days=random.randint(0, 80))
    last = row.day("901") if row["901"] else max(entry, recent)
    if row["905"] != "0":
        row["906"] = _text(entry)
        row[random.choice(YOUTH_SERVICES)] = _text(last)
        return
    middle = _between(random, entry, last)
    row |= {"1001": _text(entry), "1003": _text(middle), "1102": _text(middle), "1004": _text(last)}
    row |= {"1200": _text(middle), "1201": _text(last), "1202": _text(middle)}
    if random.random() < 0.3:
        row |= {
            "1000": _text(entry - timedelta(days=random.randint(0, 80))),
            "1002": _text(entry),
            "1101": _text(entry),
        }
    if random.random() < 0.2:
        row |= {"1409": _text(middle)}
        row |= {"1503": _text(last + timedelta(days=40))} if row["901"] else {}


def _training(row: Record, random: Random, period_end: date) -> None:
    row |= {"1300": "0", "1303": "00", "1332": "0", "1401": "0"}
    entry, end = row.day("900"), row.day("901") if row["901"] else period_end
    if row["408"] == "0" and random.random() < 0.3:
        row["1401"] = "1"
    if random.random() < 0.3:
        return
    start = _between(random, entry, entry + (end - entry) / 2)
    types = "10 10 02 04 08" if row["905"] != "0" else "06 06 06 02 04 08 09 01 05 11"
    row |= {"1300": "1", "1302": _text(start), "1303": random.choice(types.split()), "1811": _text(start)}
    row |= {"1301": "Example Training Center", "1304": "3", "1305": "51.3902", "1310": "00", "1315": "00"}
    row |= {"1319": "0" if row["1303"] in {"01", "05"} else random.choice("01"), "1307": "0"}
    row["1332"] = random.choice("0001")
    if row["901"] or random.random() < 0.3:
        finish = _between(random, start, end)
        row |= {"1307": random.choice("110"), "1308": _text(finish)}
        row |= {"1813": _text(finish)} if row["1307"] == "1" else {}
    if random.random() < 0.12:
        second = _between(random, start, end)
        row |= {"1309": _text(second), "1310": "02"}
    for element in random.sample(["1806", "1807", "1809", "1810"], random.choice([0, 0, 1, 1, 2])):
        row[element] = _text(_between(random, start, end))
    if row["1401"] == "1" and random.random() < 0.4:
        row["1808"] = _text(_between(random, start, end))


def _credentials(row: Record, random: Random, period_end: date) -> None:
    row["1800"] = "0"
    if row["1300"] == "0" or random.random() < 0.4:
        return
    exited = row.day("901") if row["901"] else period_end
    latest = min(period_end, exited + timedelta(days=365))
    earliest = row.day("1811")
    row |= {"1800": random.choice("1234567"), "1801": _text(_between(random, earliest, latest))}
    if random.random() < 0.15:
        row |= {"1802": random.choice("34567"), "1803": _text(_between(random, earliest, latest))}
    if row["1800"] == "1" and row["901"] and random.random() < 0.5 and exited < period_end:
        row["1406"] = _text(_between(random, exited + timedelta(days=1), period_end))


def _outcomes(row: Record, random: Random, report: Quarter) -> None:
    exit_quarter = Quarter.of(row.day("901"))
    passed = (report.year - exit_quarter.year) * 4 + report.number - exit_quarter.number
    for number, (employed, match, wages) in QUARTER_ELEMENTS.items():
        if passed < number + SETTLED and (passed < number or random.random() < 0.5):
            row |= {employed: "9", match: "5", wages: UNKNOWN_WAGES}
        elif random.random() < 0.65:
            row |= {employed: random.choice("111123"), match: random.choice("11112334")}
            row[wages] = _money(min(49_000, random.lognormvariate(8.9, 0.5)))
        else:
            row |= {employed: "0", match: "0", wages: "0.00"}
    second, fourth = row["1602"] in {"1", "2", "3"}, row["1606"] in {"1", "2", "3"}
    if second and row["1300"] == "1":
        row["1608"] = random.choice("01")
    if "9" not in {row["1602"], row["1606"]}:
        row["1618"] = random.choice("01") if second and fourth else "0"
    if row["905"] != "0":
        row |= {"1900": random.choice("000123")} if passed >= 2 else {}
        row |= {"1901": random.choice("000123")} if passed >= 4 else {}


def _between(random: Random, start: date, end: date) -> date:
    return start + timedelta(days=random.randint(0, max(0, (end - start).days)))


def _text(day: date) -> str:
    return day.strftime("%Y%m%d")


def _money(value: float) -> str:
    return f"{value:.2f}"
