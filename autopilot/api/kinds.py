"""Kinds: what can be asked for, each with the schema of its payload."""

import inspect
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.permissions import HasScope
from autopilot.api.problems import Problem
from autopilot.api.schemas import answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, caller, query_of
from autopilot.engine import registry
from autopilot.engine.registry import Handler
from autopilot.models.tokens import ApiToken, Scope

SUBJECT = "kinds"
CONTROL = "autopilot.control_job"
SAMPLE = {
    "kind": "sample.simple",
    "worker": "sample",
    "description": "Tell people that it started, and do nothing else: the smallest whole worker.",
    "payload_schema": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"subject": {"type": "string", "description": "text"}},
        "required": ["subject"],
        "additionalProperties": False,
    },
    "result_schema": {},
    "priority": 5,
    "max_attempts": 3,
    "timeout_seconds": 600,
    "requestable": True,
}


@extend_schema_field({"type": "object", "additionalProperties": True})
class SchemaField(serializers.DictField):
    """A JSON Schema (2020-12)."""


class KindSerializer(StrictSerializer):
    """What can be asked for."""

    kind = serializers.CharField(help_text="What it does: worker.verb.")
    worker = serializers.CharField(help_text="The family it belongs to.")
    description = serializers.CharField(help_text="What it does, in words.")
    payload_schema = SchemaField(help_text="JSON Schema (2020-12) of `payload`.")
    result_schema = SchemaField(help_text="JSON Schema of the result, where one is declared.")
    priority = serializers.IntegerField(help_text="Unless a job says otherwise; 10 is most urgent.")
    max_attempts = serializers.IntegerField(help_text="Executions before it fails.")
    timeout_seconds = serializers.IntegerField(help_text="How long one attempt may take.")
    requestable = serializers.BooleanField(help_text="Whether a tenant may ask for it.")


class KindPageSerializer(StrictSerializer):
    """All kinds that the token may ask for; there are few, so there is one page."""

    results = KindSerializer(many=True)


class NothingToAskSerializer(StrictSerializer):
    """No parameter at all."""


class Kinds(ApiView):
    """What the token may ask for."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.JOBS_READ}

    @operation(
        "list_kinds",
        "List kinds",
        {200: answer(KindPageSerializer, "The kinds.", {"results": [SAMPLE]})},
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List the kinds of jobs that the token may ask for, each with the JSON Schema of its payload."""
        query_of(request, NothingToAskSerializer)
        return Response({"results": [_told(handler) for handler in _requestable(caller(request))]})


class OneKind(ApiView):
    """A kind."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.JOBS_READ}

    @operation(
        "read_kind",
        "Read a kind",
        {200: answer(KindSerializer, "The kind.", SAMPLE)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, kind: str) -> Response:
        """Tell what a kind does, and the JSON Schema of its payload."""
        for handler in _requestable(caller(request)):
            if handler.kind == kind:
                return Response(_told(handler))
        raise Problem("not_found")


def may_request_any(token: ApiToken) -> bool:
    """Return whether a token may ask for jobs of every kind: its person controls jobs, and it has no tenant."""
    return token.tenant_id is None and token.user.is_staff and token.user.has_perm(CONTROL)


def _requestable(token: ApiToken) -> list[Handler]:
    handlers = [registry.find_handler(kind) for kind in registry.kinds()]
    if may_request_any(token):
        return handlers
    return [each for each in handlers if each.requestable and token.tenant_id is not None]


def _told(handler: Handler) -> dict[str, Any]:
    return {
        "kind": handler.kind,
        "worker": handler.worker,
        "description": inspect.getdoc(handler.function) or "",
        "payload_schema": handler.signature.schema,
        "result_schema": handler.result,
        "priority": handler.priority,
        "max_attempts": handler.max_attempts,
        "timeout_seconds": int(handler.timeout.total_seconds()),
        "requestable": handler.requestable,
    }
