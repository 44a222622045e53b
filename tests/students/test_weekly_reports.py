"""Weekly reports: due for each week a cohort met, sent and sent again, asked for once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from autopilot import clock, outbox
from autopilot.engine import enqueue
from autopilot.models import AuditEntry, Job, OutboxMessage, Schedule
from autopilot.testing import replayed
from students.models import ProgressNote, WeeklyReport
from students.services import weekly_reports
from students.services.weekly_reports import ReportFacts, due_reports, remind_of_due_reports, submit_weekly_report
from students.weeks import WEEK, first_day, week_ending
from tests.programs.samples import member_of
from tests.students.samples import active, applied, cohort, coordinator, school, session

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbor():
    return school()


@pytest.fixture
def spring(harbor):
    return cohort(harbor)


@pytest.fixture
def clerk(harbor):
    return coordinator(harbor)


def last_week():
    return week_ending(clock.today()) - WEEK


def met(spring, weeks_ago=1):
    """Let a cohort meet on the Tuesday some weeks ago."""
    day = first_day(week_ending(clock.today()) - weeks_ago * WEEK) + timedelta(days=1)
    return session(spring, (clock.today() - day).days)


def facts(hours="12.5", **more):
    return ReportFacts(Decimal(hours), **more)


def test_it_is_due_for_each_week_that_is_over_and_in_which_the_cohort_met(harbor, spring):
    for weeks in (0, 1, 3, 12):
        met(spring, weeks)
    met(cohort(school(ein="35-7654321")))

    due = due_reports(harbor)

    assert [each.week_ending for each in due] == [last_week() - 2 * WEEK, last_week()]


def test_it_is_not_due_once_it_is_sent(harbor, spring, clerk):
    met(spring)

    report = submit_weekly_report(spring, ending=last_week(), facts=facts(skills=" Fades. "), by=clerk)

    assert (report.hours_taught, report.skills, report.holder) == (Decimal("12.5"), "Fades.", harbor)
    assert due_reports(harbor) == []
    assert OutboxMessage.objects.filter(topic=weekly_reports.SUBMITTED, tenant_id=harbor.pk).count() == 1
    assert AuditEntry.objects.get(name="students.weekly_report.submitted").actor == clerk


def test_what_is_sent_again_takes_its_place(spring, clerk):
    ann, ben = active(spring), active(spring, 2)
    for notes in ({ann.pk: "Slow.", ben.pk: "Good."}, {ann.pk: "Better.", ben.pk: " "}):
        submit_weekly_report(spring, ending=last_week(), facts=facts(progress=notes), by=clerk)

    assert WeeklyReport.objects.count() == 1
    assert list(ProgressNote.objects.values_list("enrollment", "text")) == [(ann.pk, "Better.")]
    assert AuditEntry.objects.filter(name="students.weekly_report.revised").count() == 1
    assert OutboxMessage.objects.filter(topic=weekly_reports.SUBMITTED).count() == 1


@pytest.mark.parametrize("days", [-1, 14, -7 * 40])
def test_it_refuses_another_week(spring, clerk, days):
    with pytest.raises(ValidationError) as refusal:
        submit_weekly_report(spring, ending=last_week() + timedelta(days=days), facts=facts(), by=clerk)

    assert refusal.value.code == "week"


@pytest.mark.parametrize("said", [facts("0.3"), facts("-1"), facts("168.5"), facts(skills="x" * 2001)])
def test_it_refuses_what_does_not_fit(spring, clerk, said):
    with pytest.raises(ValidationError):
        submit_weekly_report(spring, ending=last_week(), facts=said, by=clerk)

    assert not WeeklyReport.objects.exists()


def test_it_tells_of_nobody_who_did_not_train(spring, clerk):
    other = active(cohort(school(ein="35-7654321")), 2)

    for stranger in (other, applied(spring, 3)):
        with pytest.raises(ValidationError) as refusal:
            submit_weekly_report(spring, ending=last_week(), facts=facts(progress={stranger.pk: "x"}), by=clerk)
        assert refusal.value.code == "not_expected"


def test_it_is_asked_for_once_by_mail(harbor, spring):
    owner = member_of(harbor)
    met(spring)

    assert (remind_of_due_reports(), remind_of_due_reports()) == (1, 0)
    outbox.deliver_due(50)

    [letter] = [letter for letter in mail.outbox if "due" in letter.subject]
    assert letter.bcc == [owner.email]
    assert f"/portal/{harbor.pk}/weekly-reports/{spring.pk}/{last_week()}/" in letter.body


def test_nobody_is_asked_for_what_was_sent_meanwhile(harbor, spring, clerk):
    met(spring)
    remind_of_due_reports()
    submit_weekly_report(spring, ending=last_week(), facts=facts(), by=clerk)
    outbox.deliver_due(50)

    assert not [letter for letter in mail.outbox if "is due" in letter.subject]
    assert OutboxMessage.objects.get(topic=weekly_reports.DUE).status == "sent"


def test_a_schedule_asks_every_monday(spring):
    met(spring)
    schedule = Schedule.objects.get(kind="report.remind")
    job = enqueue("report.remind", tenant_id=spring.program.holder_id)

    assert replayed(job)[-1] == "completed"
    assert Job.objects.get(pk=job.pk).result == {"reminded": 1}
    assert schedule.cron.endswith(" 1")


@pytest.fixture
def page(client, harbor, clerk):
    client.force_login(clerk)

    def ask(path="", **posted):
        address = f"/portal/{harbor.pk}/weekly-reports/{path}"
        return client.post(address, posted) if posted else client.get(address)

    return ask


def test_a_report_goes_all_the_way(page, spring):
    ann = active(spring)
    met(spring)
    address = f"{spring.pk}/{last_week()}/"
    assert address in page().content.decode()
    assert 'value="4"' in page(address).content.decode()

    page(address, hours_taught="4.5", skills="Fades.", **{f"progress-{ann.pk}": "<b>Good</b>"})

    assert ProgressNote.objects.get().text == "<b>Good</b>"
    assert "Nothing is due" in page().content.decode()
    assert "&lt;b&gt;Good" in page(address).content.decode()


@pytest.mark.parametrize("hours", ["", "x", "4.3", "-1", "NaN", "1e5"])
def test_it_says_what_is_wrong(page, spring, hours):
    answer = page(f"{spring.pk}/{last_week()}/", hours_taught=hours, skills="")

    assert "error-summary" in answer.content.decode()
    assert not WeeklyReport.objects.exists()


@pytest.mark.parametrize("week", ["x", "2026-02-31", "2020-01-05", "2026-11-17"])
def test_there_are_no_other_weeks(page, spring, week):
    assert page(f"{spring.pk}/{week}/").status_code == 404


def test_the_cohort_of_another_holder_is_not_there(page):
    other = cohort(school(ein="35-7654321"))

    assert page(f"{other.pk}/{last_week()}/").status_code == 404
    assert page(f"{other.pk}/{last_week()}/", hours_taught="1").status_code == 404


def test_who_may_only_read_sends_nothing(client, harbor, spring):
    client.force_login(member_of(harbor, "read_only"))
    address = f"/portal/{harbor.pk}/weekly-reports/{spring.pk}/{last_week()}/"

    assert "hours_taught" not in client.get(address).content.decode()
    assert client.post(address, {"hours_taught": "1"}).status_code == 403
