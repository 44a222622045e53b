"""How the operations are described, so that an integrator needs nothing but their description."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from autopilot.api.problems import KNOWN, MEDIA_TYPE, TYPE
from autopilot.api.serializers import StrictSerializer

JSON = "application/json"
ALWAYS = ("unauthenticated", "forbidden", "not_acceptable", "too_many_requests", "unexpected", "unavailable")
OF_BODIES = ("malformed", "invalid", "too_large", "unsupported_media_type")
OF_ADDRESSES = ("invalid",)
SAMPLE_ID = "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d10"
Function = TypeVar("Function", bound=Callable[..., Any])

INTRODUCTION = """
Provost checks, prepares and submits the paperwork of training providers; jobs do the work, and at checkpoints people
decide. Through this API other systems ask for jobs, follow them, decide, and send in applications.

**Sign in** with `Authorization: Bearer prv_…`. An administrator creates the token under *Access → API tokens*; it is
shown once. A token has scopes, which each operation names, and an end. A token of a tenant sees what is its tenant's and
nothing else. A token without a tenant reaches what its person may reach today: staff by their permissions, anybody else their own
jobs. What a token may not see is answered like what never was: 404.

**Errors** are problems (RFC 9457, `application/problem+json`). Branch on `type`; `errors` names everything that is wrong
by JSON Pointer, parameter or header; tell us the `request_id` when you ask.

**Creating** needs an `Idempotency-Key`: a new UUID for each new request, the same one for each repetition. A repetition
within 24 hours is answered as the first time, with `Idempotency-Replayed: true`. While the first is being worked on, the
answer is 409 with `Retry-After`; with another body it is 422.

**Reading** gives an `ETag`. Send it as `If-None-Match`, and the answer is 304 while nothing has changed. To decide a
checkpoint, send its ETag as `If-Match`: 428 without, 412 when the packet has changed since, 409 when somebody has
decided already, who is named in `outcome`.

**Lists** come in pages of `page_size` rows, 1 to 100, and 50 unless asked otherwise. Follow `next`, which is in the header
`Link` as well; a cursor is opaque.

**Limits**: every answer tells in `RateLimit` how many requests are left and for how many seconds. Above it the answer
is 429 with `Retry-After`. A body has at most 1,000,000 bytes, is JSON in UTF-8 at most 32 levels deep, and holds no
unknown field.

**Times** are in UTC, in ISO 8601. Whatever is sensitive is masked as `••••••`.
"""
SUBJECTS = {
    "jobs": "Units of work: ask for them, follow them, cancel and requeue them.",
    "checkpoints": "Where a job informs people, or waits for a decision.",
    "kinds": "What can be asked for, each with the JSON Schema of its payload.",
    "applications": "Applications of training providers.",
    "holders": "Program holders, and what they must prove.",
    "programs": "What program holders teach.",
    "cohorts": "Groups of students who take a program together.",
    "sessions": "The meetings of cohorts.",
    "listings": "Places of programs on states’ lists of eligible training providers (ETPL).",
    "mous": "Agreements between the network and program holders, from the day they are sent to be signed.",
    "invoices": "What the network bills program holders.",
    "payouts": "What the network pays program holders.",
    "enrollments": "Students in cohorts.",
    "certificates": "What students have earned, for anybody to check.",
    "attendance": "Who was at which session.",
    "workers": "Families of kinds, which can be paused. For staff.",
    "stats": "Figures of the queue. For staff.",
    "pump": "For hosts on which only an HTTP timer can be set.",
}

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    required=True,
    description="A new UUID for every new request. The same request with the same key is done once: within 24 hours "
    "it is answered as the first time, with `Idempotency-Replayed: true`.",
    examples=[OpenApiExample("A new UUID", SAMPLE_ID)],
)
IDEMPOTENCY_REPLAYED = OpenApiParameter(
    "Idempotency-Replayed",
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="There when this is the answer of an earlier request with the same key.",
)
LOCATION = OpenApiParameter(
    "Location", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[201], description="Where to read it."
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the checkpoint as you have read it: a decision is about one version of the packet.",
    examples=[OpenApiExample("As it was read", '"1.9f86d081884c7d65"')],
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of an earlier answer: if nothing has changed since, the answer is 304 without a body.",
)
ETAG = OpenApiParameter(
    "ETag", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[200, 304], description="Names this very answer."
)


class ErrorSerializer(StrictSerializer):
    """One thing that is wrong, and where: in the body, in the address or in a header."""

    pointer = serializers.CharField(
        required=False, allow_blank=True, help_text="JSON Pointer (RFC 6901) into the body; empty: the whole of it."
    )
    parameter = serializers.CharField(required=False, help_text="Name of the parameter in the address.")
    header = serializers.CharField(required=False, help_text="Name of the header.")
    detail = serializers.CharField(help_text="What to do about it.")
    code = serializers.CharField(help_text="The same for every error of this sort.")


class ProblemSerializer(StrictSerializer):
    """Why a request was refused (RFC 9457). Some problems say more, as `outcome` of what was decided already."""

    type = serializers.CharField(help_text=f"`{TYPE}` and the problem’s code; branch on it.")
    title = serializers.CharField(help_text="What the problem is, the same each time.")
    status = serializers.IntegerField(help_text="The status of the answer.")
    detail = serializers.CharField(allow_blank=True, help_text="What happened this time, and what to do.")
    instance = serializers.CharField(help_text="The path that was asked for.")
    request_id = serializers.CharField(help_text="Name it when you ask us; it is in `X-Request-ID` as well.")
    errors = ErrorSerializer(  # type: ignore[assignment]
        many=True, help_text="Everything that is wrong, at once."
    )


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The token of an integration."""

    target_class = "autopilot.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return how it is sent."""
        text = "A token that an administrator created under Access → API tokens, or `manage.py create_token`."
        return {"type": "http", "scheme": "bearer", "bearerFormat": "prv_…", "description": text}


class PumpScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The secret of the pump."""

    target_class = "autopilot.api.authentication.PumpAuthentication"
    name = "pump"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return how it is sent."""
        return {"type": "http", "scheme": "bearer", "description": "The value of API_PUMP_SECRET."}


class Schema(AutoSchema):
    """Adds what a view declares of itself: its subject, the scope, the right."""

    def get_tags(self) -> list[str]:
        """Return the subject."""
        return [getattr(self.view, "subject", "other")]

    def get_description(self) -> str:  # type: ignore[override]
        """Return what the operation does, and what a token needs for it."""
        needs = []
        if scope := getattr(self.view, "scopes", {}).get(self.method):
            needs.append(f"Scope: `{scope.value}`.")
        if getattr(self.view, "right", ""):
            needs.append("For staff with the permission, and a token without a tenant.")
        return "\n\n".join([" ".join(super().get_description().split()), *([" ".join(needs)] if needs else [])])


def operation(
    name: str,
    summary: str,
    answers: Mapping[int, OpenApiResponse],
    *,
    request: Any = None,
    problems: Iterable[str] = (),
    parameters: Sequence[Any] = (),
    examples: Sequence[OpenApiExample] = (),
    reads: bool = False,
) -> Callable[[Function], Function]:
    """Describe an operation: `problems` are codes beside those that every operation can have; `reads` adds ETags."""
    codes = dict.fromkeys((*ALWAYS, *(OF_BODIES if request else ()), *(OF_ADDRESSES if reads else ()), *problems))
    given: dict[Any, Any] = {(status, JSON): answer for status, answer in answers.items()}
    if reads:
        given[304, JSON] = OpenApiResponse(description="Nothing has changed since the ETag in If-None-Match.")
    return extend_schema(
        operation_id=name,
        summary=summary,
        request=request,
        responses=given | _refusals(codes),
        parameters=[*parameters, *((IF_NONE_MATCH, ETAG) if reads else ())],
        examples=list(examples),
    )


def answer(serializer: Any, description: str, example: Any = None) -> OpenApiResponse:
    """Describe an answer that was hoped for, with an example."""
    examples = [] if example is None else [OpenApiExample("Answer", example, response_only=True)]
    return OpenApiResponse(serializer, description, examples)


def introduce(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Put the introduction, and what each subject is about, into the description (a hook of drf-spectacular)."""
    result["info"]["description"] = INTRODUCTION.strip()
    result["tags"] = [{"name": name, "description": text} for name, text in SUBJECTS.items()]
    return result


def _refusals(codes: Iterable[str]) -> dict[Any, OpenApiResponse]:
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(KNOWN[code][0], []).append(code)
    return {(status, MEDIA_TYPE): _refusal(found) for status, found in by_status.items()}


def _refusal(codes: Sequence[str]) -> OpenApiResponse:
    examples = [OpenApiExample(code, _sample(code), response_only=True) for code in codes]
    return OpenApiResponse(ProblemSerializer, "; or: ".join(f"{KNOWN[code][1]}" for code in codes), examples)


def _sample(code: str) -> dict[str, Any]:
    status, title, detail = KNOWN[code]
    return {
        "type": TYPE + code,
        "title": title,
        "status": status,
        "detail": detail or title,
        "instance": "/api/v1/…",
        "request_id": "019af0a17c3e7b529d1e3f6c2a8b4d10",
        "errors": [],
    }
