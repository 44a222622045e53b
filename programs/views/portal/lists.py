"""Pages of a list: a part of the rows, and the way to the others."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

ROWS = 25


def page_of(rows: QuerySet[Any], request: HttpRequest, size: int = ROWS) -> Page[Any]:
    """Return the page that the address asks for by `page`; the first or the last for what is no such page."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
