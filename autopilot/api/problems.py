"""Every error of the API is a problem (RFC 9457), whoever raised it: what went wrong, where, and what to do."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions as rest
from rest_framework.response import Response
from rest_framework.settings import api_settings

from autopilot import trace
from autopilot.exceptions import (
    AutopilotError,
    ControlRefused,
    DecisionRefused,
    FormInvalid,
    IllegalMove,
    InvalidPayload,
    UnknownKind,
)

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:provost:problem:"
ROOT = "/api/"
AWAY_SECONDS = 5
FORMS = {
    "multipart/form-data": "a form with the files, as multipart/form-data",
    "application/json": "application/json in UTF-8",
}
Respond = Callable[[HttpRequest], HttpResponse]
Row = dict[str, str]

# By code, which ends the problem's type: status, title, and the detail where nothing better is known.
KNOWN: dict[str, tuple[int, str, str]] = {
    "malformed": (400, "The request cannot be read", "Send what the description of this operation asks for."),
    "invalid": (400, "The request does not fit", "Correct what `errors` names, and send it again."),
    "key_missing": (400, "The Idempotency-Key is missing", "Send an Idempotency-Key, as a new UUID."),
    "unauthenticated": (401, "Sign in", "Send a valid token as “Authorization: Bearer prv_…”."),
    "forbidden": (403, "This is not allowed", "You may not do this."),
    "not_allowed": (403, "You are not a reviewer of this checkpoint", ""),
    "four_eyes": (403, "Another person must decide", ""),
    "not_found": (404, "Not found", "There is nothing here, or nothing that you may see."),
    "method_not_allowed": (405, "No such method here", "Use a method that the header Allow names."),
    "not_acceptable": (406, "Only JSON is spoken here", "Accept application/json."),
    "conflict": (409, "It is not in a state in which this can be done", ""),
    "in_flight": (409, "The same request is being worked on", "Send it again, with the same key, a little later."),
    "already_decided": (409, "Somebody has decided already", ""),
    "changes_asked": (409, "A reviewer asked for changes", ""),
    "expired": (409, "The time to decide has passed", ""),
    "gone": (410, "This is gone", "It was here once and will not be again."),
    "stale_version": (412, "The packet changed since you read it", ""),
    "too_large": (413, "The request is too large", "Send less at a time."),
    "unsupported_media_type": (415, "This type of content is not read here", "Send application/json in UTF-8."),
    "key_reused": (422, "The Idempotency-Key was used for another request", "Take a new key for a new request."),
    "form_reused": (422, "This was sent before, with other contents", ""),
    "version_missing": (428, "If-Match is missing", "Read the checkpoint, and send its ETag as If-Match."),
    "too_many_requests": (429, "Too many requests", "Wait as long as Retry-After says."),
    "unexpected": (500, "Something went wrong here", "Try again later; if it recurs, tell us the request_id."),
    "unavailable": (503, "The service is not available", "Try again in a few seconds."),
}
BY_STATUS = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    410: "gone",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    503: "unavailable",
}


@dataclass(eq=False)
class Problem(Exception):
    """A refusal: `code` is one of KNOWN, `detail` says what to do, `errors` where, `more` what else helps."""

    code: str
    detail: str = ""
    errors: tuple[Row, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The status of the answer."""
        return KNOWN[self.code][0]

    def body(self, request: HttpRequest) -> dict[str, Any]:
        """Return the problem as it is answered to a request."""
        status, title, usual = KNOWN[self.code]
        return {
            "type": TYPE + self.code,
            "title": title,
            "status": status,
            "detail": self.detail or usual,
            "instance": request.path,
            "request_id": trace.current().request_id,
            "errors": list(self.errors),
            **self.more,
        }


def wrong(pointer: str, detail: str, code: str = "invalid") -> Problem:
    """Return the refusal of one value of the body, which a JSON Pointer (RFC 6901) names."""
    return Problem("invalid", errors=({"pointer": pointer, "detail": detail, "code": code},))


def wrong_parameter(name: str, detail: str) -> Problem:
    """Return the refusal of one parameter of the address."""
    return Problem("invalid", errors=({"parameter": name, "detail": detail, "code": "invalid"},))


def wrong_header(name: str, detail: str, problem: str = "invalid") -> Problem:
    """Return the refusal of one header."""
    return Problem(problem, detail, errors=({"header": name, "detail": detail, "code": problem},))


