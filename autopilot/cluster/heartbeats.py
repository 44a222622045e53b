"""Signs of life: each process of a cluster says every few seconds that it is there."""

from django.conf import settings
from django.db import connection
from django.db.models import F

from autopilot import __version__, clock
from autopilot.models.clusters import ClusterHeartbeat

LONGEST_INTERVAL = 10.0

Role = ClusterHeartbeat.Role


def interval() -> float:
    """Return the seconds between two signs of life: several fit into the watchdog's patience."""
    return min(LONGEST_INTERVAL, settings.AUTOPILOT_WATCHDOG.total_seconds() / 3)


def report(process: str, *, cluster: str, role: str, claims: int = 0) -> None:
    """Say that a process is there, and how many jobs it has claimed since it last said so; and set its clock."""
    clock.follow(connection)
    now = clock.now()
    if touch(process, claims=claims):
        return
    ClusterHeartbeat.objects.create(
        process=process,
        cluster=cluster,
        role=role,
        version=__version__,
        started_at=now,
        seen_at=now,
        claims=claims,
        last_claim_at=now if claims else None,
    )


def touch(process: str, *, claims: int = 0) -> bool:
    """Say that a process which has reported before is still there; returns whether it had."""
    now = clock.now()
    claimed = {"claims": F("claims") + claims, "last_claim_at": now} if claims else {}
    return bool(ClusterHeartbeat.objects.filter(pk=process).update(seen_at=now, **claimed))
