"""The edit checks: what is clean stays clean, and each fault is found by its rule."""

import io
from datetime import date

import pytest

from students.wioa.pirl.checks import all_checks
from students.wioa.pirl.engine import Engine
from students.wioa.pirl.findings import Severity, Stage
from students.wioa.pirl.schema import Element, Schema, development_schema
from students.wioa.pirl.writing import lines
from tests.students.wioa.participants import PERIOD_END, participants

pytestmark = pytest.mark.once
ENGINE = Engine(development_schema(), PERIOD_END)
# An adult who trained, exited, and was employed in both quarters.
EXITER = {
    "OBS": "1", "100": "IN00000001", "101": "IN", "200": "19900101", "201": "2", "300": "0", "301": "0", "400": "0",
    "402": "0", "407": "12", "408": "1", "409": "5", "600": "0", "601": "0", "602": "0", "603": "0", "800": "0",
    "802": "0", "900": "20240701", "901": "20250131", "903": "1", "904": "0", "905": "0", "918": "0", "923": "00",
    "1001": "20240701", "1003": "20241001", "1004": "20250131", "1200": "20241001", "1201": "20250131",
    "1300": "1", "1301": "Example", "1302": "20240801", "1303": "06", "1304": "3", "1305": "51.3902", "1307": "1",
    "1308": "20250115", "1310": "00", "1315": "00", "1319": "1", "1332": "0", "1401": "0", "1811": "20240801",
    "1813": "20250115", "1809": "20241115", "1800": "4", "1801": "20250120",
    "1600": "1", "1601": "1", "1703": "7000.00", "1602": "1", "1603": "1", "1704": "8450.00",
    "1604": "1", "1605": "1", "1705": "8500.00", "1606": "1", "1607": "1", "1706": "8600.00", "1608": "1", "1618": "1",
}  # fmt: skip
YOUTH = {"903": "0", "905": "1", "906": "20240701", "200": "20060101", "1303": "10", "1001": "", "1003": "", "1004": ""}


def found(**changes: str) -> dict[str, str]:
    record = EXITER | {number.removeprefix("e"): value for number, value in changes.items()}
    return {finding.rule: finding.element for finding in ENGINE.check_record(record)}


def file_of(records) -> io.BytesIO:
    return io.BytesIO(b"".join(lines(records, development_schema())))


def test_it_finds_nothing_in_a_clean_record():
    assert found() == {}
    assert found(**{f"e{number}": value for number, value in YOUTH.items()}) == {}


