"""Sleep by another call of the system: libfaketime 0.9.10 breaks the one that Python uses.

Python imports this by itself where it stands on its path. Told to leave the monotonic clock alone, libfaketime shifts
`clock_nanosleep` all the same, which then fails; and shifting that clock too, it has every wait of a lock last an hour.
"""

import select
import time


def sleep(seconds: float) -> None:
    """Wait for some seconds."""
    select.select([], [], [], seconds)


time.sleep = sleep
