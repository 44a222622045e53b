"""Each process of a cluster says that it is there."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.cluster import heartbeats
from autopilot.models.clusters import ClusterHeartbeat

pytestmark = pytest.mark.django_db
HALF_A_MINUTE = timedelta(seconds=30)


def test_it_introduces_a_process():
    heartbeats.report("host:2", cluster="host:1", role=heartbeats.Role.PUMP)

    pump = ClusterHeartbeat.objects.get()
    assert (pump.process, pump.cluster, pump.role, pump.claims) == ("host:2", "host:1", "pump", 0)
    assert pump.last_claim_at is None
    assert pump.version


def test_it_says_again_that_it_is_there_and_adds_up_its_claims():
    heartbeats.report("host:2", cluster="host:1", role=heartbeats.Role.PUMP, claims=2)
    first = ClusterHeartbeat.objects.get()

    with clock.moved(HALF_A_MINUTE):
        heartbeats.report("host:2", cluster="host:1", role=heartbeats.Role.PUMP, claims=3)

    pump = ClusterHeartbeat.objects.get()
    assert pump.claims == 5
    assert pump.started_at == first.started_at
    assert pump.seen_at - first.seen_at >= HALF_A_MINUTE
    assert pump.last_claim_at == pump.seen_at


def test_it_touches_only_who_has_reported():
    heartbeats.report("host:2", cluster="host:1", role=heartbeats.Role.PUMP, claims=1)
    before = ClusterHeartbeat.objects.get()

    with clock.moved(HALF_A_MINUTE):
        assert heartbeats.touch("host:2")
        assert not heartbeats.touch("host:3")

    after = ClusterHeartbeat.objects.get()
    assert after.seen_at > before.seen_at
    assert after.last_claim_at == before.last_claim_at


@pytest.mark.parametrize(("watchdog", "interval"), [(30, 10), (300, 10), (6, 2)])
def test_it_reports_several_times_within_the_watchdogs_patience(settings, watchdog, interval):
    settings.AUTOPILOT_WATCHDOG = timedelta(seconds=watchdog)

    assert heartbeats.interval() == interval