def test_it_finds_nothing_in_ten_thousand_clean_participants():
    report = ENGINE.check_file(file_of(participants(10_000)))

    assert report.by_rule == {}
    assert report.rows == 10_000
    assert report.clean


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"e1602": "7"}, "EC010"),
        ({"e201": "3"}, "EC010"),
        ({"e901": "20260230"}, "EC009"),
        ({"e901": "2026-07-01"}, "EC009"),
        ({"e901": "0"}, "EC009"),
        ({"e100": "123-45-6789"}, "EC008"),
        ({"e100": ""}, "EC008"),
        ({"eOBS": "12345678901"}, "EC007"),
        ({"e1303": "6"}, "EC011"),
        ({"e923": "08"}, "EC013"),
        ({"e923": "06"}, "EC013-T"),
        ({"e923": "05"}, "EC013-Y"),
        ({"e1704": "12,500"}, "EC014"),
        ({"e1704": "1000000.00"}, "EC014"),
        ({"e1800": "9"}, "EC015"),
        ({"e1900": "4"}, "EC016"),
        ({"e1900": "1"}, "EC016-Y"),
        ({"e1603": "6"}, "EC017"),
        ({**{f"e{number}": value for number, value in YOUTH.items()}, "e1303": "06"}, "EC012"),
        ({"e901": "20240315"}, "EC022"),
        ({"e923": "02", "e901": ""}, "EC023"),
        ({"e923": ""}, "EC024"),
        ({"e900": ""}, "EC025"),
        ({"e903": "4"}, "EC025-R"),
        ({"e200": "20240101"}, "EC026"),
        ({"e200": "20070101"}, "EC027"),
        ({**{f"e{number}": value for number, value in YOUTH.items()}, "e409": "1", "e200": "20020101"}, "EC028"),
        ({**{f"e{number}": value for number, value in YOUTH.items()}, "e906": ""}, "EC029"),
        ({"e906": "20240701"}, "EC029-A"),
        ({"e1002": "20240801"}, "EC031"),
        ({"e1001": ""}, "EC032"),
        ({"e1000": "20240101", "e1002": "20240801"}, "EC033"),
        ({"e1201": "20250301"}, "EC034"),
        ({"e901": "20250215"}, "EC035"),
        ({"e901": "", "e923": ""}, "EC036"),
        ({"e901": "20260601", "e1004": "20260601"}, "EC037"),
        ({"e901": "20250215", "e1409": "20250215"}, "EC038"),
        ({"e1303": "00"}, "EC039"),
        ({"e1300": "0"}, "EC039-N"),
        ({"e1302": "20240601"}, "EC040"),
        ({"e1308": "20240715"}, "EC041"),
        ({"e1308": ""}, "EC042"),
        ({"e1303": "00", "e1310": "06"}, "EC043"),
        ({"e1305": ""}, "EC044"),
        ({"e1305": "51.39"}, "EC045"),
        ({"e1303": "05"}, "EC046"),
        ({"e1332": "1", "e1811": ""}, "EC047"),
        ({"e1401": "1"}, "EC048"),
        ({"e1406": "20250101"}, "EC050"),
        ({"e1406": "20250301"}, "EC051"),
        ({"e1811": "20240601"}, "EC052"),
        ({"e1813": "20240715"}, "EC053"),
        ({"e1811": ""}, "EC054"),
        ({"e1806": "20250301"}, "EC055"),
        ({"e1808": "20241101"}, "EC056"),
        ({"e1800": "0"}, "EC057"),
        ({"e1801": ""}, "EC057"),
        ({"e1802": "5"}, "EC058"),
        ({"e1801": "20260401"}, "EC059"),
        ({"e1801": "20240715"}, "EC060"),
        ({"e901": "", "e923": ""}, "EC061"),
        ({"e1600": "0"}, "EC062"),
        ({"e1603": "0"}, "EC071"),
        ({"e1603": "5"}, "EC072"),
        ({"e1602": "9", "e1603": "5", "e1704": "999999.99"}, "EC073"),
        ({"e1703": "8450.00", "e1601": "0"}, "EC066"),
        ({"e1703": "0", "e1601": "1"}, "EC067"),
        ({"e1703": "999999.99"}, "EC068"),
        ({"e1703": "125000.00"}, "EC069"),
        ({"e1607": "0"}, "EC086-B"),
        ({"e1702": "125000.00"}, "EC087"),
        ({"e1606": "0", "e1607": "0", "e1706": "0"}, "EC089"),
        ({"e1602": "0", "e1603": "0", "e1704": "0"}, "EC090"),
        ({"e904": "4"}, "EC092"),
        ({"e904": "1"}, "EC093"),
        ({"e301": "2"}, "EC096"),
        ({"e303": "1"}, "EC097"),
        ({"e300": "1", "e301": "2", "e306": "20240701"}, "EC098"),
        ({"e300": "1", "e301": "2"}, "EC099"),
        ({"e306": "20240801"}, "EC100"),
        ({"e407": "09", "e409": "3"}, "EC101"),
        ({"e408": "0", "e407": "16", "e409": "4"}, "EC102"),
        ({"e409": "4"}, "EC103"),
        ({"e402": "1", "e400": "1"}, "EC104"),
        ({"e701": "1"}, "EC105"),
        ({"e704": "1"}, "EC106"),
        ({"e601": "1"}, "EC107"),
        ({"e603": "1"}, "EC108"),
    ],
)
def test_it_finds_a_fault_by_its_rule(changes, rule):
    assert rule in found(**changes)


def test_it_takes_1807_for_the_postsecondary_transcript_and_1808_for_the_secondary_one():
    assert "EC056" not in found(e1807="20241101")
    assert "EC056" in found(e1808="20241101")


