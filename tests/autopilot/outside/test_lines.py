"""A portal that fails again and again, or says nothing for minutes: what waits, what goes on, and how it is over."""

from datetime import timedelta

import pytest

from autopilot import clock, doctor, submissions
from autopilot.exceptions import Retryable, Snooze, Uncertain
from autopilot.identifiers import uuid7
from autopilot.models.portals import Portal, PortalLine
from autopilot.outbound import NeverSent
from autopilot.submissions import lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(office):
    """A portal that cannot be reached any more."""
    Portal.objects.filter(pk=office.pk).update(base_url="http://127.0.0.1:1/")
    office.refresh_from_db()
    return office


@pytest.fixture(autouse=True)
def _may_be_called(settings, portal):
    settings.OUTBOUND_PRIVATE_HOSTS = [*settings.OUTBOUND_PRIVATE_HOSTS, "127.0.0.1:1"]


def fail(submission, times=lines.MOST_FAILURES):
    for _ in range(times):
        with pytest.raises(NeverSent):
            submissions.send(submission.pk)


def test_it_leaves_a_portal_alone_after_five_failures_in_a_row(gone, prepared):
    submission = prepared(gone)
    fail(submission)

    with pytest.raises(Snooze):
        submissions.send(submission.pk)

    gone.refresh_from_db()
    assert gone.failures == 5
    submission.refresh_from_db()
    assert submission.status == "prepared"


def test_it_counts_failures_in_a_row_only(office, gone, prepared, portal):
    submission = prepared(gone)
    fail(submission, 4)
    Portal.objects.filter(pk=office.pk).update(base_url=portal.url)
    submissions.send(submission.pk)
    Portal.objects.filter(pk=office.pk).update(base_url="http://127.0.0.1:1/")

    fail(prepared(gone), 4)

    gone.refresh_from_db()
    assert (gone.failures, gone.paused_until) == (4, None)


def test_it_lets_one_caller_try_after_a_minute(gone, prepared):
    first, second = prepared(gone), prepared(gone)
    fail(first)

    with clock.moved(timedelta(seconds=61)):
        with pytest.raises(NeverSent):
            submissions.send(second.pk)
        with pytest.raises(Snooze):
            submissions.send(first.pk)


def test_it_goes_on_for_everybody_once_the_trial_succeeds(gone, prepared, portal):
    first, second = prepared(gone), prepared(gone)
    fail(first)
    Portal.objects.filter(pk=gone.pk).update(base_url=portal.url)

    with clock.moved(timedelta(seconds=61)):
        receipts = submissions.send(first.pk), submissions.send(second.pk)

    assert all(receipt["number"] for receipt in receipts)
    gone.refresh_from_db()
    assert (gone.failures, gone.paused_until) == (0, None)


def test_it_does_not_put_off_a_question_about_what_may_have_happened(gone, prepared):
    submission = prepared(gone)
    fail(submission)

    with pytest.raises(Retryable, match="left alone"):
        submissions.find(submission.pk)


def test_it_takes_no_refusal_for_a_failure(portal, office, prepared):
    portal.set(refuse_reasons=["It is not signed."])

    for _ in range(6):
        with pytest.raises(submissions.PortalRefused):
            submissions.send(prepared(office).pk)

    office.refresh_from_db()
    assert office.failures == 0


@pytest.mark.parametrize(("workers", "most"), [(1, 1), (2, 1), (4, 3)])
def test_it_leaves_a_worker_for_other_work(office, settings, monkeypatch, workers, most):
    monkeypatch.setattr(lines, "LONGEST_WAIT", 0.0)
    settings.AUTOPILOT_WORKERS = workers
    held = [lines.talking(office, uuid7()) for _ in range(most)]
    for line in held:
        line.__enter__()

    with pytest.raises(Snooze), lines.talking(office, uuid7()):
        pass

    for line in held:
        line.__exit__(None, None, None)
    with lines.talking(office, uuid7()):
        assert PortalLine.objects.filter(until__gt=clock.now()).count() == 1


def test_it_takes_up_again_the_line_of_a_process_that_died(office, settings, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST_WAIT", 0.0)
    settings.AUTOPILOT_WORKERS = 2
    submission, other = uuid7(), uuid7()
    PortalLine.objects.create(portal=office, number=0, holder=submission, until=clock.now() + timedelta(minutes=1))

    with pytest.raises(Snooze), lines.talking(office, other):
        pass
    with lines.talking(office, submission):
        taken = PortalLine.objects.get().holder
    with clock.moved(lines.LEASE), lines.talking(office, other):
        pass

    assert taken == submission


def test_it_frees_the_line_whatever_happens(office):
    with pytest.raises(Uncertain), lines.talking(office, uuid7()):
        raise Uncertain

    line = PortalLine.objects.get()
    assert line.until <= clock.now()


def test_it_is_told_by_the_doctor_and_in_the_office(gone, prepared, admin_client):
    fail(prepared(gone))

    found = doctor.examine(["portals"])
    page = admin_client.get("/admin/autopilot/portal/").content.decode()

    assert [(finding.subject, finding.repaired) for finding in found] == [("portal sandbox", False)]
    assert "5 times in a row" in found[0].problem
    assert "Not answering" in page
