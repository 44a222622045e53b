"""Portals that do not answer."""

from collections.abc import Iterator

from autopilot.doctor.findings import Finding
from autopilot.models import Portal
from autopilot.submissions.lines import MOST_FAILURES


def silent_portals(everything: bool) -> Iterator[Finding]:
    """Portals that failed so often in a row that jobs for them are put off, and one a minute tries again."""
    for portal in Portal.objects.filter(failures__gte=MOST_FAILURES).order_by("slug"):
        text = f"It failed {portal.failures} times in a row; what is meant for it waits."
        remedy = "Ask those who run it, and check its address. Nothing else is to be done: a job tries it every minute."
        yield Finding("portals", f"portal {portal.slug}", text, remedy)
