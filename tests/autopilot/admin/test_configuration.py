"""What staff configure while everything runs: schedules, portals and workers, checked and written down."""

import pytest
from django.urls import reverse

from autopilot import sweep
from autopilot.models import AuditEntry, Job, Portal, Schedule, Worker
from tests.autopilot.admin import rows
from tests.autopilot.admin.addresses import listed, page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_schedules")]
ADD = reverse("admin:autopilot_schedule_add")
SCHEDULE = {
    "name": "Say hello",
    "kind": "sample.simple",
    "payload": '{"subject": "monthly"}',
    "cron": "0 6 L * *",
    "time_zone": "America/New_York",
    "enabled": "on",
}


def test_it_adds_a_schedule_under_the_worker_of_its_kind(as_person, lindqvist):
    answer = as_person(lindqvist).post(ADD, SCHEDULE)

    schedule = Schedule.objects.get()
    assert answer.status_code == 302
    assert (schedule.worker_id, schedule.payload) == ("sample", {"subject": "monthly"})
    entry = AuditEntry.objects.get(name="autopilot.schedule.created")
    assert (entry.actor, entry.subject_id) == (lindqvist, str(schedule.pk))
    assert "cron" in entry.data["fields"]


@pytest.mark.parametrize(
    ("field", "entered", "message"),
    [
        ("cron", "61 * * * *", "Bad minute"),
        ("cron", "* *", "no schedule of five fields"),
        ("cron", "0 0 31 2 *", "cannot be read|never comes"),
        ("kind", "sample.nothing", "Select a valid choice"),
        ("time_zone", "Mars/Olympus", "Select a valid choice"),
        ("payload", "[1]", "Write a JSON object"),
        ("payload", "{", "Enter a valid JSON"),
        ("payload", '{"subject": 3}', "subject"),
        ("payload", "{}", "subject"),
        ("payload", '{"subject": "x", "odd": 1}', "odd"),
        ("name", "", "This field is required"),
    ],
)
def test_it_refuses_beside_its_field_what_could_not_run(as_person, lindqvist, field, entered, message):
    answer = as_person(lindqvist).post(ADD, SCHEDULE | {field: entered})

    assert answer.status_code == 200
    said = " ".join(answer.context["adminform"].form.errors[field])
    assert any(part in said for part in message.split("|")), said
    assert not Schedule.objects.exists()


def test_it_changes_a_schedule_and_says_which_fields(as_person, lindqvist):
    schedule = rows.schedule()

    as_person(lindqvist).post(page(schedule), SCHEDULE | {"cron": "0 7 * * *"})

    schedule.refresh_from_db()
    assert schedule.cron == "0 7 * * *"
    assert AuditEntry.objects.get(name="autopilot.schedule.changed").data["fields"] == ["cron"]


def test_it_shows_when_a_schedule_runs_and_what_keeps_it(as_person, lindqvist):
    schedule = rows.schedule()
    client = as_person(lindqvist)

    shown = client.get(page(schedule)).text
    assert shown.count("6:00 a.m. E") == 5
    Schedule.objects.filter(pk=schedule.pk).update(cron="99 * * * *", problem="ValueError: Bad minute")

    assert "Cannot run" in client.get(listed("schedule")).text
    assert "Bad minute" in client.get(page(schedule)).text


def test_it_keeps_a_kind_that_nobody_knows_any_more_to_be_corrected(as_person, lindqvist):
    schedule = rows.schedule()
    Schedule.objects.filter(pk=schedule.pk).update(kind="sample.gone")
    client = as_person(lindqvist)

    shown = client.get(page(schedule))
    refused = client.post(page(schedule), SCHEDULE | {"kind": "sample.gone"})

    assert '<option value="sample.gone" selected>' in shown.text
    assert "sample.gone" in str(refused.context["adminform"].form.errors)


