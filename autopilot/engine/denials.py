"""Count the decisions that four eyes forbid: their transaction leaves nothing, so they are noted after it."""

from collections.abc import Iterator
from contextlib import contextmanager

from autopilot.exceptions import FourEyes
from autopilot.models.tallies import EventTally


@contextmanager
def counted_denials() -> Iterator[None]:
    """Note a refusal that leaves the block, outside the transaction that it undid, and let it pass."""
    try:
        yield
    except FourEyes:
        EventTally.objects.note(EventTally.FOUR_EYES)
        raise
