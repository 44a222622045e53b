"""Send what lies in the outbox."""

from autopilot import outbox

BATCH = 50


def run() -> int:
    """Send every due message, oldest first; returns how many left."""
    return outbox.deliver_due(BATCH)
