"""Which processes run jobs, how they do, and what the watchdog had to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from autopilot import clock
from autopilot.models import ClusterHeartbeat, ClusterRestart

SILENT_AFTER = timedelta(minutes=1)
MOST_PROCESSES = 500
MOST_RESTARTS = 20


@dataclass(frozen=True)
class Process:
    """One process, as it last reported itself; `silent` when that is more than a minute ago."""

    row: ClusterHeartbeat
    age: timedelta

    @property
    def silent(self) -> bool:
        """Whether it has not reported for too long."""
        return self.age > SILENT_AFTER

    @property
    def seconds(self) -> int:
        """How many seconds ago it reported; never less than none, whatever two clocks say of each other."""
        return max(0, int(self.age.total_seconds()))


@dataclass(frozen=True)
class Cluster:
    """One supervisor and its pumps, or a single `manage.py work`."""

    name: str
    processes: list[Process]
    restarts: int

    @property
    def silent(self) -> bool:
        """Whether none of its processes is alive."""
        return all(process.silent for process in self.processes)


@dataclass(frozen=True)
class Clusters:
    """All that is known of the processes of the installation."""

    clusters: list[Cluster]
    restarts: list[ClusterRestart]
    versions: list[str]

    @property
    def silent_processes(self) -> int:
        """How many processes have not reported lately although others of their cluster have."""
        return sum(each.silent for cluster in self.clusters if not cluster.silent for each in cluster.processes)

    @property
    def any_alive(self) -> bool:
        """Whether anything runs jobs at all."""
        return any(not cluster.silent for cluster in self.clusters)


def clusters() -> Clusters:
    """Return the processes by cluster, the newest restarts, and the versions of the living; two questions."""
    rows = ClusterHeartbeat.objects.order_by("cluster", "-role", "process")[:MOST_PROCESSES]
    restarts = list(ClusterRestart.objects.all()[:MOST_RESTARTS])
    found = [_cluster(name, members, restarts) for name, members in groupby(rows, key=lambda row: row.cluster)]
    living = {each.row.version for cluster in found for each in cluster.processes if not each.silent}
    # What is alive comes first: the others are history.
    return Clusters(sorted(found, key=lambda cluster: cluster.silent), restarts, sorted(living))


def _cluster(name: str, members: Iterable[ClusterHeartbeat], restarts: Iterable[ClusterRestart]) -> Cluster:
    processes = [Process(row, clock.now() - row.seen_at) for row in members]
    return Cluster(name, processes, sum(restart.cluster == name for restart in restarts))
