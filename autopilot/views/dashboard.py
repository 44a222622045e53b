"""The dashboard: the figures of the whole house, for those who may see its jobs; and its live part by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from autopilot.models import ClusterHeartbeat, JobStatus
from autopilot.reports import figures
from autopilot.reports.alerts import FAILURES, Alert
from autopilot.reports.figures import Depth, Hour, Snapshot
from autopilot.reports.lengths import short, spoken
from autopilot.reports.objectives import Standing, State
from autopilot.views.charts import Column, Scale, lines, share_of, stacked

PERMISSION = "autopilot.view_job"
REFRESH_SECONDS = 10
LABEL_EVERY = 4
STATES = {
    State.KEPT: ("pass", "Kept"),
    State.MISSED: ("fail", "Missed"),
    State.QUIET: ("pending", "Nothing yet"),
    State.NO_WORK: ("skipped", "No such work yet"),
}


@dataclass(frozen=True)
class Card:
    """One figure, and where its rows are listed."""

    name: str
    label: str
    figure: str
    note: str
    tone: str
    address: str


@dataclass(frozen=True)
class Links:
    """Addresses of lists, for those that a person may see."""

    person: User | AnonymousUser
    known: dict[str, bool] = field(default_factory=dict)

    def to(self, subject: str, query: Mapping[str, str] | None = None) -> str:
        """Return the address of a filtered list; nothing if the person may not see it."""
        if subject not in self.known:
            self.known[subject] = self.person.has_perm(f"autopilot.view_{subject}")
        if not self.known[subject]:
            return ""
        return f"{reverse(f'admin:autopilot_{subject}_changelist')}{'?' if query else ''}{urlencode(query or {})}"


def may_see(request: HttpRequest) -> bool:
    """Return whether the dashboard is for this person."""
    return bool(request.user.has_perm(PERMISSION))


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the page shows of the figures; nothing for those who may not see jobs."""
    if not may_see(request):
        return {}
    taken, links = figures.snapshot(), Links(request.user)
    return {
        "taken": taken,
        "refresh_seconds": REFRESH_SECONDS,
        "summary": summary(taken.alerts),
        "alerts": [(alert, links.to(alert.subject, alert.query)) for alert in taken.alerts],
        "cards": _cards(taken, links),
        "throughput": throughput(taken.hours),
        "latency": latency(taken.hours),
        "latencies": [_latency(label, taken, measure) for measure, label in (("wait", "Wait"), ("run", "Run"))],
        "depths": depths(taken.depths, links),
        "objectives": [objective(each) for each in taken.objectives],
        "cluster": cluster(taken, links),
    }


@require_safe
def fragment(request: HttpRequest) -> HttpResponse:
    """Show the live part alone, to who may see jobs."""
    if not may_see(request):
        raise PermissionDenied
    return render(request, "admin/autopilot/dashboard_live.html", context(request))


def summary(alerts: list[Alert]) -> str:
    """Say in one line what a screen reader is told when it changes."""
    if not alerts:
        return "Everything is within its limits."
    return f"{len(alerts)} {'alert' if len(alerts) == 1 else 'alerts'}: {', '.join(alert.label for alert in alerts)}."


def throughput(hours: list[Hour]) -> dict[str, Any]:
    """Return the chart of what ended in each hour, and its rows."""
    hints = [f"{clock_hour(each.at)}: {each.completed:,} completed, {each.failed:,} failed" for each in hours]
    columns, scale = stacked([(each.completed, each.failed) for each in hours], hints)
    told = f"{sum(each.completed for each in hours):,} jobs completed and {sum(each.failed for each in hours):,} failed"
    rows = [(clock_hour(each.at), f"{each.completed:,}", f"{each.failed:,}") for each in hours]
    return _chart(columns, scale, hours) | {"told": f"{told} within the last {len(hours)} hours.", "rows": rows}


def latency(hours: list[Hour]) -> dict[str, Any]:
    """Return the chart of how long 95 of 100 jobs waited and ran in each hour, and its rows."""
    paths, scale = lines([each.wait for each in hours], [each.run for each in hours])
    rows = [(clock_hour(each.at), short(each.wait), short(each.run)) for each in hours]
    return _chart([], scale, hours) | {"wait": paths[0], "run": paths[1], "rows": rows}


def depths(found: list[Depth], links: Links) -> list[dict[str, Any]]:
    """Return a row for each worker, with the length of its bar."""
    most = max((each.due + each.running + each.waiting + each.later for each in found), default=0)
    return [_depth(each, most, links) for each in found]


