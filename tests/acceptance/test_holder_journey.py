"""A holder's whole way in a real browser: from the application to the first payout, each person in a window of their own.

At every stage the overview tells the holder where it stands and what it can do next, and the walk follows that link.
"""

from datetime import timedelta

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from autopilot import clock
from autopilot.documents import certificates, seals
from autopilot.models import Schedule
from autopilot.sweep import schedules
from autopilot.testing import run_jobs
from programs.models import Mou, PayoutBatch, RequirementType, Session
from students.models import Enrollment
from students.services.enrollments import enroll
from tests.acceptance import agreeing, holding, paying
from tests.acceptance.holding import go_on, stands
from tests.autopilot.admin.people import ensure_groups, member
from tests.portal import running_portal
from tests.programs.mous.samples import content_of
from tests.students.samples import student

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
LICENSE = "Business or school license"
ASKED = ("mou", "w-9", "license", "curriculum")
STAFF = {
    "rivera": "Reviewer",
    "okafor": "Reviewer",
    "tran": "Compliance officer",
    "stone": "Compliance officer",
    "rossi": "Finance",
    "haddad": "Finance",
}
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_counts_from_before():
    cache.clear()


@pytest.fixture
def later():
    """Give a function that lets time pass, for the pages and for the jobs alike."""
    passed = [timedelta()]

    def wait(by):
        clock.move(by)
        passed.append(by)

    yield wait
    clock.move(-sum(passed, timedelta()))


@pytest.fixture
def state(settings, transactional_db):
    """The state's portal, which runs and has its row."""
    with running_portal() as running:
        for name, value in running.settings.items():
            setattr(settings, name, value)
        running.row()
        yield running


@pytest.fixture
def people(state, settings):
    """The staff by name, in a network that asks for four proofs and can seal."""
    settings.STAFF_MFA_REQUIRED = False
    ensure_groups()
    certificates.make("Example Network")
    RequirementType.objects.exclude(slug__in=ASKED).delete()
    return {name: member(name, group) for name, group in STAFF.items()}


@pytest.fixture
def office(page_at, sign_in, people):
    """Give a function that opens a window of somebody of the staff, who signs in anew."""

    def window(name):
        page = page_at()
        sign_in(page, people[name])
        return page

    return window


def accrued():
    """Do what the calendar does on the first of a month; return the jobs that ran."""
    assert schedules.attend(Schedule.objects.get(kind="billing.accrue").pk)
    return run_jobs()


def until_next_month():
    """Return how long it is until this month is over, and its last week as well."""
    first = (clock.today().replace(day=1) + 32 * DAY).replace(day=1)
    return max(first + DAY - clock.today(), 8 * DAY)


