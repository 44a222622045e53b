"""What operators and other programs get from `wioa_indicators` and `wioa_windows`."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from autopilot import clock
from students.models import PerformanceTarget
from students.wioa.calendar import program_year
from students.wioa.pirl.schema import development_schema
from tests.students.samples import participation
from tests.students.wioa.records import exiter, trainee

pytestmark = pytest.mark.django_db
COLUMNS = [element.number for element in development_schema().elements]
# The four populations of a report, and the windows that are printed for three program years.
POPULATIONS = [
    ("Participants served / MSG", "0"),
    ('Exiters counted as "exited"', "1"),
    ("ERQ2 and median earnings (exit window)", "4"),
    ("ERQ4, credential, ESE (exit window)", "6"),
]
WINDOWS = {
    "PY2024 annual (due 2025-10-01)": "2024-07-01 2025-06-30 2024-04-01 2025-03-31 2023-07-01 2024-06-30 2023-01-01 2023-12-31",
    "PY2025 annual (due 2026-10-01)": "2025-07-01 2026-06-30 2025-04-01 2026-03-31 2024-07-01 2025-06-30 2024-01-01 2024-12-31",
    "PY2026 annual (due 2027-10-01)": "2026-07-01 2027-06-30 2026-04-01 2027-03-31 2025-07-01 2026-06-30 2025-01-01 2025-12-31",
    "QPR quarter ending 2026-09-30 (rolling 4 quarters)": "2025-10-01 2026-09-30 2025-07-01 2026-06-30 2024-10-01 2025-09-30 2024-04-01 2025-03-31",
    "QPR quarter ending 2026-12-31 (rolling 4 quarters)": "2026-01-01 2026-12-31 2025-10-01 2026-09-30 2025-01-01 2025-12-31 2024-07-01 2025-06-30",
    "QPR quarter ending 2027-03-31 (rolling 4 quarters)": "2026-04-01 2027-03-31 2026-01-01 2026-12-31 2025-04-01 2026-03-31 2024-10-01 2025-09-30",
    "QPR quarter ending 2027-06-30 (rolling 4 quarters)": "2026-07-01 2027-06-30 2026-04-01 2027-03-31 2025-07-01 2026-06-30 2025-01-01 2025-12-31",
}


def told(*words: str) -> str:
    answer = io.StringIO()
    call_command(*words, stdout=answer, stderr=io.StringIO())
    return answer.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as refusal:
        told(*words)
    return str(refusal.value)


def written(path, *records: dict[str, str], end: str = "\r\n"):
    lines = [",".join(record.get(column, "") for column in COLUMNS) for record in records]
    path.write_text("".join(line + end for line in lines), encoding="utf-8", newline="")
    return str(path)


@pytest.fixture
def file(tmp_path):
    records = [
        exiter(),
        exiter(OBS="2", e1602="0", e1704="0.00"),
        exiter(OBS="3", e100="IN3", e923="03"),
        trainee(OBS="4"),
    ]
    return written(tmp_path / "pirl.csv", *records)


# wioa_windows


def test_it_prints_the_windows_of_three_years_and_four_quarters():
    rows = list(csv.reader(io.StringIO(told("wioa_windows", "--year", "2026", "--format", "csv"))))

    expected = [["report", "population", "lag_quarters", "window_start", "window_end"]]
    for report, days in WINDOWS.items():
        pairs = zip(days.split()[::2], days.split()[1::2], strict=True)
        expected += [
            [report, population, lag, start, end]
            for (population, lag), (start, end) in zip(POPULATIONS, pairs, strict=True)
        ]
    assert rows == expected


def test_it_prints_the_windows_of_this_program_year_unless_told():
    year = program_year(clock.today())

    assert told("wioa_windows") == told("wioa_windows", "--year", str(year))
    with clock.moved(timedelta(days=366)):
        assert f"PY{year + 1} annual" in told("wioa_windows")


def test_it_prints_the_windows_as_json():
    rows = json.loads(told("wioa_windows", "--year", "2026", "--format", "json"))

    assert (len(rows), rows[0]["lag_quarters"], rows[-1]["window_end"]) == (28, 0, "2025-12-31")


@pytest.mark.parametrize("year", ["26", "soon", "2015", "99999999999999999999", "²"])
def test_it_takes_no_year_that_is_none(year):
    with pytest.raises(CommandError, match="no program year"):
        told("wioa_windows", "--year", year)


# wioa_indicators


def test_it_tells_periods_windows_rows_and_figures_as_json(file):
    told_of = json.loads(told("wioa_indicators", file, "--period-end", "2026-06-30", "--format", "json"))

    figures = {(each["program"], each["indicator"]): each for each in told_of["figures"]}
    assert told_of["period_end"] == "2026-06-30"
    assert told_of["windows"]["second_quarter"] == {"start": "2024-07-01", "end": "2025-06-30"}
    assert told_of["rows"] == {"read": 4, "bad": 0}
    assert len(figures) == 4 * 8
    rate = figures["adult", "employment_rate_q2"]
    assert (rate["numerator"], rate["denominator"], rate["rate"], rate["percent"]) == (1, 2, "0.500000", "50.0")
    assert (rate["excluded"], rate["excluded_by_reason"], rate["unique_participants"]) == (1, {"deceased": 1}, 1)
    assert figures["adult", "median_earnings_q2"]["median"] == "7500.00"
    assert figures["youth", "employment_rate_q2"]["denominator"] == 0


@pytest.mark.parametrize("program", ["adult", "all"])
def test_it_tells_of_one_program(file, program):
    rows = list(
        csv.DictReader(
            io.StringIO(
                told("wioa_indicators", file, "--period-end", "2026-06-30", "--program", program, "--format", "csv")
            )
        )
    )

    assert {row["program"] for row in rows} == {program}
    assert len(rows) == 8


def test_it_prints_a_table_for_people(file):
    answer = told("wioa_indicators", file, "--period-end", "2026-06-30")

    assert "employment_rate_q2" in answer
    assert "50.0" in answer


def test_it_writes_where_each_record_counts_and_why(file, tmp_path):
    audit = tmp_path / "audit.csv"

    told("wioa_indicators", file, "--period-end", "2026-06-30", "--program", "adult", "--trace", str(audit))

    rows = list(csv.DictReader(io.StringIO(audit.read_text(encoding="utf-8"))))
    of_q2 = [(row["obs"], row["counted"], row["reason"]) for row in rows if row["indicator"] == "employment_rate_q2"]
    assert of_q2 == [
        ("1", "attained", "employed_q2"),
        ("2", "not_attained", "not_employed_q2"),
        ("3", "excluded", "deceased"),
    ]
    assert rows[0]["person"] == "IN00000001"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_it_names_rows_that_cannot_be_read_and_reckons_the_others(tmp_path, end):
    path = tmp_path / "pirl.csv"
    file = written(path, exiter(), exiter(e901="20241301"), end=end)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"1,2,3\n\xff\xfe\x00")
    answer, errors = io.StringIO(), io.StringIO()

    with pytest.raises(CommandError, match="3 of 4 rows cannot be read") as refusal:
        call_command(
            "wioa_indicators", file, "--period-end", "2026-06-30", "--format", "json", stdout=answer, stderr=errors
        )

    told_of = json.loads(answer.getvalue())
    assert refusal.value.returncode == 1
    assert [row["line"] for row in told_of["bad_rows"]] == [2, 3, 4]
    assert "Line 2: Element 901 is no day written YYYYMMDD." in errors.getvalue()
    assert next(each for each in told_of["figures"] if each["indicator"] == "employment_rate_q2")["denominator"] == 1


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        ("2026-06-29", "not the last day of a quarter; that would be 2026-06-30"),
        ("soon", "is no day"),
        ("9999-12-31", "is no day"),
        ("0001-03-31", "is no day"),
    ],
)
def test_it_takes_no_period_that_ends_within_a_quarter(file, day, refusal):
    with pytest.raises(CommandError, match=refusal):
        told("wioa_indicators", file, "--period-end", day)


def test_it_says_what_is_wrong_with_a_file(file, tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    end = ["--period-end", "2026-06-30"]

    for words, refusal in [
        ([str(tmp_path / "none.csv")], "cannot be read: No such file"),
        ([str(tmp_path)], "cannot be read: Is a directory"),
        ([str(empty)], "has no rows"),
        ([file, "--trace", str(tmp_path)], "cannot be written: Is a directory"),
        ([file, "--trace", file], "is the file itself"),
        ([file, "--schema", "PIRL1999"], "PIRL1999"),
    ]:
        with pytest.raises(CommandError, match=refusal) as error:
            told("wioa_indicators", *words, *end)
        assert error.value.returncode == 2


# report_wioa


def test_it_prints_the_indicators_beside_their_targets(file):
    PerformanceTarget.objects.create(program="adult", indicator="employment_rate_q2", year=2025, level=Decimal("60"))
    PerformanceTarget.objects.create(program="adult", indicator="employment_rate_q2", year=2026, level=Decimal("1"))

    rows = json.loads(told("report_wioa", file, "--period-end", "2026-06-30", "--format", "json"))

    found = {(row["program"], row["indicator"]): row for row in rows}
    assert len(rows) == 3 * 6
    rate = found["adult", "employment_rate_q2"]
    assert (rate["level"], rate["target"], rate["reached"], rate["standing"]) == ("50.0", "60.00", "83.3 %", "below")
    assert found["adult", "credential_attainment"]["standing"] == "unknown"


def test_it_reckons_the_periods_on_file_without_a_file():
    participation()

    rows = json.loads(told("report_wioa", "--format", "json"))

    assert {row["denominator"] for row in rows} == {0}
    assert "is not the last day" in refused("report_wioa", "--period-end", "2026-06-29")
    assert "cannot be read" in refused("report_wioa", "none.csv")


def test_it_lists_who_would_still_count_the_most_urgent_first(tmp_path):
    today = clock.today()
    exited = today - timedelta(days=300)
    waiting = exiter(e901=f"{exited:%Y%m%d}", e1800="0", e1801="", e1606="9")
    file = written(tmp_path / "pirl.csv", waiting, exiter(e901="nonsense"), waiting | {"OBS": "2", "904": "x"})

    rows = json.loads(told("report_wioa", file, "--chances", "--format", "json"))

    credential = next(row for row in rows if row["indicator"] == "credential_attainment")
    assert (credential["person"], credential["days_left"]) == ("IN00000001", 65)
    assert [row["days_left"] for row in rows] == sorted(row["days_left"] for row in rows)
    assert len(json.loads(told("report_wioa", file, "--chances", "--limit", "1", "--format", "json"))) == 1
