"""Documents for applications over the API: sent first, then named by the application."""

import base64
import binascii
from typing import Any
from uuid import uuid5

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.idempotency import key_of, once
from autopilot.api.parsers import FileJSONParser
from autopilot.api.permissions import HasScope
from autopilot.api.problems import wrong
from autopilot.api.schemas import IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, body_of, caller
from autopilot.models.tokens import Scope
from programs.facts import AttachmentFacts
from programs.services.attachments import attach, reference_to

SAMPLE_REQUEST = {"file_name": "w-9.pdf", "kind": "w-9", "content": "JVBERi0xLjcK…"}
SAMPLE = {"attachment": "eyJraW5kIjoidy05In0:1vM2aB:3kq…", "kind": "w-9", "file_name": "w-9.pdf", "sha256": "9f86d081…"}


class AttachmentRequestSerializer(StrictSerializer):
    """One file."""

    file_name = serializers.CharField(max_length=200, help_text="Ends in .pdf, .png, .jpg or .jpeg.")
    kind = serializers.CharField(
        max_length=60, required=False, allow_blank=True, help_text="The slug of the requirement it proves, as w-9."
    )
    content = serializers.CharField(help_text="The file in Base64; at most 10 MB of it.")


class AttachmentSerializer(serializers.Serializer[Any]):
    """A file that is on file."""

    attachment = serializers.CharField(help_text="Name it by this in `attachments` of an application.")
    kind = serializers.CharField(help_text="The requirement it proves; blank for any other document.")
    file_name = serializers.CharField(help_text="As it was sent.")
    sha256 = serializers.CharField(help_text="Of the file as it is kept.")


class Attachments(ApiView):
    """Files that will come with an application."""

    subject = "applications"
    permission_classes = [HasScope]
    parser_classes = [FileJSONParser]
    scopes = {"POST": Scope.APPLICATIONS_WRITE}

    @operation(
        "attach_document",
        "Send a document for an application",
        {201: answer(AttachmentSerializer, "The reference to the document.", SAMPLE)},
        request=AttachmentRequestSerializer,
        problems=["key_missing", "in_flight", "key_reused"],
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED],
        examples=[OpenApiExample("A form W-9", SAMPLE_REQUEST, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Send one file before the application that it belongs to. It is opened and checked as one that is uploaded in a
        browser; what the answer calls `attachment` stands for it."""
        key = key_of(request)
        received = _received(request, body_of(request, AttachmentRequestSerializer), key)
        return once(request, lambda: Response(_told(received), status=201))


def _received(request: Request, said: dict[str, Any], key: str) -> AttachmentFacts:
    """Archive the file, which may take seconds and therefore stands outside the transaction of the answer."""
    token = caller(request)
    try:
        content = base64.b64decode(said["content"], validate=True)
    except (binascii.Error, ValueError):
        raise wrong("/content", "Send the file in Base64.", "base64") from None
    file = ContentFile(content, name=said["file_name"])
    try:
        return attach(file, kind=said.get("kind", ""), tenant_id=token.tenant_id or uuid5(token.pk, key))
    except ValidationError as refusal:
        raise wrong("/content", " ".join(refusal.messages), refusal.code or "invalid") from refusal


def _told(attachment: AttachmentFacts) -> dict[str, str]:
    return {
        "attachment": reference_to(attachment),
        "kind": attachment.kind,
        "file_name": attachment.file_name,
        "sha256": attachment.sha256,
    }
