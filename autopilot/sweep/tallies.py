"""Count what happened, so that figures need not read every event."""

from time import monotonic

from autopilot import tallies

LONGEST_SECONDS = 10.0


def run() -> int:
    """Count the events that are ripe, for ten seconds at most, and fold old hours; returns how many were counted."""
    end, counted = monotonic() + LONGEST_SECONDS, 0
    while batch := tallies.count_events():
        counted += batch
        if batch < tallies.BATCH or monotonic() > end:
            break
    tallies.fold_old_hours()
    return counted
