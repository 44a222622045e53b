"""ETags: a reader who has the newest already is told so without the body; a decision names the version that was read."""

import hashlib
import re
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.problems import Problem, wrong_header

DIGITS = 16
# W/ as well: proxies that compress weaken what passes them, and here only the version counts.
OURS = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})\.[0-9a-f]{16}"')
NO_VERSION = 0


def make_conditional(request: Request, response: Response) -> None:
    """Give an answer an ETag once it is written, and let it become a 304 for who has it already.

    The ETag ends with the digest of the body; where the view set `version`, that number stands before it.
    """

    def conditional(written: Response) -> HttpResponseBase | None:
        etag = _etag(written)
        written["ETag"] = etag
        answer = get_conditional_response(request._request, etag=etag, response=written)
        return None if answer is written else answer

    if response.status_code == 200 and request.method in ("GET", "HEAD"):
        response.add_post_render_callback(conditional)


def with_version(data: Any, version: int) -> Response:
    """Return an answer whose ETag begins with a version, to be named in If-Match."""
    response = Response(data)
    response.version = version  # type: ignore[attr-defined]
    return response


def version_read(request: Request) -> int:
    """Return the version that If-Match says the caller has read; 0, which is never current, for an ETag of others.

    Raises Problem: 428 without the header, 400 for “*”, which names no version.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise Problem("version_missing")
    if header == "*":
        raise wrong_header("If-Match", "Name the ETag of the checkpoint as you have read it, not “*”.")
    found = OURS.fullmatch(header)
    return int(found[1]) if found else NO_VERSION


def _etag(response: HttpResponse) -> str:
    digest = hashlib.sha256(response.content).hexdigest()[:DIGITS]
    version = getattr(response, "version", None)
    return f'"{digest}"' if version is None else f'"{version}.{digest}"'
