"""The categories A to E of dislocated workers, each with its limits."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from students.wioa.eligibility import Result
from students.wioa.eligibility.dislocated_worker import dislocated_worker
from tests.students.wioa.eligibility.cases import ADULT, case, part

pytestmark = pytest.mark.once
LAID_OFF = {"separated": True, "unemployment_compensation": True, "unlikely_to_return": True}
HOMEMAKER = {"unpaid_homemaker": True, "lost_support": True, "underemployed": True}
SPOUSE = {"military_spouse": True, "lost_job_by_relocation": True}
ANNOUNCED = {"closure_announced": True, "closure_announced_on": date(2026, 10, 1)}


def judged(**facts):
    return dislocated_worker(case(replace(ADULT, **facts)))


@pytest.mark.parametrize(
    ("category", "facts"),
    [
        ("separated_from_work", LAID_OFF),
        ("separated_from_work", {**LAID_OFF, "unemployment_compensation": False, "attached_to_workforce": True}),
        ("separated_from_work", {"separating_member": True, "dishonorable_discharge": False}),
        ("closure", {"closure_or_layoff": True}),
        ("closure", {**ANNOUNCED, "workplace_closes_on": date(2026, 12, 1)}),
        ("self_employed", {"self_employment_lost": True}),
        ("displaced_homemaker", HOMEMAKER),
        ("military_spouse", SPOUSE),
        ("military_spouse", {"military_spouse": True, "underemployed": True}),
    ],
)
def test_it_takes_each_category(category, facts):
    criterion = judged(**facts)

    assert criterion.verdict == "met"
    assert part(criterion, category).verdict == "met"


@pytest.mark.parametrize(
    ("facts", "missing"),
    [(LAID_OFF, name) for name in LAID_OFF] + [(HOMEMAKER, name) for name in HOMEMAKER] + [(SPOUSE, name) for name in SPOUSE],
)  # fmt: skip
def test_it_passes_no_category_that_is_not_whole(facts, missing):
    assert judged(**facts | {missing: None}).verdict == "unknown"
    assert judged(**facts | {missing: False}).verdict != "met"


def test_it_takes_nobody_who_was_discharged_dishonorably():
    member = part(judged(separating_member=True, dishonorable_discharge=True), "separated_from_work").parts[1]

    assert member.verdict == "not_met"


@pytest.mark.parametrize(("days", "result"), [(180, Result.PASS), (181, Result.NEEDS_HUMAN)])
def test_it_takes_an_announced_closure_within_180_days(days, result):
    closes = date(2026, 10, 1) + timedelta(days=days)
    criterion = part(judged(**ANNOUNCED, workplace_closes_on=closes), "announced_closure")

    assert criterion.result is result
    assert ("confirm with your state" in criterion.because) is (days == 181)


def test_it_takes_nobody_of_whom_all_categories_are_denied():
    names = ("separated", "separating_member", "closure_or_layoff", "closure_announced", "self_employment_lost")
    denied = dict.fromkeys((*names, "unpaid_homemaker", "military_spouse"), False)

    assert judged(**denied).verdict == "not_met"
    assert judged().verdict == "unknown"
