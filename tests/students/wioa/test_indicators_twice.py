"""The indicators agree with a second, naive implementation: on 10,000 invented participants, and on small odd files."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from students.wioa.calendar import Quarter
from students.wioa.indicators.reckoning import reckon
from tests.students.wioa.naive_indicators import ELEMENTS, naive
from tests.students.wioa.participants import participants

pytestmark = pytest.mark.once
ENDS = date(2026, 6, 30)
EDGES = ["20231231", "20240101", "20241231", "20250630", "20250701", "20260630", "20260701"]
ANY_DAY = st.dates(date(2022, 12, 1), date(2026, 12, 31)).map("{:%Y%m%d}".format)
CODE = {
    **{key: ["0", "1", "2", "3", "4", ""] for key in ["903", "904", "905"]},
    **{key: ["0", "1", "2", "3", "9", ""] for key in ["1600", "1602", "1604", "1606"]},
    **{key: ["", "00", "01", "02", "05", "06", "09", "10", "11", "12"] for key in ["1303", "1310", "1315"]},
    **{key: ["", "0", "1", "2", "6", "7"] for key in ["1800", "1802", "1804"]},
    **{key: ["0", "1", "4", "5", ""] for key in ["1603", "1607"]},
    **{key: ["0", "1", "2", "3", ""] for key in ["1900", "1901"]},
    **{key: ["0", "1", ""] for key in ["1332", "1401", "408"]},
    "923": ["00", "00", "00", "00", "03", "05", "07", ""],
    "1618": ["0", "1", "9", ""],
    "1704": ["", "0.00", "000000.00", "1234.56", "8000", "999999.99"],
    "100": ["A1", "A2", "A3"],
}
DAYS = ["900", "901", "1406", "1801", "1803", "1805", *map(str, range(1806, 1812)), "1813"]


def record_of(exited: date) -> st.SearchStrategy[dict[str, str]]:
    """Return records of an exit, or of none, with days at the edges of a year after it and of the windows."""
    edges = [f"{exited + timedelta(days=days):%Y%m%d}" for days in (364, 365, 366)]
    day = st.sampled_from(["", "", *edges, *EDGES]) | ANY_DAY
    codes = {element: st.sampled_from(codes) for element, codes in CODE.items()}
    spans = {"900": st.sampled_from(["20220901", "20230115", ""]) | ANY_DAY}
    spans["901"] = st.sampled_from([f"{exited:%Y%m%d}"] * 4 + ["", *EDGES])
    return st.fixed_dictionaries(codes | dict.fromkeys(DAYS, day) | spans | {"OBS": st.just("1")})


RECORD = st.dates(date(2023, 12, 1), date(2025, 8, 1)).flatmap(record_of)


def told(records, ends: date = ENDS):
    return {
        (figure.program.value if figure.program else "all", figure.indicator.value): {
            "denominator": figure.denominator,
            "numerator": figure.numerator,
            "unique": figure.unique,
            "median": figure.median,
        }
        for figure in reckon(records, ends=Quarter.of(ends)).figures
    }


def test_they_agree_on_ten_thousand_participants():
    records = list(participants(10_000))

    assert told(records) == naive(records, ENDS.isoformat())


@pytest.mark.parametrize("ends", [date(2025, 6, 30), date(2025, 12, 31), date(2026, 3, 31)])
def test_they_agree_on_the_reports_of_other_quarters(ends):
    records = list(participants(1_000, seed=ends.month))

    assert told(records, ends) == naive(records, ends.isoformat())


@settings(max_examples=80)
@given(st.lists(RECORD, max_size=4))
def test_they_agree_on_any_small_file(records):
    assert told(records) == naive(records, ENDS.isoformat())


def test_the_odd_files_have_every_element_that_is_asked_for():
    assert set(CODE) | set(DAYS) | {"OBS"} == set(ELEMENTS)
