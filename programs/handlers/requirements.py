"""The daily job of requirements."""

from datetime import timedelta

from autopilot.engine import JobContext, handler
from programs.services import requirements


@handler("requirement.watch", version=1, max_attempts=5, timeout=timedelta(minutes=30))
def watch_requirements(job: JobContext) -> dict[str, int]:
    """Refresh every holder's checklist, remind of what expires, and let expire what has; a schedule runs it daily."""
    return requirements.watch()
