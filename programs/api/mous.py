"""MOUs over the API: where each version stands, and by whom it was signed; signing is for people."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.schemas import answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, caller, find_row, query_of
from autopilot.models.tokens import Scope
from programs.access import mous_for
from programs.models import Mou, MouStatus

SUBJECT = "mous"


class MouSerializer(serializers.ModelSerializer[Mou]):
    """One version of the memorandum of understanding with a holder."""

    holder_id = serializers.UUIDField(help_text="With whom.")
    document_sha256 = serializers.CharField(
        source="document.sha256", default=None, allow_null=True, help_text="Of the file that was sent to be signed."
    )
    executed_sha256 = serializers.CharField(
        source="executed_document.sha256", default=None, allow_null=True, help_text="Of the sealed file."
    )

    class Meta:
        model = Mou
        fields = ["id", "holder_id", "version", "status", "compensation", "share", "amount", "payment_days",
                  "effective_on", "expires_on", "sent_at", "executed_at", "ended_at", "document_sha256",
                  "executed_sha256"]  # fmt: skip
        read_only_fields = fields


class MouQuerySerializer(StrictSerializer):
    """Which MOUs to list."""

    status = serializers.ChoiceField(MouStatus.choices, required=False, help_text="Where they stand.")
    holder_id = serializers.UUIDField(required=False, help_text="With whom.")


SAMPLE: dict[str, Any] = {
    "id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d31",
    "holder_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d13",
    "version": 1,
    "status": "executed",
    "compensation": "share",
    "share": "33.30",
    "amount": None,
    "payment_days": 30,
    "effective_on": "2026-11-20",
    "expires_on": None,
    "sent_at": "2026-11-18T14:00:00Z",
    "executed_at": "2026-11-20T14:00:00Z",
    "ended_at": None,
    "document_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "executed_sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
}
SAMPLE_PAGE = {"next": None, "previous": None, "results": [SAMPLE]}


class Mous(ApiView):
    """The MOUs that the token may see."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.MOUS_READ}
    ordering = ("-created_at", "-id")

    @operation(
        "list_mous",
        "List MOUs",
        {200: answer(MouSerializer(many=True), "A page of MOUs, the newest first.", SAMPLE_PAGE)},
        parameters=[MouQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List the versions that were sent to be signed, with what was agreed and where each stands."""
        query = query_of(request, MouQuerySerializer)
        rows = mous_for(caller(request)).select_related("document", "executed_document").filter(**query)
        return self.page_of(rows, MouSerializer)


class OneMou(ApiView):
    """An MOU."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.MOUS_READ}

    @operation(
        "read_mou",
        "Read an MOU",
        {200: answer(MouSerializer, "The MOU.", SAMPLE)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell where a version of an MOU stands."""
        rows = mous_for(caller(request)).select_related("document", "executed_document")
        return Response(MouSerializer(find_row(rows, pk=pk)).data)
