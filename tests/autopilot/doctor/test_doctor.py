"""The doctor sees each planted fault, repairs what is safe to repair, and sees none the second time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError

from autopilot import clock, doctor
from autopilot.doctor import history
from autopilot.engine import enqueue, statements
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, ClusterHeartbeat, Job, OutboxMessage, Schedule, Step, Worker
from autopilot.testing import run_jobs
from tests.autopilot.doctor import wards
from tests.autopilot.doctor.wards import found, subject
from tests.autopilot.engine.runs import again
from tests.autopilot.engine.standing import LEASE, new, standing
from tests.autopilot.management.calls import run, run_json
from tests.autopilot.management.tables import contents

pytestmark = pytest.mark.django_db

REPAIRED: dict[str, tuple[Callable[[], Any], str]] = {
    "leases": (wards.expired_lease, "pending"),
    "waits": (wards.lost_decision, "pending"),
    "joins": (wards.asleep_parent, "pending"),
    "timers": (wards.overdue_timer, "pending"),
    "checkpoints": (wards.pending_checkpoint_of_an_ended_job, "cancelled"),
    "orphans": (wards.orphan, "cancelled"),
}
TOLD: dict[str, tuple[Callable[[], Any], str]] = {
    "kinds": (wards.unknown_kind, "No handler is registered for it; of it: 1 live job."),
    "workers": (wards.paused_worker, "and 1 due job lies before it."),
    "events": (wards.altered_event, "Event 2 was altered."),
    "documents": (wards.damaged_document, "is not what was archived"),
    "ledger": (wards.forgotten_document, "It is not in the ledger."),
}


def test_it_finds_nothing_where_nothing_is_wrong():
    wards.sound()
    standing("running")
    standing("completed")
    run_jobs()

    assert doctor.examine(everything=True) == []


@pytest.mark.parametrize("name", REPAIRED)
def test_it_sees_it_repairs_it_and_sees_it_no_more(name):
    plant, status = REPAIRED[name]
    job = plant()
    before = contents()

    seen = found(name, dry_run=True)
    untouched = contents() == before
    repaired = found(name)

    assert (len(seen), seen[0].repaired, untouched) == (1, False, True)
    assert [finding.repaired for finding in repaired] == [True]
    assert found(name) == []
    assert again(job).status == status


@pytest.mark.parametrize("name", [name for name in REPAIRED if name not in ("orphans", "checkpoints")])
def test_what_it_repaired_stands_in_the_history(name):
    job = REPAIRED[name][0]()

    found(name)

    event = job.events.get(why="repaired")
    assert (event.actor, event.detail) == ("doctor", {"check": name})


@pytest.mark.parametrize("name", TOLD)
def test_it_tells_what_a_person_must_mend(name):
    plant, told = TOLD[name]
    plant()
    before = contents()

    (finding,) = found(name)

    assert told in finding.problem
    assert (finding.repaired, finding.repair, bool(finding.remedy)) == (False, None, True)
    assert contents() == before


def test_it_wakes_what_waits_for_a_time_nobody_wrote_down():
    job = wards.lost_timer()

    assert [finding.subject for finding in found("waits")] == [subject(job)]
    assert again(job).status == "pending"


def test_a_woken_job_goes_on_as_if_it_had_been_told():
    job = wards.lost_decision()
    found("waits")

    assert run_jobs() == [("test.ask", "completed")]
    assert again(job).status == "completed"


def test_it_never_touches_a_step_that_may_happen_once_only():
    job = wards.lost_decision()
    Step.objects.create(job=job, generation=1, key="send", effect="once", state="started", epoch=1)

    (finding,) = found("waits")

    assert (finding.repaired, finding.repair) == (False, None)
    assert again(job).status == "waiting"


def test_it_never_decides_and_never_requeues_what_failed():
    asking, failed = wards.sound(), standing("failed")

    doctor.examine()

    assert asking.checkpoints.get().status == "pending"
    assert (again(asking).status, again(failed).status) == ("waiting", "failed")


def test_it_asks_a_person_about_parts_of_jobs_that_did_not_end_by_cancelling():
    part, alone = wards.orphan("failed"), standing("blocked")

    seen = found("orphans")

    assert [finding.subject for finding in seen] == [subject(part), subject(alone)]
    assert {finding.repair for finding in seen} == {None}


def test_it_closes_only_what_asks_about_ended_jobs():
    ended, asking = wards.pending_checkpoint_of_an_ended_job(), wards.sound()

    found("checkpoints")

    assert Checkpoint.objects.get(job=ended).status == "cancelled"
    assert Checkpoint.objects.get(job=asking).status == "pending"


def test_it_sends_what_was_forgotten_in_the_outbox():
    left = wards.forgotten_message()

    (finding,) = found("outbox")

    assert (finding.subject, finding.repaired, len(mail.outbox)) == ("due messages", True, 1)
    assert OutboxMessage.objects.get(pk=left.pk).status == "sent"
    assert found("outbox") == []


def test_it_tells_of_messages_that_are_refused_again_and_again():
    left = wards.forgotten_message()
    later = clock.now() + timedelta(minutes=5)
    OutboxMessage.objects.filter(pk=left.pk).update(attempts=3, error="SMTPException", next_attempt_at=later)

    (finding,) = found("outbox")

    assert (finding.subject, finding.repair) == ("SMTPException", None)
    assert "1 message is tried again and again" in finding.problem


def test_it_lets_a_late_schedule_catch_up_once():
    schedule = wards.late_schedule()

    assert [finding.repaired for finding in found("schedules")] == [True]
    assert found("schedules") == []
    assert Job.objects.filter(requester_label="schedule Late").count() == 1
    assert Schedule.objects.get(pk=schedule.pk).last_job is not None


@pytest.mark.parametrize(
    "change", [{"cron": "every day"}, {"time_zone": "Mars/Base"}, {"kind": "gone.away"}, {"problem": "Broken."}]
)
def test_it_tells_of_a_schedule_that_cannot_run(change):
    schedule = wards.late_schedule()
    Schedule.objects.filter(pk=schedule.pk).update(**change)

    (finding,) = found("schedules")

    assert (finding.subject, finding.repair) == (subject(schedule), None)
    assert finding.problem.startswith("It cannot run: ")


def test_it_says_nothing_of_schedules_that_are_off():
    schedule = wards.late_schedule()
    Schedule.objects.filter(pk=schedule.pk).update(enabled=False)

    assert found("schedules") == []


def overdue_work() -> Job:
    """A job that has been due for long."""
    return wards.force(new(), scheduled_for=clock.now() - wards.LONG_AGO)


def pump(**fields: Any) -> None:
    """A process of a cluster that has just given a sign of life."""
    ClusterHeartbeat.objects.create(process="host:1", cluster="host", role="pump", **fields)


def test_it_tells_that_no_cluster_is_there():
    overdue_work()

    (finding,) = found("cluster")

    assert finding.remedy == "Start one: manage.py autopilot"


def test_it_tells_of_a_cluster_that_claims_nothing():
    overdue_work()
    pump(last_claim_at=clock.now() - wards.LONG_AGO)

    (finding,) = found("cluster")

    assert "claim nothing" in finding.problem


def test_it_leaves_a_cluster_alone_that_works():
    assert found("cluster") == []
    overdue_work()
    pump(last_claim_at=clock.now())
    assert found("cluster") == []
    ClusterHeartbeat.objects.update(last_claim_at=None)
    standing("running")
    assert found("cluster") == []


def test_it_leaves_a_cluster_alone_whose_work_is_paused():
    overdue_work()
    Worker.objects.create(name="test", enabled=False, pause="drain")

    assert found("cluster") == []


@pytest.mark.parametrize(("apart", "findings"), [(1, 0), (-1, 0), (3, 1), (-3, 1)])
def test_it_compares_our_clock_with_the_databases(apart, findings):
    with clock.moved(timedelta(seconds=apart)):
        assert len(found("clock")) == findings


def test_it_sees_events_that_are_missing_and_states_written_past_them():
    cut, forged = wards.sound(), wards.sound()
    cut.events.filter(seq=3).delete()
    wards.force(forged, status="pending", wait_reason="", waiting_since=None, wake_at=None)

    problems = {finding.subject: finding.problem for finding in found("events")}

    assert problems == {
        subject(cut): "Of 3 events, 2 are there.",
        subject(forged): "It is pending, and its history says waiting.",
    }


def test_it_reads_a_sample_of_many_histories_and_all_if_asked(monkeypatch):
    first = wards.altered_event()
    for _ in range(5):
        new()
    monkeypatch.setattr(history, "NEWEST", 2)
    monkeypatch.setattr(history, "AT_RANDOM", 0)

    assert found("events") == []
    assert [finding.subject for finding in found("events", everything=True)] == [subject(first)]
    monkeypatch.setattr(history, "AT_RANDOM", 200)
    assert [finding.subject for finding in found("events")] == [subject(first)]


def test_it_takes_a_job_that_goes_on_meanwhile_for_whole():
    stale = new()
    statements.claim("test", LEASE)

    assert history.problem_of(stale) == ""


def test_it_reads_every_archived_file_if_asked(monkeypatch):
    monkeypatch.setattr(doctor.archive, "NEWEST", 0)
    monkeypatch.setattr(doctor.archive, "AT_RANDOM", 0)
    document = wards.damaged_document()

    assert found("documents") == []
    assert [finding.subject for finding in found("documents", everything=True)] == [f"file {document.sha256}"]


def test_it_repairs_no_more_than_its_limit():
    for _ in range(4):
        wards.overdue_timer()

    assert sum(finding.repaired for finding in doctor.examine(["timers"], repairs=3)) == 3
    assert [finding.repaired for finding in doctor.examine(["timers"], repairs=3)] == [True]


def test_a_broken_check_is_a_finding_and_stops_no_other(monkeypatch):
    def broken(everything: bool) -> Any:
        raise ZeroDivisionError

    wards.unknown_kind()
    monkeypatch.setitem(doctor.CHECKS, "leases", broken)

    first, second = doctor.examine(["leases", "kinds"])

    assert (first.problem, second.check) == ("The check itself failed: ZeroDivisionError.", "kinds")


def test_it_ends_when_the_database_is_away(monkeypatch):
    def away(everything: bool) -> Any:
        raise OperationalError

    monkeypatch.setitem(doctor.CHECKS, "leases", away)

    with pytest.raises(OperationalError):
        doctor.examine()


def test_the_command_repairs_and_says_what_remains():
    wards.overdue_timer()
    wards.unknown_kind()

    first, second = run_json("doctor"), run_json("doctor")

    assert (first.code, [(row["check"], row["outcome"]) for row in first.json]) == (
        1,
        [("timers", "repaired"), ("kinds", "found")],
    )
    assert [(row["check"], row["outcome"]) for row in second.json] == [("kinds", "found")]
    assert "1 of 2 findings remain." in first.err


def test_the_command_ends_with_0_where_nothing_remains():
    wards.overdue_timer()

    assert [run("doctor", "--check", "timers").code for _ in range(2)] == [0, 0]


def test_a_dry_run_of_the_command_changes_nothing():
    for plant, _ in REPAIRED.values():
        plant()
    wards.late_schedule()
    wards.forgotten_message()
    before = contents()

    ran = run_json("doctor", "--dry-run")

    assert contents() == before
    would = {row["check"] for row in ran.json if row["outcome"] == "would be repaired"}
    assert (ran.code, would) == (1, {*REPAIRED, "schedules", "outbox"})


def test_the_command_knows_its_checks_alone(capsys):
    assert run("doctor", "--check", "weather").code == 2
    assert "invalid choice: 'weather'" in capsys.readouterr().err


def test_its_job_keeps_what_it_found():
    lost = wards.lost_timer()
    wards.unknown_kind()
    job = enqueue("autopilot.doctor", tenant_id=uuid7())

    assert ("autopilot.doctor", "completed") in run_jobs()

    result = again(job).result
    assert (result["repaired"], [each["check"] for each in result["findings"]]) == (1, ["kinds"])
    assert again(lost).status != "waiting"