def test_it_asks_for_00_of_an_ordinary_exit():
    [finding] = ENGINE.check_record(EXITER | {"923": ""})

    assert (finding.rule, finding.element, finding.severity) == ("EC024", "923", Severity.ERROR)
    assert "00" in finding.fix


def test_it_names_element_row_and_rule_and_says_how_to_repair_it():
    [finding] = ENGINE.check_file(file_of([EXITER, EXITER | {"100": "IN2", "1602": "7"}])).findings

    assert (finding.rule, finding.row, finding.obs, finding.element, finding.value) == ("EC010", 2, "2", "1602", "7")
    assert finding.fix == "Use a code of the element, or leave the field blank if it does not apply."


def test_it_shows_nothing_of_a_person():
    record = EXITER | {"100": "123-45-6789", "200": "19901301", "1602": "123456789", "1704": "x"}

    findings = ENGINE.check_record(record)

    assert {finding.element for finding in findings} == {"100", "200", "1602", "1704"}
    assert {finding.value for finding in findings} == {""}


@pytest.mark.parametrize(("obs", "told"), [("7", "7"), ("000000007", "000000007"), ("123456789", ""), ("A7", "")])
def test_it_tells_no_row_number_that_may_be_a_misplaced_identifier(obs, told):
    assert {finding.obs for finding in ENGINE.check_record(EXITER | {"OBS": obs, "1602": "7"})} == {told}


def test_it_leaves_later_checks_until_the_earlier_are_clean():
    late = EXITER | {"901": "20240315"}
    twice = file_of([late, late])

    wrong = ENGINE.check_file(file_of([late, late | {"1602": "7"}]))

    assert ENGINE.check_file(twice).by_rule == {"EC019": 1}
    assert wrong.by_rule == {"EC010": 1}
    assert wrong.reached is Stage.VALUE


def test_it_finds_periods_that_overlap_and_rows_that_repeat():
    again = EXITER | {"900": "20250101"}
    other = EXITER | {"100": "IN2"}
    row = b"".join(lines([EXITER], development_schema()))

    assert ENGINE.check_file(file_of([EXITER, again])).by_rule == {"EC020": 1}
    assert ENGINE.check_file(file_of([again, EXITER])).by_rule == {"EC020": 1}
    assert ENGINE.check_file(file_of([EXITER, other])).duplicates == 0
    assert ENGINE.check_file(io.BytesIO(row + row)).by_rule == {"EC019": 1, "EC021": 1}


def test_it_counts_what_it_does_not_keep():
    records = [EXITER | {"100": f"IN{number}", "1602": "7"} for number in range(30)]

    report = ENGINE.check_file(file_of(records), limit=5)

    assert (report.total, len(report.findings)) == (30, 5)
    assert report.by_severity == {"reject": 30, "error": 0, "warn": 0}


def test_it_warns_of_an_answer_nobody_gave():
    records = [EXITER | {"100": f"IN{number}", "202": "9"} for number in range(25)]

    report = ENGINE.check_file(file_of(records))

    assert report.by_rule == {"EC018": 1}
    assert report.clean


def test_it_says_which_checks_it_could_not_run():
    engine = Engine(Schema("PIRL2025", (Element("OBS", "OBS"), Element("100", "Identifier"))))

    assert engine.not_run["EC022"] == "The schema has no element 901."
    assert "period" in engine.not_run["EC037"]


def test_it_knows_every_check_it_is_asked_for_by_a_name_of_its_own():
    ids = [check.id for check in all_checks()]

    assert len(ids) == len(set(ids))
    assert {f"EC{number:03d}" for number in range(1, 125)} - {rule.split("-")[0] for rule in ids} == set()
    assert all(check.rule and check.fix and check.source and check.basis for check in all_checks())


def test_it_applies_a_check_while_it_is_in_force():
    check = next(check for check in all_checks() if check.id == "EC024")
    ended = check.__class__(**{**vars(check), "effective_to": date(2025, 6, 30)})

    assert check.in_force(date(2026, 6, 30))
    assert not ended.in_force(date(2026, 6, 30))
    assert ended.in_force(date(2025, 6, 30))