def pointer_to(*path: object) -> str:
    """Write a path as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer what a view raised; None for what nobody foresaw, which is then logged and answered without details."""
    problem = problem_of(error)
    if problem is None:
        return None
    if isinstance(error, rest.UnsupportedMediaType):
        problem = replace(problem, detail=_readable(context["view"]))
    if problem.status >= 500:
        logger.error("the API answers %s after %s", problem.status, type(error).__name__)
    body = problem.body(context["request"])
    return Response(body, status=problem.status, headers=dict(problem.headers), content_type=MEDIA_TYPE)


def _readable(view: Any) -> str:
    """Say which types of content a view reads."""
    known = " or ".join(FORMS.get(each.media_type, each.media_type) for each in view.parser_classes)
    return f"Send {known}."


def answer_in_problems(respond: Respond) -> Respond:
    """Middleware: turn into a problem whatever else refuses a request under /api/, as a route that nobody knows."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        if response.status_code < 400 or not request.path.startswith(ROOT):
            return response
        if response.get("Content-Type", "").startswith(MEDIA_TYPE):
            return response
        return _translated(request, response)

    return answered


def _translated(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    fallback = "unexpected" if response.status_code >= 500 else "malformed"
    problem = Problem(BY_STATUS.get(response.status_code, fallback))
    translated = JsonResponse(problem.body(request), status=problem.status, content_type=MEDIA_TYPE)
    translated["Cache-Control"] = "no-store"
    return translated


def problem_of(error: Exception) -> Problem | None:
    """Return how an error is told; None for what nobody foresaw."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, rest.APIException):
        return _of_rest(error)
    if isinstance(error, AutopilotError):
        return _of_autopilot(error)
    return _of_django(error)


def _of_rest(error: rest.APIException) -> Problem | None:
    if isinstance(error, rest.ValidationError):
        return Problem("invalid", errors=tuple(rows_of(error.detail)))
    code = BY_STATUS.get(error.status_code)
    if code is None:
        return None
    headers: dict[str, str] = {}
    if isinstance(error, rest.Throttled):
        headers["Retry-After"] = str(int(getattr(error, "wait", None) or 1))
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    said = (
        error.detail if isinstance(error, rest.PermissionDenied | rest.AuthenticationFailed | rest.ParseError) else ""
    )
    return Problem(code, str(said), headers=headers)


def rows_of(detail: Any, *path: object) -> Iterator[Row]:
    """Yield a row for every message of the REST framework's nested refusals."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = name in (api_settings.NON_FIELD_ERRORS_KEY, NON_FIELD_ERRORS)
            yield from rows_of(inner, *path, *([] if own else [name]))
    elif isinstance(detail, list) and any(isinstance(each, Mapping | list) for each in detail):
        for number, inner in enumerate(detail):
            yield from rows_of(inner, *path, number)
    else:
        for message in detail if isinstance(detail, list) else [detail]:
            yield {"pointer": pointer_to(*path), "detail": str(message), "code": getattr(message, "code", "invalid")}


def _of_autopilot(error: AutopilotError) -> Problem | None:
    text = str(error)
    if isinstance(error, FormInvalid):
        return Problem("invalid", errors=tuple(_form_rows(error)))
    if isinstance(error, DecisionRefused):
        return Problem(error.code if error.code in KNOWN else "conflict", text)
    if isinstance(error, UnknownKind):
        return wrong("/kind", text, "unknown")
    if isinstance(error, InvalidPayload):
        return wrong("/payload", text)
    return Problem("conflict", text) if isinstance(error, ControlRefused | IllegalMove) else None


def _form_rows(error: FormInvalid) -> Iterable[Row]:
    for name, message in (error.errors or {"": str(error)}).items():
        place = {"": "", "number": "/data/number"}.get(name, pointer_to(*name.split("/")))
        yield {"pointer": place, "detail": message, "code": error.code}


def _of_django(error: Exception) -> Problem | None:
    if isinstance(error, ValidationError):
        return Problem("invalid", errors=tuple(_validation_rows(error)))
    if isinstance(error, PermissionDenied):
        return Problem("forbidden", str(error))
    if isinstance(error, Http404 | ObjectDoesNotExist):
        return Problem("not_found")
    if isinstance(error, RequestDataTooBig):
        return Problem("too_large")
    if isinstance(error, SuspiciousOperation):
        return Problem("malformed")
    if isinstance(error, OperationalError | InterfaceError):
        return Problem("unavailable", headers={"Retry-After": str(AWAY_SECONDS)})
    return None


def _validation_rows(error: ValidationError) -> Iterator[Row]:
    named = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for name, found in named.items():
        for each in found:
            place = "" if name == NON_FIELD_ERRORS else pointer_to(name)
            yield {"pointer": place, "detail": " ".join(each.messages), "code": each.code or "invalid"}
