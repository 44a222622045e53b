"""Whether there is room to write."""

from collections.abc import Iterator

from autopilot import disks
from autopilot.doctor.findings import Finding

REMEDY = "Make room on it, or move what grows to a larger one; what was put off goes on by itself."


def full_disks(everything: bool) -> Iterator[Finding]:
    """Disks of this machine that are used to 80 %, and those used to 95 %, for which jobs are soon put off."""
    for disk in disks.filling():
        state = "full" if disk.percent >= disks.FULL_PERCENT else "nearly full"
        text = f"It is {state}: {disk.percent} % are used. Jobs that find no room there are put off."
        yield Finding("disks", f"disk of {', '.join(disk.holds)}", text, REMEDY)
