"""How long jobs take here, by their kind: what tells whether several may be claimed at once."""

from autopilot.engine import registry
from autopilot.engine.groups import SECONDS
from autopilot.engine.statements import ALONE, Together

MOST = 20
# Of a kind that takes longer, fewer than two would fit.
SHORT = SECONDS / 2
FORGETTING = 0.8


class Pace:
    """What one process has seen of the kinds that it ran."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._short: frozenset[str] = frozenset()
        self._together = ALONE

    def note(self, kind: str, seconds: float) -> None:
        """Note how long a run of a kind took: one long run counts at once, and short ones only by and by."""
        lately = max(seconds, FORGETTING * self._seconds.get(kind, SECONDS))
        self._seconds[kind] = lately
        if (lately <= SHORT and registry.may_share(kind)) != (kind in self._short):
            self._short ^= {kind}
        self._together = Together(max(1, min(MOST, int(SECONDS / lately))), self._short)

    def together(self) -> Together:
        """Return how many jobs to claim at once, so that they take no longer than a group may, and which."""
        return self._together