def test_it_deletes_a_schedule_and_writes_it_down(as_person, lindqvist):
    one, other = rows.schedule("one"), rows.schedule("other")
    client = as_person(lindqvist)

    client.post(reverse("admin:autopilot_schedule_delete", args=[one.pk]), {"post": "yes"})
    client.post(listed("schedule"), {"action": "delete_selected", "_selected_action": str(other.pk), "post": "yes"})

    assert not Schedule.objects.exists()
    assert AuditEntry.objects.filter(name="autopilot.schedule.deleted", actor=lindqvist).count() == 2


def test_a_schedule_added_there_runs(as_person, lindqvist):
    as_person(lindqvist).post(ADD, SCHEDULE | {"cron": "* * * * *"})
    Schedule.objects.update(created_at="2026-01-01T00:00:00Z")

    sweep.run({"schedules": sweep.DUTIES["schedules"]})

    assert Job.objects.get().payload == {"subject": "monthly"}


def test_it_refuses_a_schedule_from_who_may_only_look(as_person, rivera):
    schedule = rows.schedule()
    client = as_person(rivera)

    assert client.post(ADD, SCHEDULE).status_code == 403
    assert client.post(page(schedule), SCHEDULE | {"cron": "0 7 * * *"}).status_code == 403
    assert 'name="cron"' not in client.get(page(schedule)).text


PORTAL = {
    "name": "State portal",
    "slug": "state",
    "delivery": "https",
    "base_url": "https://portal.example/api",
    "poll_interval": "01:00:00",
    "instructions": "",
    "active": "on",
}


def test_it_adds_a_portal_and_keeps_its_slug(as_person, stone):
    client = as_person(stone)

    client.post(reverse("admin:autopilot_portal_add"), PORTAL)
    portal = Portal.objects.get(slug="state")
    client.post(page(portal), PORTAL | {"slug": "other", "name": "New name"})

    portal.refresh_from_db()
    assert (portal.slug, portal.name) == ("state", "New name")
    assert AuditEntry.objects.get(name="autopilot.portal.changed").data["fields"] == ["name"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"delivery": "manual"}, "A manual portal needs instructions and no address"),
        ({"base_url": "http://portal.example"}, "the others need an address"),
        ({"base_url": "ftp://portal.example"}, "Enter a valid URL"),
        ({"poll_interval": "0"}, "must be longer than nothing"),
        ({"slug": "not a slug"}, "Enter a valid"),
    ],
)
def test_it_says_what_a_portal_lacks(as_person, stone, changes, message):
    answer = as_person(stone).post(reverse("admin:autopilot_portal_add"), PORTAL | changes)

    assert message in answer.text
    assert not Portal.objects.exists()


def test_it_sets_the_limits_of_a_worker(as_person, lindqvist):
    worker = Worker.objects.get_or_create(name="sample")[0]
    limits = {
        "description": "x",
        "concurrency": "2",
        "max_attempts": "5",
        "retry_base_seconds": "1",
        "retry_cap_seconds": "60",
    }

    as_person(lindqvist).post(page(worker), limits | {"enabled": "", "pause": "stop", "name": "other"})

    worker.refresh_from_db()
    assert (worker.name, worker.concurrency, worker.max_attempts) == ("sample", 2, 5)
    assert worker.enabled
    assert AuditEntry.objects.get(name="autopilot.worker.changed").actor == lindqvist


def test_it_refuses_limits_that_would_stop_a_worker(as_person, lindqvist):
    worker = Worker.objects.get_or_create(name="sample")[0]
    limits = {
        "description": "x",
        "concurrency": "0",
        "max_attempts": "",
        "retry_base_seconds": "1",
        "retry_cap_seconds": "60",
    }

    answer = as_person(lindqvist).post(page(worker), limits)

    assert answer.status_code == 200
    assert "concurrency" in str(answer.context["adminform"].form.errors)
    assert Worker.objects.get(pk=worker.pk).concurrency is None
