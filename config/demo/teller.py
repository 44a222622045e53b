"""Tell a story in a terminal: sections, aligned columns, and colors only where a terminal shows them."""

import shutil
import textwrap
import time
from collections.abc import Mapping
from typing import Any

from django.core.management.base import OutputWrapper

WHO = 20
CLOCK = 7
STATUS = 10
NARROWEST, WIDEST = 60, 110
# What a status is shown in, by the names of Django's styles for the terminal.
TONES: Mapping[str, str] = {
    "completed": "SUCCESS",
    "approved": "SUCCESS",
    "sent": "SUCCESS",
    "passed": "SUCCESS",
    "waiting": "WARNING",
    "warning": "WARNING",
    "refused": "WARNING",
    "failed": "ERROR",
    "cancelled": "ERROR",
}


class Teller:
    """Writes lines of three columns: seconds since the beginning, who, and what."""

    def __init__(self, out: OutputWrapper, style: Any) -> None:
        self._out, self._style = out, style
        self._started = time.monotonic()
        columns = shutil.get_terminal_size(fallback=(WIDEST, 24)).columns
        self._width = min(max(columns, NARROWEST), WIDEST)

    @property
    def seconds(self) -> float:
        """How long the story has lasted."""
        return time.monotonic() - self._started

    def section(self, title: str) -> None:
        """Begin a section."""
        self._write("")
        self._write(self._style.MIGRATE_HEADING(title))

    def line(self, who: str, what: str, *, status: str = "") -> None:
        """Write a line with the time; a status stands before what happened, in a column and a color of its own."""
        self._columns(f"{self.seconds:5.1f} s", who, what, status)

    def note(self, who: str, what: str) -> None:
        """Write a line without a time."""
        self._columns("", who, what, "")

    def done(self, text: str) -> None:
        """Say that all is well."""
        self._write("")
        self._write(self._style.SUCCESS(text))

    def _columns(self, clock: str, who: str, what: str, status: str) -> None:
        indent = CLOCK + 2 + WHO + (STATUS if status else 0)
        # What is too long for a line, as a path, stays whole, so that it can be copied.
        width = max(self._width - indent, 20)
        first, *rest = textwrap.wrap(what, width, break_long_words=False, break_on_hyphens=False) or [""]
        person = self._style.MIGRATE_LABEL(f"{who:<{WHO - 1}}")
        self._write(f"{clock:<{CLOCK}}  {person} {self._toned(status)}{first}")
        for line in rest:
            self._write(" " * indent + line)

    def _toned(self, status: str) -> str:
        padded = f"{status:<{STATUS}}" if status else ""
        tone = TONES.get(status)
        return str(getattr(self._style, tone)(padded)) if tone else padded

    def _write(self, text: str) -> None:
        self._out.write(text.rstrip())
        self._out.flush()
