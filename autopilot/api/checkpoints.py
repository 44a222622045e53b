"""Checkpoints: read what a job asks, and decide the version that was read."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot import engine
from autopilot.api.access import checkpoints_of
from autopilot.api.checkpoint_shapes import (
    SAMPLE_CHECKPOINT,
    SAMPLE_DECIDED,
    SAMPLE_PAGE,
    CheckpointQuerySerializer,
    CheckpointSerializer,
    CheckpointSummarySerializer,
    DecisionSerializer,
    outcome_of,
)
from autopilot.api.etags import version_read, with_version
from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.problems import Problem
from autopilot.api.schemas import IF_MATCH, answer, operation
from autopilot.api.views import ApiView, body_of, caller, find_row, query_of
from autopilot.exceptions import AlreadyDecided, StaleVersion
from autopilot.models import Checkpoint
from autopilot.models.tokens import Scope
from autopilot.requests import origin_of

SUBJECT = "checkpoints"


class Checkpoints(ApiView):
    """The checkpoints that the token may see."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.CHECKPOINTS_READ}

    @operation(
        "list_checkpoints",
        "List checkpoints",
        {200: answer(CheckpointSummarySerializer(many=True), "A page of checkpoints, the newest first.", SAMPLE_PAGE)},
        parameters=[CheckpointQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List the checkpoints of the jobs that the token may see; `?status=pending` lists what waits for somebody."""
        query = query_of(request, CheckpointQuerySerializer)
        return self.page_of(checkpoints_of(caller(request)).filter(**query), CheckpointSummarySerializer)


class OneCheckpoint(ApiView):
    """A checkpoint."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.CHECKPOINTS_READ}

    @operation(
        "read_checkpoint",
        "Read a checkpoint",
        {200: answer(CheckpointSerializer, "The checkpoint. Its ETag is what a decision names.", SAMPLE_CHECKPOINT)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Show what is decided on. The ETag begins with the version of the packet; send it as `If-Match` to decide."""
        return _answered(_find(request, pk))


class DecideCheckpoint(ApiView):
    """A person's verdict."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"POST": Scope.CHECKPOINTS_DECIDE}

    @operation(
        "decide_checkpoint",
        "Decide a checkpoint",
        {200: answer(CheckpointSerializer, "The checkpoint as it is now.", SAMPLE_DECIDED)},
        request=DecisionSerializer,
        problems=[
            "not_found",
            "not_allowed",
            "four_eyes",
            "already_decided",
            "changes_asked",
            "expired",
            "stale_version",
            "version_missing",
        ],
        parameters=[IF_MATCH],
        examples=[
            OpenApiExample("Approve", {"verdict": "approve"}, request_only=True),
            OpenApiExample("Reject", {"verdict": "reject", "comment": "The EIN is another one’s."}, request_only=True),
            OpenApiExample("It happened", {"verdict": "happened", "data": {"number": "A-1"}}, request_only=True),
        ],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Give the verdict of the token's person on the version of the packet that `If-Match` names. Whoever asked for
        the job, or amended the packet last, cannot decide it. With a quorum, the checkpoint stays pending until enough
        people have approved. A decision that came too late is 409, and names who was first in `outcome`."""
        checkpoint, version = _find(request, pk), version_read(request)
        said = body_of(request, DecisionSerializer)
        try:
            engine.decide(pk, actor=caller(request).user, version=version, origin=_origin(request), **said)
        except AlreadyDecided as refusal:
            raise Problem("already_decided", str(refusal), more=_outcome(checkpoint)) from refusal
        except StaleVersion as refusal:
            checkpoint.refresh_from_db(fields=["payload_version"])
            more = {"current_version": checkpoint.payload_version}
            raise Problem("stale_version", str(refusal), more=more) from refusal
        return _answered(_find(request, pk))


def _find(request: Request, pk: UUID) -> Checkpoint:
    checkpoint: Checkpoint = find_row(checkpoints_of(caller(request)), pk=pk)
    return checkpoint


def _answered(checkpoint: Checkpoint) -> Response:
    return with_version(CheckpointSerializer(checkpoint).data, checkpoint.payload_version)


def _origin(request: Request) -> engine.Origin:
    return origin_of(request._request, channel="api")


def _outcome(checkpoint: Checkpoint) -> dict[str, Any]:
    checkpoint.refresh_from_db(fields=["outcome"])
    return {"outcome": outcome_of(checkpoint)}
