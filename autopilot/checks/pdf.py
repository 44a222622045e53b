"""Whether this machine can make PDFs."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from autopilot.documents import libraries


@register("documents")
def pdf_can_be_made(**kwargs: Any) -> list[CheckMessage]:
    """Warn, with the line that mends it, if libraries that WeasyPrint needs are missing; the rest works without."""
    missing = libraries.missing()
    if not missing:
        return []
    return [
        Warning(
            f"PDFs cannot be made on this machine, because libraries are missing: {', '.join(missing)}.",
            hint=f"Run: {libraries.INSTALL}",
            id="autopilot.W021",
        )
    ]
