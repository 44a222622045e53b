"""What the pages of students' records share: facts, what happened, and the tasks of a row."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from autopilot.admin.base import Row
from programs.admin.billing.base import TasksAdmin

Facts = Iterable[tuple[str, Any]]
MOST = 200


class FactsAdmin(TasksAdmin[Row]):
    """Rows that are shown as a list of facts, with a timeline where things happened to them."""

    page_template = "students/admin/facts.html"

    def facts(self, row: Row) -> Facts:
        """Return the title and the text of what is known of a row."""
        return ()

    def happened(self, row: Row) -> Iterable[tuple[str, Any, str]]:
        """Return what happened: a title, a time or day, and a text."""
        return ()

    def heading(self, row: Row) -> str:
        """Return what the page is called."""
        return str(row)

    def page_context(self, request: HttpRequest, row: Row) -> dict[str, Any]:
        """Show facts, timeline and tasks."""
        known = {"heading": self.heading(row), "facts": self.facts(row), "happened": list(self.happened(row))[:MOST]}
        return super().page_context(request, row) | known
