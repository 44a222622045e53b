"""The duty that forgets processes which have long been silent."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.models import ClusterHeartbeat
from autopilot.sweep import heartbeats

pytestmark = pytest.mark.django_db


def test_it_forgets_who_has_been_silent_for_a_day():
    for name, hours in {"old": 24, "young": 23}.items():
        seen_at = clock.now() - timedelta(hours=hours)
        ClusterHeartbeat.objects.create(process=name, cluster="c", role="pump", seen_at=seen_at)

    assert [heartbeats.run(), heartbeats.run()] == [1, 0]

    assert ClusterHeartbeat.objects.get().process == "young"
