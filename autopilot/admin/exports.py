"""Lists to take along: what the filters leave, as CSV, XLSX or PDF, with nothing a spreadsheet takes for a formula."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from autopilot import clock
from autopilot.admin.base import Row, StaffAdmin, filtered
from autopilot.documents.errors import PdfError
from autopilot.documents.tables import MOST, TYPES, Table, table_file


def exported(table: Table, form: str, *, title: str, name: str) -> HttpResponse:
    """Return a table as a file to keep; `name` is what it is called, without its ending.

    Raises Http404 for a form that there is not, and what `tables.table_file` raises.
    """
    if form not in TYPES:
        raise Http404
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(table_file(table, form, title=title), content_type=TYPES[form], headers=headers)


class ExportedAdmin(StaffAdmin[Row]):
    """A list that can be exported. `export_columns` are the headings, each with the attribute it shows, as `holder.ein`."""

    export_columns: tuple[tuple[str, str], ...] = ()
    change_list_template = "admin/autopilot/exported_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the three files."""
        view = self.admin_site.admin_view(require_safe(self.export_view))
        return [path("export.<str:extension>", view, name=self._export_name()), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, with the files it can be taken along as."""
        view = f"admin:{self._export_name()}"
        offered = [(extension.upper(), reverse(view, args=[extension])) for extension in TYPES]
        known = {"exports": offered, "filters": request.GET.urlencode()}
        return super().changelist_view(request, known | (extra_context or {}))

    def export_view(self, request: HttpRequest, extension: str) -> HttpResponse:
        """Return the first rows that the filters leave, as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if extension not in TYPES:
            raise Http404
        title = str(self.opts.verbose_name_plural).capitalize()
        name = f"{self.opts.verbose_name_plural}-{clock.today()}".replace(" ", "-")
        try:
            return exported(list(self._rows(request, MOST[extension])), extension, title=title, name=name)
        except PdfError as refusal:
            self.message_user(request, f"The PDF could not be made: {refusal} Take the XLSX.", messages.ERROR)
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def _rows(self, request: HttpRequest, most: int) -> Iterator[list[Any]]:
        """Give the headings, each row, and a last line if there may be more of them."""
        yield [heading for heading, _ in self.export_columns]
        left = most
        for row in filtered(self, request).get_queryset(request)[:most].iterator(chunk_size=500):
            yield [_value(row, names) for _, names in self.export_columns]
            left -= 1
        if not left:
            yield [f"These are the first {most}; filter for the others.", *[""] * (len(self.export_columns) - 1)]

    def _export_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_export"


def _value(row: Any, names: str) -> Any:
    found = reduce(lambda value, name: getattr(value, name, None), names.split("."), row)
    value = found() if callable(found) else found
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return value if isinstance(value, int | Decimal | date) or value is None else str(value)
