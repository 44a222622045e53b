"""Pages of a list: as many rows as asked for, and an opaque cursor to those after and before."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.problems import wrong_parameter

ORDINARY, MOST = 50, 100


class Pages(CursorPagination):
    """The newest first, unless the view says otherwise; rows that come meanwhile shift nothing."""

    page_size = ORDINARY
    max_page_size = MOST
    page_size_query_param = "page_size"
    page_size_query_description = f"Rows on a page, 1 to {MOST}."
    cursor_query_description = "Where the page begins, from `next` or `previous` of another page."
    ordering: tuple[str, ...] = ("-created_at", "-id")
    _rows: QuerySet[Any]

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        """Return the view's order."""
        return tuple(getattr(view, "ordering", self.ordering))

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any] | None:
        """Return the rows of the page that was asked for; raises Problem for a cursor that is none of ours."""
        self._rows, self.ordering = queryset, self.get_ordering(request, queryset, view)
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request: Request) -> int:
        """Return how many rows were asked for; raises Problem for what is no such number."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return ORDINARY
        if not (asked.isascii() and asked.isdecimal() and len(asked) < 4 and 1 <= int(asked) <= MOST):
            raise wrong_parameter("page_size", f"Ask for 1 to {MOST} rows.")
        return int(asked)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page begins; raises Problem."""
        if not request.query_params.get(self.cursor_query_param):
            return None
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                self._check_position(str(cursor.position))
        except (ValidationError, ValueError, OverflowError, NotFound):
            raise wrong_parameter("cursor", "Take the cursor from `next` or `previous` of a page.") from None
        return cursor

    def get_paginated_response(self, data: Any) -> Response:
        """Answer a page, with the addresses of its neighbors in the body and in Link (RFC 8288)."""
        following, previous = self.get_next_link(), self.get_previous_link()
        links = [f'<{to}>; rel="{name}"' for name, to in (("next", following), ("prev", previous)) if to]
        headers = {"Link": ", ".join(links)} if links else {}
        return Response({"next": following, "previous": previous, "results": data}, headers=headers)

    def _check_position(self, position: str) -> None:
        column = self._rows.model._meta.get_field(self.ordering[0].lstrip("-"))
        column.to_python(position)
        if "\0" in position:
            raise ValueError("no text of a database")
