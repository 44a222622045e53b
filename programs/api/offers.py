"""What the operations on programs, cohorts and sessions share: for whom a token writes, and how they create."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from autopilot.api.idempotency import once
from autopilot.api.problems import wrong
from autopilot.api.views import caller
from programs.access import holders_written_by
from programs.models import Holder, Site


def holder_named(request: Request, holder_id: UUID | None) -> Holder:
    """Return the holder that a creating request is about: the one named, or the token's only one.

    Raises Problem where it is none of the token's, or where the token has several and none is named.
    """
    mine = holders_written_by(caller(request))
    if holder_id is not None:
        found = mine.filter(pk=holder_id).first()
        if found is None:
            raise wrong("/holder_id", "Name an organization for which you may write.", "holder")
        return found
    known = list(mine[:2])
    if len(known) != 1:
        raise wrong("/holder_id", "Name the organization, one for which you may write.", "holder")
    return known[0]


def sites_named(holder: Holder, ids: list[UUID], pointer: str = "/site_ids") -> list[Site]:
    """Return the open sites of a holder by their ids; raises Problem for one that it has not."""
    found = list(holder.sites.filter(pk__in=ids, closed_at=None))
    if len(found) != len(set(ids)):
        raise wrong(pointer, "Name sites of the organization.", "site")
    return found


def created(request: Request, view: str, create: Callable[[], Any], serializer: Any) -> Response:
    """Answer a creating request once, with the address of what was made."""

    def answer() -> Response:
        row = create()
        where = reverse(view, args=[row.pk], request=request)
        return Response(serializer(row).data, status=201, headers={"Location": where})

    return once(request, answer)
