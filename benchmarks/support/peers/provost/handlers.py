"""The no-op handler."""

from autopilot.engine import JobContext, handler
from benchmarks.support import marks


@handler("benchmark.noop")
def noop(job: JobContext, sent: float) -> None:
    """Leave a mark."""
    marks.leave(sent)
