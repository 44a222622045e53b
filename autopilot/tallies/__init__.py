"""Count what happened, by the hour: events into sums, durations into the bars of histograms."""

from autopilot.tallies.bars import UPPERS, percentile, upper_of
from autopilot.tallies.counting import BATCH, CURSOR, LAG, count_events, fold_old_hours, position

__all__ = ["BATCH", "CURSOR", "LAG", "UPPERS", "count_events", "fold_old_hours", "percentile", "position", "upper_of"]