def objective(standing: Standing) -> dict[str, Any]:
    """Return what is shown of an objective: its figure, out of how many, its target, and how it stands."""
    tone, word = STATES[standing.state]
    promise = standing.objective
    return {
        "promise": promise.promise,
        "share": percent(standing.share),
        "of": f"{standing.kept:,} of {standing.of:,}" if standing.of else "",
        "target": percent(promise.target),
        "tone": tone,
        "word": word,
    }


def cluster(taken: Snapshot, links: Links) -> dict[str, Any]:
    """Return what is shown of the processes that run jobs."""
    found = taken.cluster
    supervisors = sum(each.is_alive and each.role == ClusterHeartbeat.Role.SUPERVISOR for each in found.processes)
    return {
        "alive": found.alive,
        "supervisors": supervisors,
        "tone": "enabled" if found.alive else "lost",
        "word": "Alive" if found.alive else "Silent",
        "seen": ago(taken.at, found.seen_at),
        "uptime": spoken((taken.at - found.since).total_seconds()) if found.since else "—",
        "restarts": found.restarts,
        "versions": ", ".join(sorted({each.version for each in found.processes if each.is_alive and each.version})),
        "address": links.to("clusterheartbeat"),
    }


def percent(share: float | None) -> str:
    """Return a share as it is read; never 100% for anything less."""
    if share is None:
        return "—"
    tenths = int(share * 1000)
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths / 10}%"


def ago(now: datetime, at: datetime | None) -> str:
    """Return how long ago something was."""
    return f"{spoken((now - at).total_seconds())} ago" if at else "never"


def clock_hour(at: datetime) -> str:
    """Return an hour as people read it, in the network's own zone."""
    return f"{timezone.localtime(at):%b %-d, %H:00}"


def _cards(taken: Snapshot, links: Links) -> list[Card]:
    queue, since = taken.queue, (taken.at - timedelta(hours=figures.HOURS)).isoformat()
    due = sum(queue.due.values())
    oldest = f", the oldest for {spoken((taken.at - queue.oldest_due).total_seconds())}" if queue.oldest_due else ""
    failed = {"status__exact": "failed", "reason__in": ",".join(FAILURES), "finished_at__gte": since}
    ended = {"status__exact": "completed", "finished_at__gte": since}
    return [
        Card("pending", "Pending", _standing(taken, JobStatus.PENDING), f"{due:,} due{oldest}", "warn", _job(links, "pending")),
        Card("running", "Running", _standing(taken, JobStatus.RUNNING), _processes(taken), "info", _job(links, "running")),
        Card("waiting", "Waiting", _standing(taken, JobStatus.WAITING), _reviews(taken), "muted", _job(links, "waiting")),
        Card("completed", "Completed, 24\u00a0h", f"{taken.completed:,}", f"{percent(taken.success)} of those that ended", "pass", links.to("job", ended)),
        Card("failed", "Failed, 24\u00a0h", f"{taken.failed:,}", _rejected(taken), "fail", links.to("job", failed)),
    ]  # fmt: skip


def _standing(taken: Snapshot, status: str) -> str:
    return f"{taken.queue.standing(status):,}"


def _job(links: Links, status: str) -> str:
    return links.to("job", {"status__exact": status})


def _processes(taken: Snapshot) -> str:
    alive = taken.cluster.alive
    return f"by {alive} {'process' if alive == 1 else 'processes'}" if alive else "by no process"


def _reviews(taken: Snapshot) -> str:
    return f"{taken.reviews:,} {'review' if taken.reviews == 1 else 'reviews'} for people"


def _rejected(taken: Snapshot) -> str:
    if not taken.rejected:
        return f"of {taken.completed + taken.failed:,} that ended"
    return f"and {taken.rejected:,} rejected by a person"


def _latency(label: str, taken: Snapshot, measure: str) -> tuple[str, str, str, str]:
    found = taken.latencies[measure]
    return label, short(found.half), short(found.most), f"{found.count:,}"


def _chart(columns: list[Column], scale: Scale, hours: list[Hour]) -> dict[str, Any]:
    labels = [f"{timezone.localtime(each.at):%H:00}" for each in hours]
    return {"columns": columns, "scale": scale, "labels": labels[::LABEL_EVERY]}


def _depth(depth: Depth, most: int, links: Links) -> dict[str, Any]:
    parts = [("due", depth.due), ("running", depth.running), ("waiting", depth.waiting), ("later", depth.later)]
    bars, x = [], 0.0
    for name, count in parts:
        width = share_of(count, most)
        bars.append({"name": name, "x": x, "width": width})
        x = round(x + width, 1)
    query = {"worker": depth.worker, "status__exact": "pending"}
    return {"depth": depth, "bars": bars, "address": links.to("job", query)}
