"""What people did, found by who, what, to which record, when, from where and why."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from autopilot.models import AuditEntry

NOBODY = "nobody"
MOST_READ = 5_000


def find_deeds(
    *,
    actor: str = "",
    deed: str = "",
    subject_type: str = "",
    subject_id: str = "",
    ip: str = "",
    since: date | None = None,
    until: date | None = None,
    reason: str = "",
) -> QuerySet[AuditEntry]:
    """Return the deeds that fit everything given, newest first; each search is bounded by an index or by MOST_READ.

    `actor` is a username, or `nobody` for what no signed-in person did; `deed` is how its name begins; `since` and
    `until` are days of the network's own zone, both included. `reason` is a part of the reason, in any case of letters,
    and is looked for in the newest 5,000 deeds that fit the rest.
    """
    exact = {"actor_label": actor, "subject_type": subject_type, "subject_id": subject_id, "ip": ip}
    criteria: dict[str, Any] = {name: value for name, value in exact.items() if value}
    if actor == NOBODY:
        criteria["actor_label"] = ""
    if deed:
        criteria["name__startswith"] = deed
    if since:
        criteria["at__gte"] = _start_of(since)
    if until:
        criteria["at__lt"] = _start_of(until + timedelta(days=1))
    found = AuditEntry.objects.filter(**criteria).order_by("-at", "-id")
    return _with_reason(found, reason) if reason else found


def _with_reason(found: QuerySet[AuditEntry], reason: str) -> QuerySet[AuditEntry]:
    # By the time of the last one: a database that is told to look among 5,000 ids looks for each of them.
    last = found.values_list("at", flat=True)[MOST_READ - 1 : MOST_READ].first()
    newest = found.filter(at__gte=last) if last else found
    return newest.filter(data__reason__icontains=reason)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE))
