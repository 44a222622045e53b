"""What every operation of the API shares: who asks, how fast, and how answers may be kept."""

from datetime import UTC
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView

from autopilot.api.etags import make_conditional
from autopilot.api.pagination import Pages
from autopilot.api.problems import Problem, rows_of
from autopilot.api.throttles import Rate
from autopilot.models.tokens import ApiToken, Scope

KEPT_BY_READER = "private, no-cache"
KEPT_BY_NOBODY = "no-store"


class ApiView(APIView):
    """An operation: `scopes` names by method what the token needs, `right` what its person must be allowed besides."""

    http_method_names = ["get", "head", "post"]
    metadata_class = None
    scopes: ClassVar[dict[str, Scope]] = {}
    right: ClassVar[str] = ""
    rate_left: Rate | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, with every time in UTC."""
        with timezone.override(UTC):
            return super().dispatch(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Find out who asks, and count the request; who cannot sign in is counted by address."""
        try:
            super().perform_authentication(request)
        finally:
            super().check_throttles(request)

    def check_throttles(self, request: Request) -> None:
        """Do nothing more: the request was counted before anybody asked what it may."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add what tells the reader how to keep the answer, and how many requests are left."""
        final = super().finalize_response(request, response, *args, **kwargs)
        reads = request.method in ("GET", "HEAD") and final.status_code == 200
        final.setdefault("Cache-Control", KEPT_BY_READER if reads else KEPT_BY_NOBODY)
        final["Vary"] = "Authorization"
        for name, value in (self.rate_left.headers() if self.rate_left else {}).items():
            final[name] = value
        if isinstance(final, Response):
            make_conditional(request, final)
        return final

    def page_of(self, rows: QuerySet[Any], serializer: type[BaseSerializer[Any]], **context: Any) -> Response:
        """Answer one page of rows."""
        pages = Pages()
        found = pages.paginate_queryset(rows, self.request, self)
        return pages.get_paginated_response(serializer(found, many=True, context=context).data)


def caller(request: Request) -> ApiToken:
    """Return the token that asks; no permission lets anybody else through."""
    if not isinstance(request.auth, ApiToken):
        raise NotAuthenticated
    return request.auth


def find_row(rows: QuerySet[Any], **which: Any) -> Any:
    """Return the one row among those that the caller may see; one of others is as unknown as one that never was."""
    row = rows.filter(**which).first()
    if row is None:
        raise Problem("not_found")
    return row


def body_of(request: Request, serializer: type[Serializer[Any]]) -> dict[str, Any]:
    """Return the checked body of a request; raises with a JSON Pointer for everything that does not fit."""
    return _checked(serializer(data=request.data))


def query_of(request: Request, serializer: type[Serializer[Any]]) -> dict[str, Any]:
    """Return the checked parameters of the address; raises Problem, naming every one that does not fit."""
    given = {name: request.query_params[name] for name in request.query_params if name not in ("cursor", "page_size")}
    checked = serializer(data=given)
    if not checked.is_valid():
        rows = [(row["pointer"].lstrip("/"), row) for row in rows_of(checked.errors)]
        errors = [{"parameter": name, "detail": row["detail"], "code": row["code"]} for name, row in rows]
        raise Problem("invalid", errors=tuple(errors))
    return dict(checked.validated_data)


def _checked(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
