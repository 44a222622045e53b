"""Named fault points: where a test may end, stall or overtake a run. In service they do nothing."""

from collections.abc import Callable

POINTS = (
    "tx.before_commit",
    "tx.after_commit",
    "call.before_call",
    "call.after_call",
    "call.after_commit",
    "once.after_intent",
    "once.before_call",
    "once.after_call",
    "once.after_commit",
    "suspend.before_commit",
    "suspend.after_commit",
    "run.returned",
    "settle.before",
    "settle.after",
    "decide.before_wake",
    "decide.after_commit",
)

_hook: Callable[[str], None] | None = None


def reach(point: str) -> None:
    """Tell the test that watches, if any, that a run has come to a point."""
    if _hook is not None:
        _hook(point)


def watch(hook: Callable[[str], None] | None) -> None:
    """Let a test watch every point; None ends it."""
    global _hook
    _hook = hook