def test_a_holder_comes_from_its_application_to_its_first_payout(page_at, office, state, later):
    owner = page_at()

    # It applies, is reviewed by two, and approved by the state.
    reference = holding.send_application(owner)
    holding.application_stands(owner, reference, "We have your application.", "You need do nothing now.")
    run_jobs()
    holding.application_stands(owner, reference, "A reviewer is reading your application.", "write to you")
    holding.review(office("rivera"), office("okafor"))
    run_jobs()
    holding.application_stands(owner, reference, "We have sent your application to the state.", "The state decides.")
    state.set(decide_after=0)
    later(2 * DAY)
    run_jobs()
    holding.application_stands(owner, reference, "The state has approved your application.", "Open the invitation")

    # It joins by the invitation, and tells about itself.
    school = holding.join(owner)
    program = school.programs.get()
    stands(owner, "Application", "Done", "The state has approved your application.")
    stands(owner, "Onboarding", "Your turn", "step 1 of 4")
    go_on(owner, "Tell us about your organization", "Go on with onboarding")
    holding.complete_onboarding(owner)
    stands(owner, "Onboarding", "Done", "We know your organization and your first program.")

    # It proves what it must; one proof is sent back and replaced.
    reviewer = office("rivera")
    stands(owner, "Requirements", "Your turn", f"We need a proof from you: {LICENSE}")
    go_on(owner, "We need a proof from you", "Open the checklist")
    holding.prove(owner, LICENSE)
    holding.judge(reviewer, LICENSE, "Send back", "The dates cannot be read.")
    stands(owner, "Requirements", "Your turn", f"We need a proof from you: {LICENSE}")
    go_on(owner, "We need a proof from you", "Open the checklist")
    expect(owner.get_by_text("The dates cannot be read.")).to_be_visible()
    holding.prove(owner, LICENSE)
    for title in (LICENSE, "Form W-9", "Curriculum"):
        holding.judge(reviewer, title)
    stands(owner, "Requirements", "Done", "We have accepted every proof that we need.")
    stands(owner, "Programs", "With us", "We are reviewing your program.")
    holding.approve_program(reviewer, program)
    stands(owner, "Programs", "Done", "Approved programs: 1.")

    # Both sign the agreement, and a job seals it.
    stands(owner, "MOU", "With us", "The network prepares your agreement")
    agreeing.prepare(office("tran"), school)
    stands(owner, "MOU", "Your turn", "ready to be signed")
    go_on(owner, "Your agreement with the network is ready", "Read and sign it")
    owner.get_by_role("link", name="Version 1: read and sign").click()
    owner.get_by_role("button", name="Mail me a code").click()
    agreeing.sign_for_the_holder(owner)
    stands(owner, "MOU", "With us", "Your organization has signed. The network signs next.")
    officer, mou = office("stone"), Mou.objects.get()
    officer.goto(f"/admin/programs/mou/{mou.pk}/change/")
    agreeing.sign_for_the_network(officer)
    assert ("mou.execute", "completed") in run_jobs()
    mou.refresh_from_db()
    assert seals.inspect(content_of(mou.executed_document)).is_good
    stands(owner, "MOU", "Done", "Version 1 is executed.")
    stands(owner, "Membership", "With us", "Everything that is required is accepted.")
    holding.activate(officer, school)
    stands(owner, "Membership", "Done", "Your organization is active in the network.")

    # It teaches: one student is enrolled, another asks for a seat, and both come.
    stands(owner, "Students", "Later", "once a cohort is open for enrollment")
    cohort = holding.plan_cohort(owner, program)
    stands(owner, "Students", "Your turn", "Nobody is in training.")
    go_on(owner, "Nobody is in training.", "Enroll students")
    holding.enroll(owner, cohort)
    enroll(cohort, student=student(2), by=None)
    stands(owner, "Students", "Your turn", "1 student is asking for a seat.")
    go_on(owner, "1 student is asking for a seat.", "Accept or decline")
    holding.move_student(owner, "Ann2 Lee", "Accept", "Accepted: the student has a seat.")
    stands(owner, "Students", "Your turn", "2 students are accepted and not started yet")
    for name in ("Ann2 Lee", "Rosa Diaz"):
        holding.move_student(owner, name, "Start the training", "The training has begun.")
    stands(owner, "Students", "Done", "2 students are in training.")
    stands(owner, "Payouts", "Your turn", "Enter your bank details, so that we can pay you.")
    go_on(owner, "Enter your bank details", "Enter bank details")
    holding.enter_bank_details(owner)

    # The next day it records who came, and completes the cohort.
    later(DAY)
    holding.sign_in_again(owner)
    stands(owner, "Attendance", "Your turn", "The attendance of 1 past session is missing.")
    go_on(owner, "The attendance of 1 past session is missing.", "Record attendance")
    holding.record_attendance(owner, Session.objects.get(), absent="Ann2 Lee")
    stands(owner, "Attendance", "Done", "Every past session of the last 30 days is recorded.")
    for name in ("Ann2 Lee", "Rosa Diaz"):
        holding.move_student(owner, name, "Complete", "Completed.")
    assert set(Enrollment.objects.values_list("status", flat=True)) == {"completed"}
    holding.complete_cohort(owner, cohort)
    holding.record_revenue(office("rossi"), program)

    # Once the month is over, what was earned is worked out; one person prepares the payout, another approves it.
    later(until_next_month())
    assert ("billing.accrue", "completed") in accrued()
    holding.sign_in_again(owner)
    stands(owner, "Weekly reports", "Your turn", "1 weekly report is due.")
    go_on(owner, "1 weekly report is due.", "Write the report")
    holding.report_week(owner)
    stands(owner, "Weekly reports", "Done", "Every week is reported.")
    stands(owner, "Payouts", "With us", "You have earned $1,498.50 that we pay next.")
    paying.prepare(office("rossi"))
    batch = PayoutBatch.objects.get()
    paying.approve_and_pay(office("haddad"), batch)
    assert ("billing.remittance", "completed") in run_jobs()

    # The holder sees that it is paid, and keeps the remittance.
    stands(owner, "Payouts", "Done", "All that you have earned is paid.")
    expect(owner.get_by_text("Nothing waits for you")).to_be_visible()
    owner.goto(f"/portal/{school.pk}/billing/payouts/")
    row = owner.get_by_role("row", name=batch.number)
    expect(row).to_contain_text("Paid")
    expect(row).to_contain_text("$1,498.50")
    with owner.expect_download() as remittance:
        row.get_by_role("link", name="PDF").click()
    assert remittance.value.path().read_bytes().startswith(b"%PDF-")
