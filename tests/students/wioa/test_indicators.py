"""The rules of the indicators, one by one: who is in a denominator, who succeeds, who is left out and why."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from students.wioa.calendar import Quarter
from students.wioa.indicators.facts import NEEDED, Unreadable, facts_of
from students.wioa.indicators.figures import Figure
from students.wioa.indicators.reckoning import MOST_NAMED, Reckoning, Trace, reckon
from students.wioa.indicators.rules import Indicator
from students.wioa.programs import Program
from tests.students.wioa.records import ENDS, counts, exiter, figure, reason, trainee

pytestmark = pytest.mark.once
ADULT, DISLOCATED, YOUTH = Program
Q2, Q4, EARNINGS = Indicator.EMPLOYED_Q2, Indicator.EMPLOYED_Q4, Indicator.EARNINGS_Q2
CREDENTIAL, GAINS, SAME = Indicator.CREDENTIAL, Indicator.GAINS, Indicator.SAME_EMPLOYER
BY_EXIT = [Q2, Q4, EARNINGS, CREDENTIAL, SAME]


# Populations


@pytest.mark.parametrize(
    ("exited", "indicators"),
    [
        ("20240101", {Q4, CREDENTIAL, SAME}),
        ("20240630", {Q4, CREDENTIAL, SAME}),
        ("20240701", {Q2, Q4, EARNINGS, CREDENTIAL, SAME}),
        ("20241231", {Q2, Q4, EARNINGS, CREDENTIAL, SAME}),
        ("20250101", {Q2, EARNINGS}),
        ("20250630", {Q2, EARNINGS}),
        ("20231231", set()),
        ("20250701", set()),
    ],
)
def test_it_counts_exits_in_the_window_of_each_indicator(exited, indicators):
    record = exiter(e901=exited, e1801="20240101")

    assert {each for each in BY_EXIT if figure(each, record).denominator} == indicators


@pytest.mark.parametrize(
    ("entered", "exited", "served"),
    [
        ("20260630", "", True),
        ("20260701", "", False),
        ("20230901", "20250701", True),
        ("20230901", "20250630", False),
        ("", "", False),
    ],
)
def test_it_counts_who_was_served_in_the_period(entered, exited, served):
    record = trainee(e900=entered, e901=exited)

    assert figure(Indicator.SERVED, record).denominator == served


def test_it_counts_whoever_exited_whatever_the_reason():
    records = [exiter(e901="20250401"), exiter(e901="20260331", e923="03"), exiter(e901="20260401")]

    assert figure(Indicator.EXITED, *records).denominator == 2


@pytest.mark.parametrize("flag", ["1", "2", "3"])
def test_it_counts_participants_of_a_program_by_any_funds(flag):
    assert counts(Q2, exiter(e903=flag)) == (1, 1)


@pytest.mark.parametrize("flag", ["0", "4", ""])
def test_it_counts_no_reportable_individual(flag):
    assert counts(Q2, exiter(e903=flag)) == (0, 0)
    assert counts(Q2, exiter(e903=flag), program=None) == (0, 0)


def test_it_counts_who_is_in_two_programs_in_both_and_once_in_all():
    record = exiter(e904="1")

    assert [counts(Q2, record, program=each) for each in (ADULT, DISLOCATED, YOUTH, None)] == [
        (1, 1),
        (1, 1),
        (0, 0),
        (1, 1),
    ]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("01", "institutionalized"), ("02", "medical"), ("03", "deceased"), ("04", "called_up"), ("05", "foster_moved"),
        ("06", "ineligible"), ("07", "offender"), ("3", "deceased"), ("", "exit_reason_blank"),
        ("88", "exit_reason_unknown"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("indicator", BY_EXIT)
def test_it_leaves_out_exits_for_the_reasons_of_923(indicator, code, why):
    found = figure(indicator, exiter(e923=code), exiter())

    assert (found.denominator, found.excluded) == (1, {why: 1})


# Employment and earnings


@pytest.mark.parametrize(("code", "numerator"), [("1", 1), ("2", 1), ("3", 1), ("0", 0)])
def test_it_counts_any_employment_in_the_second_and_the_fourth_quarter(code, numerator):
    assert counts(Q2, exiter(e1602=code)) == (numerator, 1)
    assert counts(Q4, exiter(e1606=code)) == (numerator, 1)


@pytest.mark.parametrize("changes", [{"e1602": "9"}, {"e1602": ""}, {"e1603": "5"}, {"e1704": "999999.99"}])
@pytest.mark.parametrize("indicator", [Q2, EARNINGS, SAME])
def test_it_leaves_out_whose_second_quarter_is_not_yet_available(indicator, changes):
    found = figure(indicator, exiter(**changes))

    assert (found.denominator, found.excluded) == (0, {"q2_not_yet_available": 1})


@pytest.mark.parametrize("changes", [{"e1606": "9"}, {"e1606": ""}, {"e1607": "5"}])
def test_it_leaves_out_whose_fourth_quarter_is_not_yet_available(changes):
    assert figure(Q4, exiter(**changes)).excluded == {"q4_not_yet_available": 1}
    assert counts(Q2, exiter(**changes)) == (1, 1)


@pytest.mark.parametrize("placed", ["1", "2", "3"])
def test_it_counts_placement_of_youth_in_education_or_training(placed):
    youth = exiter(e903="0", e905="1", e1602="0", e1606="0", e1900=placed, e1901=placed)

    assert counts(Q2, youth, program=YOUTH) == counts(Q4, youth, program=YOUTH) == (1, 1)
    assert counts(Q2, youth | {"1900": "0"}, program=YOUTH) == (0, 1)
    assert counts(Q4, youth | {"1901": ""}, program=YOUTH) == (0, 1)


def test_it_counts_placement_for_nobody_but_youth():
    both = exiter(e905="1", e1602="0", e1900="2")

    assert counts(Q2, exiter(e1602="0", e1900="2")) == (0, 1)
    assert [counts(Q2, both, program=each) for each in (ADULT, YOUTH, None)] == [(0, 1), (1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("earned", "median"),
    [
        (["100.00"], "100.00"),
        (["100.00", "300.00", "200.00"], "200.00"),
        (["100.00", "200.01"], "150.005"),
        (["1", "2.5"], "1.75"),
        (["0.00", "000000.00", "", "5000.00"], "5000.00"),
    ],
)
def test_it_gives_the_median_of_earnings_exactly(earned, median):
    found = figure(EARNINGS, *(exiter(e1704=amount) for amount in earned))

    assert str(found.median) == median


def test_it_gives_no_median_of_nobody():
    found = figure(EARNINGS, exiter(e1602="0", e1704="0.00"), exiter(e1704=""))

    assert (found.median, found.denominator) == (None, 0)
    assert found.excluded == {"not_employed_q2": 1, "no_earnings_q2": 1}


# Credentials


@pytest.mark.parametrize("slot", ["e1303", "e1310", "e1315"])
@pytest.mark.parametrize("kind", ["02", "03", "04", "06", "07", "08", "09", "10", "6"])
def test_it_asks_for_a_credential_of_who_was_trained_in_any_slot(slot, kind):
    changes = {"e1303": "00", "e1800": "0", "e1801": ""} | {slot: kind}

    assert counts(CREDENTIAL, exiter(**changes)) == (0, 1)


@pytest.mark.parametrize("kind", ["00", "01", "05", "11", "12", ""])
def test_it_asks_for_no_credential_of_who_was_trained_otherwise(kind):
    found = figure(CREDENTIAL, exiter(e1303=kind))

    assert (found.denominator, found.excluded) == (0, {"no_training_for_credential": 1})


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"e1332": "1"}, 1),
        ({"e408": "0", "e1401": "1"}, 1),
        ({"e408": "1", "e1401": "1"}, 0),
        ({"e408": "0", "e1401": "0"}, 0),
    ],
)
def test_it_asks_for_a_credential_of_who_was_in_education(changes, asked):
    assert figure(CREDENTIAL, exiter(e1303="00", **changes)).denominator == asked


@pytest.mark.parametrize(("kind", "day"), [("e1800", "e1801"), ("e1802", "e1803"), ("e1804", "e1805")])
@pytest.mark.parametrize("code", list("234567"))
def test_it_counts_a_credential_until_a_year_after_exit(kind, day, code):
    none = {"e1800": "0", "e1801": "", "e901": "20241001"}

    assert counts(CREDENTIAL, exiter(**none | {kind: code, day: "20251001"})) == (1, 1)
    assert counts(CREDENTIAL, exiter(**none | {kind: code, day: "20251002"})) == (0, 1)


@pytest.mark.parametrize("changes", [{"e1800": "0"}, {"e1801": ""}, {"e1800": "8"}, {"e1800": ""}])
def test_it_counts_no_credential_without_kind_or_day(changes):
    assert counts(CREDENTIAL, exiter(**changes)) == (0, 1)


@pytest.mark.parametrize(
    ("changes", "numerator", "why"),
    [
        ({}, 0, "diploma_alone"),
        ({"e1600": "1"}, 1, "diploma_and_more"),
        ({"e1602": "2"}, 1, "diploma_and_more"),
        ({"e1604": "3"}, 1, "diploma_and_more"),
        ({"e1606": "1"}, 1, "diploma_and_more"),
        ({"e1406": "20251001"}, 1, "diploma_and_more"),
        ({"e1406": "20251002"}, 0, "diploma_alone"),
        ({"e1602": "9"}, 0, "diploma_alone"),
        ({"e1801": "20251002", "e1600": "1"}, 0, "no_credential"),
    ],
)
def test_it_counts_a_diploma_with_employment_or_training_alone(changes, numerator, why):
    jobless = {"e1600": "0", "e1602": "0", "e1604": "0", "e1606": "0", "e1800": "1"}
    record = exiter(**jobless | changes)

    assert counts(CREDENTIAL, record) == (numerator, 1)
    assert reason(CREDENTIAL, record) == why


# Skill gains


@pytest.mark.parametrize("element", ["e1806", "e1807", "e1808", "e1809", "e1810"])
@pytest.mark.parametrize(
    ("day", "numerator"), [("20250701", 1), ("20260630", 1), ("20250630", 0), ("20260701", 0), ("", 0)]
)
def test_it_counts_a_gain_of_any_type_in_the_year(element, day, numerator):
    assert counts(GAINS, trainee(**{element: day})) == (numerator, 1)


@pytest.mark.parametrize(("kind", "day"), [("e1800", "e1801"), ("e1802", "e1803"), ("e1804", "e1805")])
def test_it_counts_a_diploma_as_a_gain_and_no_other_credential(kind, day):
    assert counts(GAINS, trainee(**{kind: "1", day: "20260101"})) == (1, 1)
    assert counts(GAINS, trainee(**{kind: "4", day: "20260101"})) == (0, 1)


def test_it_counts_one_success_and_every_type():
    record = trainee(e1807="20260110", e1808="20260111", e1809="20260112", e1800="1", e1801="20260113")

    found = figure(GAINS, record)

    assert (found.numerator, found.denominator) == (1, 1)
    assert found.by_type == {
        "functioning_level": 0, "diploma": 1, "transcript": 1, "milestone": 1, "skills_progression": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("began", "ended", "why"),
    [
        ("20230101", "", "not_gained"),
        ("20230101", "20250701", "not_gained"),
        ("20230101", "20250630", "not_in_training_then"),
        ("20230101", "20270101", "not_gained"),
        ("20260630", "", "not_gained"),
        ("20260701", "", "not_in_training_then"),
        ("", "", "not_in_training"),
    ],
)
def test_it_asks_for_a_gain_of_whose_training_overlaps_the_year(began, ended, why):
    assert reason(GAINS, trainee(e900="20230101", e1811=began, e1813=ended)) == why


@pytest.mark.parametrize(
    ("code", "asked"), [("00", 1), ("07", 1), ("", 1), ("01", 0), ("02", 0), ("03", 0), ("04", 0), ("05", 0), ("06", 0)]
)
def test_it_asks_for_gains_of_offenders_and_not_of_other_exclusions(code, asked):
    assert figure(GAINS, trainee(e901="20260101", e923=code)).denominator == asked


def test_it_counts_who_trains_across_two_years_in_both():
    record = trainee(e1811="20250801", e1813="20260801", e901="20260901", e923="00", e1809="20260715")

    assert counts(GAINS, record) == (0, 1)
    assert counts(GAINS, record, ends=Quarter(2027, 2)) == (1, 1)


# The same employer


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "retained"),
        ({"e1618": "0"}, "not_retained"),
        ({"e1618": "9"}, "retention_not_yet_available"),
        ({"e1618": "", "e1606": "9"}, "retention_not_yet_available"),
        ({"e1618": "", "e1606": "0"}, "not_retained"),
        ({"e1602": "0"}, "not_employed_q2"),
    ],
)
def test_it_counts_who_stayed_with_the_employer(changes, why):
    assert reason(SAME, exiter(**changes)) == why


def test_it_counts_retention_among_those_employed_in_the_second_quarter():
    assert counts(SAME, exiter(), exiter(e1618="0"), exiter(e1602="0", e1618="")) == (1, 2)


# Figures


@pytest.mark.parametrize(
    ("numerator", "denominator", "percent"),
    [(2, 3, "66.6"), (1, 1, "100.0"), (0, 7, "0.0"), (899, 900, "99.8"), (1, 3, "33.3")],
)
def test_it_cuts_a_rate_to_a_tenth_and_never_rounds_it_up(numerator, denominator, percent):
    found = Figure(ADULT, Q2, figure(Q2).window, denominator, numerator, None, 0, {}, {})

    assert str(found.percent) == percent
    assert found.rate == Decimal(numerator) / Decimal(denominator)


def test_it_gives_no_rate_of_nobody():
    assert (figure(Q2).rate, figure(Q2).percent, figure(Q2).row()["percent"]) == (None, None, None)


def test_it_counts_periods_and_the_people_behind_them():
    records = [exiter(), exiter(OBS="2", e901="20240801"), exiter(OBS="3", e100="IN2")]

    found = figure(Q4, *records)

    assert (found.denominator, found.unique) == (3, 2)


def test_it_takes_records_without_a_number_for_people_of_their_own():
    assert figure(Q2, exiter(e100=""), exiter(e100="", OBS="2")).unique == 2


def test_it_gives_the_same_row_to_every_reader():
    assert figure(Q2, exiter(), exiter(e1602="0"), exiter(e923="03"), exiter(e1602="0")).row() == {
        "program": "adult",
        "indicator": "employment_rate_q2",
        "window_start": "2024-07-01",
        "window_end": "2025-06-30",
        "numerator": 1,
        "denominator": 3,
        "rate": "0.333333",
        "percent": "33.3",
        "median": None,
        "unique_participants": 1,
        "excluded": 1,
        "excluded_by_reason": {"deceased": 1},
        "gains_by_type": {},
    }


# Reading and tracing


def test_it_opens_every_figure_into_its_records():
    records = [exiter(), exiter(OBS="2", e1602="0"), exiter(OBS="3", e923="03"), exiter(OBS="4", e1602="9"), trainee()]
    lines: list[Trace] = []

    report = reckon(records, ends=ENDS, told=lines.append)

    for each in report.figures:
        program = each.program.value if each.program else "all"
        own = [line for line in lines if (line.program, line.indicator) == (program, each.indicator.value)]
        attained = [line.obs for line in own if line.counted == "attained"]
        failed = [line.obs for line in own if line.counted == "not_attained"]
        excluded = [line.reason for line in own if line.counted == "excluded"]
        assert len(attained) + len(failed) == each.denominator
        assert each.numerator in (None, len(attained))
        assert {why: excluded.count(why) for why in excluded} == each.excluded
        assert all(line.explanation.endswith(".") for line in own)


@pytest.mark.parametrize(
    ("element", "text"), [("901", "2024-10-01"), ("1801", "20240231"), ("900", "２０２４０１０１")]
)
def test_it_names_a_day_that_is_none_and_not_what_it_says(element, text):
    with pytest.raises(Unreadable, match=f"Element {element} is no day written YYYYMMDD") as refusal:
        facts_of(exiter(**{f"e{element}": text}))

    assert text not in str(refusal.value)


@pytest.mark.parametrize("text", ["abc", "-1.00", "1,000.00", "1234567.00", "1.234", "NaN", "1e3"])
def test_it_names_earnings_that_are_no_amount(text):
    with pytest.raises(Unreadable, match="Element 1704 is no amount"):
        facts_of(exiter(e1704=text))


def test_it_counts_what_cannot_be_read_and_goes_on():
    report = reckon([exiter(e901="soon"), exiter()], ends=ENDS)

    assert (report.read, report.bad) == (2, 1)
    assert report.bad_rows[0] == (1, "Element 901 is no day written YYYYMMDD.")
    assert next(each for each in report.figures if each.indicator is Q2).denominator == 1


def test_it_names_no_more_bad_rows_than_anybody_reads():
    reckoning = Reckoning(ENDS)
    for line in range(MOST_NAMED + 5):
        reckoning.add_bad(line, "It is no record.")

    report = reckoning.report()

    assert (report.bad, len(report.bad_rows)) == (MOST_NAMED + 5, MOST_NAMED)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(NEEDED), st.text(max_size=10)))
def test_it_reckons_or_names_any_record(record):
    report = reckon([record], ends=ENDS)

    assert report.read == 1
    assert all(figure.denominator <= 1 for figure in report.figures)
