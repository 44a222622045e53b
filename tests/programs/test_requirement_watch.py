"""What happens to proofs by the calendar: each reminder once, and an expiry on the day after the last good one."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.engine import registry
from autopilot.models import OutboxMessage, Schedule
from programs.models import Requirement, RequirementReminder, RequirementStatus, RequirementType
from programs.services.requirements import watch
from tests.programs.proofs import accepted, in_days, owner, requirement
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


def due_in(row: Requirement, days: int) -> None:
    """Let a proof be good for so many more days."""
    Requirement.objects.filter(pk=row.pk).update(expires_on=in_days(days))


def told() -> list[str]:
    found = OutboxMessage.objects.filter(topic__in=["programs.requirement.expiring", "programs.requirement.expired"])
    return [message.topic.rsplit(".", 1)[1] for message in found.order_by("pk")]


def test_each_reminder_goes_out_once(school):
    accepted(school, days=61)

    sent = []
    for day in range(64):
        with clock.moved(timedelta(days=day)):
            for _ in range(2):
                sent += ["x"] * (watch()["reminded"])
    days = list(RequirementReminder.objects.order_by("pk").values_list("days", flat=True))

    assert days == [60, 30, 15, 7, 1, 0]
    assert len(sent) == 5
    assert told() == ["expiring"] * 5 + ["expired"]


def test_a_late_start_catches_up_once(school):
    row = accepted(school)
    due_in(row, 10)

    assert [watch()["reminded"] for _ in range(2)] == [1, 0]
    assert RequirementReminder.objects.get().days == 15


@pytest.mark.parametrize(("days", "status"), [(1, "accepted"), (0, "accepted"), (-1, "expired"), (-40, "expired")])
def test_it_expires_on_the_day_after_the_last_good_one(school, days, status):
    row = accepted(school)
    due_in(row, days)

    watch()

    row.refresh_from_db()
    assert row.status == status


def test_the_day_is_the_networks(school, settings):
    row = accepted(school)
    due_in(row, 0)
    settings.TIME_ZONE = "Pacific/Kiritimati" if clock.now().hour >= 10 else "Pacific/Honolulu"
    shifted = clock.today()

    watch()

    row.refresh_from_db()
    assert row.status == (RequirementStatus.EXPIRED if row.expires_on < shifted else RequirementStatus.ACCEPTED)


def test_days_are_those_of_the_type(school):
    RequirementType.objects.filter(slug="license").update(reminder_days=[90])
    accepted(school, days=80)

    watch()

    assert RequirementReminder.objects.get().days == 90


def test_a_new_proof_is_reminded_of_anew(school):
    row = accepted(school, days=7)
    watch()

    accepted(school, days=5)
    watch()

    assert RequirementReminder.objects.filter(requirement=row).count() == 2


@pytest.mark.parametrize("status", ["missing", "submitted", "rejected", "expired"])
def test_what_is_not_accepted_is_left_alone(school, status):
    Requirement.objects.filter(pk=requirement(school).pk).update(
        status=status, expires_on=in_days(-3), remark="No." if status == "rejected" else ""
    )

    assert watch() == {"checklists": 1, "expired": 0, "reminded": 0}


def test_a_type_that_comes_into_force_is_asked_the_same_day(school):
    RequirementType.objects.create(slug="drill", title="Fire drill", group="compliance", effective_from=in_days(3))

    with clock.moved(timedelta(days=3)):
        watch()

    assert requirement(school, "drill").status == RequirementStatus.MISSING


def test_the_holders_people_read_what_expires(school):
    person = owner(school)
    row = accepted(school, days=7)
    watch()

    message = registry.find_message("programs.requirement.expiring")(requirement_id=str(row.pk))

    assert message.bcc == [person.email]
    assert "Business or school license" in message.subject
    assert f"/portal/{school.pk}/requirements/{row.pk}/" in message.body


def test_a_schedule_runs_it_every_day_by_itself(db):
    schedule = Schedule.objects.get(kind="requirement.watch")

    assert (schedule.cron, schedule.enabled) == ("5 0 * * *", True)
    assert registry.find_handler("requirement.watch").worker == schedule.worker_id
