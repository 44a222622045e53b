"""Alerts come when a threshold is passed, not when it is reached, and lead to what they mean."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from autopilot import clock
from autopilot.engine.transitions import LEGAL
from autopilot.models import Job, OutboxMessage, Worker
from autopilot.reports.alerts import FAILURES, REJECTED, find_alerts
from autopilot.reports.queue import cluster, queue
from tests.autopilot.dashboard.states import DAY, HOUR, MINUTE, SECOND, due, failed, heartbeat, message, running
from tests.autopilot.sweep.asking import asked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def living_cluster(db):
    """A cluster that is there, so that its absence is no alert."""
    return heartbeat()


def alerts(name=None):
    return [each for each in find_alerts(queue(), cluster()) if name in (None, each.name)]


def meant_by(client, person, alert):
    """Return the ids of the rows in the list that an alert leads to."""
    client.force_login(person)
    address = f"{reverse(f'admin:autopilot_{alert.subject}_changelist')}?{urlencode(alert.query)}"
    answer = client.get(address)
    assert answer.status_code == 200, address
    return {row.pk for row in answer.context["cl"].result_list}


def own(worker, **thresholds):
    Worker.objects.update_or_create(name=worker, defaults=thresholds)


def test_it_says_nothing_while_nothing_is_wrong():
    due(1)
    running(1)

    assert alerts() == []


def test_it_tells_of_more_failures_than_the_threshold(client, operator):
    five = failed(5)
    failed(9, reason="rejected")
    failed(9, ago=HOUR + MINUTE)
    assert alerts("failed") == []

    sixth = failed(1)
    [alert] = alerts("failed")

    assert alert.title == "6 jobs failed within 1 hour."
    assert meant_by(client, operator, alert) == {job.pk for job in five + sixth}


def test_it_forgets_failures_that_were_requeued():
    first, *_ = failed(6)
    Job.objects.filter(pk=first.pk).update(status="pending", finished_at=None, reason="")

    assert alerts("failed") == []


def test_it_counts_failures_in_the_window_of_the_settings(settings):
    settings.ALERT_FAILED, settings.ALERT_FAILED_WINDOW = 0, timedelta(minutes=5)
    failed(1, ago=6 * MINUTE)
    assert alerts("failed") == []

    failed(1, ago=4 * MINUTE)

    assert [alert.title for alert in alerts("failed")] == ["1 job failed within 5 minutes."]


def test_it_holds_a_worker_to_its_own_threshold_and_the_others_together(client, operator):
    own("quiet", alert_failed=1)
    failed(1, worker="quiet")
    failed(3, worker="one")
    failed(2, worker="two")
    assert alerts("failed") == []

    failed(1, worker="quiet")
    [alert] = alerts("failed")

    assert alert.title == "2 jobs of the worker quiet failed within 1 hour."
    assert alert.query["worker"] == "quiet"


def test_it_tells_of_more_due_jobs_than_the_threshold(settings, client, operator):
    settings.ALERT_DEPTH = 3
    due(3)
    due(2, ago=-HOUR)
    assert alerts("depth") == []

    due(1)
    [alert] = alerts("depth")

    assert alert.title == "4 jobs are due and not started."
    assert len(meant_by(client, operator, alert)) == 4


def test_it_holds_a_worker_to_its_own_depth(settings):
    settings.ALERT_DEPTH = 2
    own("busy", alert_depth=4)
    due(4, worker="busy")
    due(2)
    assert alerts("depth") == []

    due(1, worker="busy")

    assert [alert.title for alert in alerts("depth")] == ["5 jobs of the worker busy are due and not started."]


def test_it_tells_of_runs_that_take_longer_than_the_threshold(client, operator):
    running(295)
    assert alerts("run") == []

    long = running(302)
    [alert] = alerts("run")

    assert alert.title == "1 job runs for longer than 5 minutes."
    assert meant_by(client, operator, alert) == {long.pk}


def test_it_holds_the_runs_of_a_worker_to_its_own_threshold():
    own("slow", alert_run_seconds=500)
    own("fast", alert_run_seconds=10)
    running(450, worker="slow")
    assert alerts("run") == []

    running(12, worker="fast")

    assert [alert.title for alert in alerts("run")] == ["1 job runs for longer than 10 seconds."]


@pytest.mark.parametrize(("ago", "told"), [(HOUR - SECOND, 0), (HOUR + SECOND, 1)], ids=["at an hour", "after it"])
def test_it_tells_of_a_cluster_that_is_silent(living_cluster, ago, told):
    living_cluster.delete()
    heartbeat(ago)
    # A supervisor runs no job.
    heartbeat(SECOND, process="here", role="supervisor")

    assert [alert.title for alert in alerts("cluster")] == ["No cluster has given a sign of life for 1 hour."] * told


def test_it_tells_of_a_cluster_that_never_was(living_cluster):
    living_cluster.delete()

    assert [alert.level for alert in alerts("cluster")] == ["warn"]


def test_it_tells_of_jobs_whose_processes_kept_dying(client, operator):
    failed(1, reason="crash_loop", ago=DAY + MINUTE)
    assert alerts("crashed") == []

    [job] = failed(1, reason="crash_loop", ago=2 * HOUR)
    [alert] = alerts("crashed")

    assert meant_by(client, operator, alert) == {job.pk}


def test_it_tells_of_reviews_that_are_overdue(client, operator):
    checkpoint = asked(due="1h")
    asked()
    assert alerts("overdue") == []

    with clock.moved(HOUR + SECOND):
        [alert] = alerts("overdue")

        assert alert.title == "1 review is overdue."
        assert meant_by(client, operator, alert) == {checkpoint.pk}


def test_it_tells_of_messages_that_do_not_leave(client, operator):
    message(attempts=2)
    assert alerts("unsent") == []

    stuck = message(attempts=3)
    [alert] = alerts("unsent")

    assert meant_by(client, operator, alert) == {stuck.pk}


def test_it_tells_of_messages_that_were_given_up(client, operator):
    message(status=OutboxMessage.Status.FAILED, next_attempt_at=clock.now() - DAY - MINUTE)
    assert alerts("given_up") == []

    lost = message(status=OutboxMessage.Status.FAILED)
    [alert] = alerts("given_up")

    assert meant_by(client, operator, alert) == {lost.pk}


def test_it_puts_what_is_worse_first():
    message(attempts=3)
    failed(6)

    assert [alert.level for alert in alerts()] == ["fail", "warn"]


def test_it_knows_every_reason_to_fail():
    whys = {why for (_, target), reasons in LEGAL.items() if target == "failed" for why in reasons}

    assert {*FAILURES, REJECTED} == whys


def test_it_names_no_person(settings):
    settings.ALERT_DEPTH = settings.ALERT_FAILED = 0
    asked(due="1h")
    failed(1)
    due(1)

    with clock.moved(2 * HOUR):
        told = json.dumps([(alert.title, alert.advice, alert.query) for alert in alerts()])

    assert "alice" not in told
