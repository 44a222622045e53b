"""Periods of participation: when they begin, when they end, what keeps them open, and what holds for any services."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from students.wioa.participation import (
    IDLE,
    Exclusion,
    Hindrance,
    Period,
    Planned,
    Readiness,
    Received,
    build,
    changes,
)
from students.wioa.programs import Program
from students.wioa.reportable import ReportablePeriod, reportable_periods
from students.wioa.services import SERVICES

pytestmark = pytest.mark.once
ADULT, DISLOCATED, YOUTH = Program
START = date(2025, 1, 6)
LATER = START + timedelta(days=2000)
READY = [Readiness(ADULT, START), Readiness(DISLOCATED, START), Readiness(YOUTH, START, START, START)]


def on(day: int) -> date:
    return START + timedelta(days=day)


def got(day: int, code: str = "training", program: Program = ADULT) -> Received:
    return Received(on(day), program, SERVICES[code])


def plan(day: int, documented: int, code: str = "training", program: Program = ADULT) -> Planned:
    return Planned(on(day), program, SERVICES[code], on(documented))


def periods(*services: Received, today: date = LATER, common=(), ready=READY, planned=(), hindrances=()):
    return build(services, ready, on=today, common_exit=common, planned=planned, hindrances=hindrances)


def spans(found: list[Period]) -> list[tuple[date, date | None]]:
    return [(each.entered_on, each.exited_on) for each in found]


def why(period: Period, element: str) -> str:
    return " ".join(each.text for each in period.because if each.element == element)


# Entry


@pytest.mark.parametrize(
    "code", ["eligibility_determination", "outreach_intake_orientation", "labor_market_information",
             "self_directed_job_search", "supportive_services", "follow_up", "rapid_response"],
)  # fmt: skip
def test_it_makes_no_participant_by_what_is_no_qualifying_service(code):
    assert periods(got(0, code)) == []


def test_it_makes_no_participant_by_incumbent_worker_training_alone():
    assert periods(*(got(day, "incumbent_worker_training") for day in (0, 30, 60))) == []


def test_it_enters_on_the_first_qualifying_service():
    found = periods(got(0, "eligibility_determination"), got(9, "assisted_job_search"), got(40))

    assert spans(found) == [(on(9), on(40))]
    assert "Job search assisted by staff on 2025-01-15" in why(found[0], "900")


def test_it_counts_no_service_before_eligibility():
    found = periods(got(5), got(20), got(30), ready=[Readiness(ADULT, on(20))])

    assert spans(found) == [(on(20), on(30))]
    assert "eligible on 2025-01-26" in why(found[0], "900")


def test_it_makes_nobody_a_participant_who_was_not_found_eligible():
    assert periods(got(5), ready=[Readiness(DISLOCATED, START)]) == []


@pytest.mark.parametrize(
    ("assessed", "planned", "entered"), [(on(3), on(7), on(10)), (on(15), on(7), on(20)), (on(3), on(12), on(20))]
)
def test_it_enters_youth_when_eligible_assessed_and_with_a_plan(assessed, planned, entered):
    ready = [Readiness(YOUTH, on(0), assessed, planned)]

    found = periods(got(10, "youth_mentoring", YOUTH), got(20, "youth_tutoring", YOUTH), ready=ready)

    assert spans(found) == [(entered, on(20))]


@pytest.mark.parametrize("ready", [Readiness(YOUTH, START, START, None), Readiness(YOUTH, START, None, START)])
def test_it_makes_no_participant_of_youth_without_assessment_or_plan(ready):
    assert periods(got(10, "youth_tutoring", YOUTH), ready=[ready]) == []


def test_it_makes_no_participant_of_youth_by_follow_up():
    assert periods(got(10, "youth_follow_up", YOUTH)) == []


def test_it_takes_the_first_of_several_determinations():
    ready = [Readiness(ADULT, on(50)), Readiness(ADULT, on(3))]

    assert spans(periods(got(5), got(60), ready=ready)) == [(on(5), on(60))]


def test_it_refuses_a_service_that_a_program_does_not_offer():
    with pytest.raises(ValueError, match="no service of the youth program"):
        got(0, "training", YOUTH)


# Exit


def test_it_goes_on_with_a_service_on_the_ninetieth_day():
    assert spans(periods(got(0), got(90))) == [(on(0), on(90))]


def test_it_begins_another_period_with_a_service_on_the_ninety_first_day():
    assert spans(periods(got(0), got(91))) == [(on(0), on(0)), (on(91), on(91))]


def test_it_knows_no_exit_before_ninety_days_have_passed():
    (still_open,) = periods(got(0), got(10), today=on(100))
    (ended,) = periods(got(0), got(10), today=on(101))

    assert (still_open.exited_on, still_open.open_until) == (None, on(100))
    assert ended.exited_on == on(10)
    assert "without a qualifying service by 2025-04-16, the exit is on 2025-01-16" in why(still_open, "901")
    assert "91 days have passed" in why(ended, "901")


@pytest.mark.parametrize(("year", "last_open"), [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 1))])
def test_it_counts_the_day_of_a_leap_year(year, last_open):
    served = Received(date(year, 1, 1), ADULT, SERVICES["training"])
    ready = [Readiness(ADULT, served.on)]

    assert build([served], ready, on=last_open, common_exit=())[0].is_open
    assert not build([served], ready, on=last_open + timedelta(days=1), common_exit=())[0].is_open


@pytest.mark.parametrize(
    "code", ["follow_up", "supportive_services", "self_directed_job_search", "provider_information"]
)
def test_it_does_not_put_off_the_exit_by_what_does_not_qualify(code):
    assert spans(periods(got(0), got(80, code), got(91, code), got(120, code))) == [(on(0), on(0))]


def test_it_begins_but_does_not_go_on_by_supportive_services_of_youth():
    support = [got(day, "youth_supportive_services", YOUTH) for day in (0, 60)]

    assert spans(periods(*support)) == [(on(0), on(0))]
    assert spans(periods(*support, got(90, "youth_tutoring", YOUTH))) == [(on(0), on(90))]
    assert spans(periods(*support, got(91, "youth_tutoring", YOUTH))) == [(on(0), on(0)), (on(91), on(91))]


def test_it_dates_the_exit_back_to_the_last_qualifying_service():
    (period,) = periods(got(0), got(40, "assisted_job_search"), got(70, "follow_up"), today=on(400))

    assert period.exited_on == on(40)
    assert "Job search assisted by staff" in why(period, "901")


def test_it_knows_nothing_of_services_after_the_day():
    assert spans(periods(got(0), got(30), today=on(20))) == [(on(0), None)]
    assert periods(got(30), today=on(20)) == []


# Planned services


def test_it_stays_open_for_a_planned_service_however_far():
    planned = [plan(200, documented=30)]

    (waiting,) = periods(got(0), planned=planned, today=on(200))
    (over,) = periods(got(0), planned=planned, today=on(201))

    assert (waiting.exited_on, over.exited_on) == (None, on(0))
    assert "a service is planned for 2025-07-25, 200 days" in why(waiting, "901")
    assert "to which a plan kept it open" in why(over, "901")


def test_it_goes_on_over_a_planned_gap():
    assert spans(periods(got(0), got(150), planned=[plan(150, documented=80)])) == [(on(0), on(150))]


def test_it_takes_no_plan_that_was_documented_after_the_end():
    assert spans(periods(got(0), got(150), planned=[plan(150, documented=91)])) == [(on(0), on(0)), (on(150), on(150))]


def test_it_takes_a_plan_that_was_documented_while_another_kept_it_open():
    planned = [plan(150, documented=80), plan(240, documented=140)]

    assert spans(periods(got(0), got(240), planned=planned)) == [(on(0), on(240))]


def test_it_is_kept_open_by_no_plan_of_what_does_not_put_off_the_exit():
    assert spans(periods(got(0), planned=[plan(200, 30, "follow_up")], today=on(100))) == [(on(0), on(0))]


def test_it_ends_earlier_periods_though_something_is_planned_now():
    found = periods(got(0), got(200), planned=[plan(400, documented=210)], today=on(300))

    assert spans(found) == [(on(0), on(0)), (on(200), None)]


# Programs


def test_it_has_periods_of_each_program_without_a_common_exit():
    found = periods(got(0), got(80, program=DISLOCATED), got(160))

    assert spans(found) == [(on(0), on(0)), (on(80), on(80)), (on(160), on(160))]


def test_it_ends_programs_together_where_the_state_says_so():
    found = periods(got(0), got(80, program=DISLOCATED), got(160), common=[ADULT, DISLOCATED])

    assert spans(found) == [(on(0), on(160))]
    assert found[0].programs == {ADULT, DISLOCATED}


def test_it_leaves_a_program_out_of_the_common_exit_that_the_state_leaves_out():
    found = periods(got(0), got(80, "youth_tutoring", YOUTH), got(95), common=[ADULT, DISLOCATED])

    assert spans(found) == [(on(0), on(0)), (on(80), on(80)), (on(95), on(95))]


# Exclusions


@pytest.mark.parametrize(
    ("since", "code"), [(10, Exclusion.MEDICAL), (100, Exclusion.MEDICAL), (9, Exclusion.NONE), (101, Exclusion.NONE)]
)
def test_it_leaves_out_an_exit_for_what_ended_it(since, code):
    (period,) = periods(got(0), got(10), hindrances=[Hindrance(on(since), Exclusion.MEDICAL)])

    assert period.exclusion is code
    assert why(period, "923").startswith(f"Code {code.value}: ")


def test_it_leaves_out_the_period_that_was_ended_and_no_other():
    found = periods(got(0), got(200), hindrances=[Hindrance(on(20), Exclusion.CALLED_UP)])

    assert [each.exclusion for each in found] == [Exclusion.CALLED_UP, Exclusion.NONE]


def test_it_gives_an_open_period_no_reason_for_an_exit():
    (period,) = periods(got(0), today=on(50), hindrances=[Hindrance(on(20), Exclusion.DECEASED)])

    assert (period.exclusion, why(period, "923")) == (Exclusion.NONE, "")


def test_it_leaves_foster_youth_out_of_the_youth_program_alone():
    moved = [Hindrance(on(5), Exclusion.FOSTER_MOVED)]

    (adult,) = periods(got(0), hindrances=moved)
    (youth,) = periods(got(0, "youth_tutoring", YOUTH), hindrances=moved)

    assert (adult.exclusion, youth.exclusion) == (Exclusion.NONE, Exclusion.FOSTER_MOVED)
    assert "belongs to the youth program alone" in why(adult, "923")


# What changed


def test_it_tells_what_another_reckoning_changed():
    before = periods(got(0), today=on(50))
    after = periods(got(0), got(300), today=on(301))

    told = [str(each) for each in changes(before, after)]

    assert told == [
        "Changed: adult, entered 2025-01-06, open; now adult, entered 2025-01-06, exited 2025-01-06, code 00.",
        "New: adult, entered 2025-11-02, open.",
    ]
    assert next(str(each) for each in changes(after, [])).startswith("No longer there: adult, entered 2025-01-06")


def test_it_tells_nothing_where_nothing_that_is_reported_changed():
    assert changes(periods(got(0), today=on(50)), periods(got(0), got(20), today=on(50))) == []


# Reportable individuals


def test_it_has_no_record_of_its_own_for_activity_near_a_participation():
    participation = periods(got(200))

    days = [on(110), on(150), on(200), on(290)]

    assert reportable_periods(days, participation, on=LATER) == []


def test_it_ends_a_reportable_period_ninety_one_days_before_the_entry():
    participation = periods(got(200))

    found = reportable_periods([on(60), on(109), on(110), on(291)], participation, on=on(300))

    assert found == [ReportablePeriod(on(60), on(109), on(109)), ReportablePeriod(on(291), on(291), None)]


def test_it_ends_a_reportable_period_after_more_than_ninety_days():
    found = reportable_periods([on(0), on(90), on(181), on(300)], [], on=on(390))

    assert found == [
        ReportablePeriod(on(0), on(90), on(90)),
        ReportablePeriod(on(181), on(181), on(181)),
        ReportablePeriod(on(300), on(300), None),
    ]


def test_it_counts_no_activity_beside_an_open_participation():
    participation = periods(got(390), today=on(401))

    assert reportable_periods([on(400)], participation, on=on(401)) == []


# What holds for any services

PROGRAMS = {ADULT: [code for code in SERVICES if not code.startswith("youth")]}
PROGRAMS |= {DISLOCATED: PROGRAMS[ADULT], YOUTH: [code for code in SERVICES if code.startswith("youth")]}
SOME_DAY = st.integers(-50, 700)
RECEIVED = st.sampled_from(list(Program)).flatmap(
    lambda program: st.builds(got, SOME_DAY, st.sampled_from(PROGRAMS[program]), st.just(program))
)
QUALIFYING = RECEIVED.filter(lambda each: each.service.begins and each.service.extends)
PLANNED = st.builds(plan, SOME_DAY, SOME_DAY)
LISTS = st.lists(RECEIVED, max_size=12)
PLANS = st.lists(PLANNED, max_size=3)
COMMON = st.sets(st.sampled_from(list(Program)))
TODAY = st.integers(0, 900).map(on)


@settings(max_examples=40)
@given(LISTS, PLANS, COMMON, TODAY, st.randoms(use_true_random=False))
def test_the_order_of_services_does_not_matter(services, planned, common, today, chance):
    shuffled = chance.sample(services, len(services))

    one = periods(*services, planned=planned, common=common, today=today)
    other = periods(*shuffled, planned=planned[::-1], common=common, today=today, ready=READY[::-1])

    assert one == other


@settings(max_examples=40)
@given(LISTS, PLANS, COMMON, TODAY)
def test_periods_that_may_not_overlap_do_not(services, planned, common, today):
    found = periods(*services, planned=planned, common=common, today=today)

    for program in Program:
        own = [each for each in found if program in each.programs]
        for one, next_one in itertools.pairwise(own):
            assert one.exited_on is not None
            assert next_one.entered_on > one.exited_on + IDLE


@settings(max_examples=40)
@given(LISTS, PLANS, COMMON, TODAY)
def test_an_entry_and_an_exit_are_days_of_qualifying_services(services, planned, common, today):
    for period in periods(*services, planned=planned, common=common, today=today):
        own = [each for each in services if each.program in period.programs]
        assert any(each.on == period.entered_on and each.service.begins for each in own)
        last = [each for each in own if each.on == period.last_service_on]
        assert any(each.service.extends for each in last) or period.last_service_on == period.entered_on


@settings(max_examples=40)
@given(LISTS, PLANS, COMMON, TODAY)
def test_an_open_period_was_served_in_ninety_days_or_has_a_plan(services, planned, common, today):
    for period in periods(*services, planned=planned, common=common, today=today):
        ahead = [each for each in planned if each.on >= today and each.documented_on <= today]
        fresh = today - period.last_service_on <= IDLE
        assert fresh or ahead or period.exited_on == period.last_service_on
        assert not (fresh and period.exited_on)


@settings(max_examples=40)
@given(st.lists(QUALIFYING, max_size=10), PLANS, COMMON, TODAY, QUALIFYING)
def test_another_qualifying_service_never_shortens_a_period(services, planned, common, today, more):
    before = periods(*services, planned=planned, common=common, today=today)
    after = periods(*services, more, planned=planned, common=common, today=today)

    for period in before:
        assert any(
            each.programs >= period.programs
            and each.entered_on <= period.entered_on
            and (each.exited_on or LATER) >= (period.exited_on or LATER)
            for each in after
        )


@settings(max_examples=40)
@given(LISTS, COMMON, TODAY)
def test_every_qualifying_service_of_who_is_ready_lies_in_one_period(services, common, today):
    found = periods(*services, common=common, today=today)

    for each in services:
        if each.service.begins and START <= each.on <= today:
            around = [p for p in found if each.program in p.programs and p.entered_on <= each.on <= p.open_until]
            assert len(around) == 1


@settings(max_examples=40)
@given(LISTS, PLANS, COMMON, TODAY)
def test_every_period_explains_its_entry_and_its_exit(services, planned, common, today):
    for period in periods(*services, planned=planned, common=common, today=today):
        told = {each.element for each in period.because if each.text and each.source}
        assert told == ({"900", "901"} if period.is_open else {"900", "901", "923"})
