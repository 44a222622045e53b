"""Who uses the processor's time: the web server, the clusters, the database, the users themselves."""

import time
from collections.abc import Callable

import psutil

Groups = dict[str, list[psutil.Process]]


class Shares:
    """Adds up the processor time of groups of processes, those that end meanwhile included as last seen."""

    def __init__(self, look: Callable[[], Groups]) -> None:
        self._look = look
        self._first: dict[tuple[str, int], float] = {}
        self._last: dict[tuple[str, int], float] = {}
        self._start, self._busy = time.monotonic(), _busy()
        self.sample(begin=True)

    def sample(self, *, begin: bool = False) -> None:
        """Look at everything once; at the beginning, only what comes from now on counts."""
        for group, processes in self._look().items():
            for process in processes:
                try:
                    used = sum(process.cpu_times()[:2])
                except psutil.NoSuchProcess:
                    continue
                self._first.setdefault((group, process.pid), used if begin else 0.0)
                self._last[group, process.pid] = used

    def cores(self) -> dict[str, float]:
        """Return how many cores each group kept busy."""
        span = time.monotonic() - self._start
        groups = {group for group, _ in self._last}
        used = {
            group: sum(self._last[key] - self._first[key] for key in self._last if key[0] == group) / span
            for group in sorted(groups)
        }
        # What has nothing to do with us disturbs the measurement, so it is told.
        used["everything else"] = (_busy() - self._busy) / span - sum(used.values())
        return {group: round(cores, 2) for group, cores in used.items()}


def _busy() -> float:
    """Return the seconds that all cores of this machine have been busy."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))
