"""Jobs: ask for them, follow them, cancel them, put them back in the queue."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from autopilot import clock, engine
from autopilot.api.access import jobs_of
from autopilot.api.checkpoint_shapes import SAMPLE_PAGE as SAMPLE_CHECKPOINTS
from autopilot.api.checkpoint_shapes import CheckpointSummarySerializer
from autopilot.api.idempotency import once
from autopilot.api.job_shapes import (
    SAMPLE_JOB,
    SAMPLE_PAGE,
    SAMPLE_REASON,
    EventSerializer,
    JobQuerySerializer,
    JobRequestSerializer,
    JobSerializer,
    JobSummarySerializer,
    RequeueSerializer,
    StepSerializer,
)
from autopilot.api.kinds import may_request_any
from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.problems import Problem, Row, pointer_to, wrong
from autopilot.api.schemas import (
    IDEMPOTENCY_KEY,
    IDEMPOTENCY_REPLAYED,
    LOCATION,
    answer,
    operation,
)
from autopilot.api.serializers import ReasonSerializer
from autopilot.api.views import ApiView, body_of, caller, find_row, query_of
from autopilot.engine import Requeue, registry
from autopilot.engine.registry import Handler
from autopilot.exceptions import ControlRefused, UnknownKind
from autopilot.models import Job
from autopilot.models.tokens import ApiToken, Scope
from autopilot.tenants import NETWORK

NOT_YOURS = "You may not ask for jobs of this kind."
SUBJECT = "jobs"


class Jobs(ApiView):
    """The jobs that the token may see."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.JOBS_READ, "POST": Scope.JOBS_WRITE}

    @operation(
        "list_jobs",
        "List jobs",
        {200: answer(JobSummarySerializer(many=True), "A page of jobs, the newest first.", SAMPLE_PAGE)},
        parameters=[JobQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List the jobs that the token may see: its tenant's; without a tenant, all for staff with the permission,
        and for anybody else the jobs that they asked for themselves."""
        return self.page_of(
            _chosen(jobs_of(caller(request)), query_of(request, JobQuerySerializer)), JobSummarySerializer
        )

    @operation(
        "create_job",
        "Ask for a job",
        {
            201: answer(JobSerializer, "The job, which is in the queue.", SAMPLE_JOB | {"status": "pending"}),
            200: answer(JobSerializer, "The live job of the same unique_key; none was created.", SAMPLE_JOB),
        },
        request=JobRequestSerializer,
        problems=["key_missing", "in_flight", "key_reused"],
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION],
        examples=[
            OpenApiExample(
                "A sample job", {"kind": "sample.simple", "payload": {"subject": "a thing"}}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Put a job in the queue. Its payload is checked against the schema of its kind (`GET /kinds`). A token of a
        tenant can ask for the kinds that tenants may ask for; staff who may control jobs, for any."""
        return once(request, lambda: _created(request))


class OneJob(ApiView):
    """A job."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.JOBS_READ}

    @operation(
        "read_job",
        "Read a job",
        {200: answer(JobSerializer, "The job.", SAMPLE_JOB)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell where a job stands, what it was given and what it gave. Poll it with `If-None-Match`: while nothing
        changes, the answer is 304."""
        return Response(JobSerializer(_find(request, pk)).data)


class CancelJob(ApiView):
    """The end of a job, before its time."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"POST": Scope.JOBS_WRITE}

    @operation(
        "cancel_job",
        "Cancel a job",
        {200: answer(JobSerializer, "The job as it is now.", SAMPLE_JOB | {"status": "cancelled"})},
        request=ReasonSerializer,
        problems=["not_found", "conflict"],
        examples=[OpenApiExample("Why", SAMPLE_REASON, request_only=True)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Cancel a job and its parts: at once where nobody runs them, else at the next step. The answer then still
        says `running`, with `cancel_requested_at`. Whoever asked for a job may cancel it; that of somebody else needs the
        permission to control jobs."""
        job = _find(request, pk)
        said = body_of(request, ReasonSerializer)
        if job.is_final:
            raise ControlRefused(f"It is {job.get_status_display().lower()} already.")
        engine.cancel(job.pk, actor=caller(request).user, reason=said["reason"])
        return Response(JobSerializer(_find(request, pk)).data)


class RequeueJob(ApiView):
    """Another run of a job that ended."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"POST": Scope.JOBS_WRITE}

    @operation(
        "requeue_job",
        "Put a job back in the queue",
        {200: answer(JobSerializer, "The job as it is now.", SAMPLE_JOB | {"status": "pending", "result": None})},
        request=RequeueSerializer,
        problems=["not_found", "conflict"],
        examples=[
            OpenApiExample("Go on", {"mode": "resume", "reason": "The portal is back"}, request_only=True),
            OpenApiExample(
                "From a step", {"mode": "from_step", "step": "write", "reason": "Mended"}, request_only=True
            ),
        ],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Put a failed or cancelled job back in the queue with fresh attempts. Needs the permission to control jobs."""
        job = _find(request, pk)
        said = body_of(request, RequeueSerializer)
        mode, step = Requeue(said["mode"]), said.get("step", "")
        engine.requeue(job.pk, actor=caller(request).user, reason=said["reason"], mode=mode, step=step)
        return Response(JobSerializer(_find(request, pk)).data)


class JobEvents(ApiView):
    """What happened to a job."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.JOBS_READ}
    ordering = ("seq",)

    @operation(
        "list_job_events",
        "List what happened to a job",
        {
            200: answer(
                EventSerializer(many=True),
                "A page of events, in their order.",
                {
                    "next": None,
                    "previous": None,
                    "results": [
                        {
                            "seq": 1,
                            "at": "2026-11-20T14:00:00Z",
                            "from_status": "",
                            "to_status": "pending",
                            "why": "enqueue",
                            "actor": "lindqvist",
                            "detail": {},
                        }
                    ],
                },
            )
        },
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """List every move of a job: when, from where to where, why, and by whom."""
        return self.page_of(_find(request, pk).events.all(), EventSerializer)


class JobSteps(ApiView):
    """The steps of a job."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.JOBS_READ}
    ordering = ("id",)

    @operation(
        "list_job_steps",
        "List the steps of a job",
        {
            200: answer(
                StepSerializer(many=True),
                "A page of steps, in their order.",
                {
                    "next": None,
                    "previous": None,
                    "results": [
                        {
                            "key": "write",
                            "effect": "call",
                            "state": "done",
                            "generation": 1,
                            "inherited": False,
                            "created_at": "2026-11-20T14:00:01Z",
                            "finished_at": "2026-11-20T14:00:02Z",
                        }
                    ],
                },
            )
        },
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """List the steps whose results are kept: a later run does not do them again."""
        return self.page_of(_find(request, pk).steps.all(), StepSerializer)


class JobCheckpoints(ApiView):
    """The checkpoints of a job."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.CHECKPOINTS_READ}
    ordering = ("created_at", "id")

    @operation(
        "list_job_checkpoints",
        "List the checkpoints of a job",
        {
            200: answer(
                CheckpointSummarySerializer(many=True), "A page of checkpoints, the oldest first.", SAMPLE_CHECKPOINTS
            )
        },
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """List where a job has informed people, or waits for a decision."""
        return self.page_of(_find(request, pk).checkpoints.all(), CheckpointSummarySerializer)


def _find(request: Request, pk: UUID) -> Job:
    job: Job = find_row(jobs_of(caller(request)).select_related("held_by"), pk=pk)
    return job


def _chosen(jobs: QuerySet[Job], query: dict[str, Any]) -> QuerySet[Job]:
    same: dict[str, Any] = {name: query[name] for name in ("status", "kind", "worker") if name in query}
    if "created_after" in query:
        same["created_at__gte"] = query["created_after"]
    if "created_before" in query:
        same["created_at__lt"] = query["created_before"]
    return jobs.filter(**same)


def _created(request: Request) -> Response:
    said, token, began = body_of(request, JobRequestSerializer), caller(request), clock.now()
    handler = _permitted_handler(token, said.pop("kind"))
    tenant_id, payload = _tenant(token, said.pop("tenant_id", None)), said.pop("payload", {})
    if problems := tuple(_misfits(handler, payload)):
        raise Problem("invalid", errors=problems)
    with transaction.atomic():
        job = engine.enqueue(handler.kind, tenant_id=tenant_id, requested_by=token.user, **said, **payload)
    return _answered(request, job, began)


def _answered(request: Request, job: Job, began: datetime) -> Response:
    status = 201 if job.created_at >= began else 200
    where = reverse("api:job", args=[job.pk], request=request)
    return Response(JobSerializer(job).data, status=status, headers={"Location": where})


def _permitted_handler(token: ApiToken, kind: str) -> Handler:
    """Return the handler of a kind that the token may ask for; who may not is not told whether there is such a kind."""
    try:
        handler = registry.find_handler(kind)
    except UnknownKind:
        if may_request_any(token):
            raise
        raise Problem("forbidden", NOT_YOURS) from None
    if may_request_any(token) or (token.tenant_id is not None and handler.requestable):
        return handler
    raise Problem("forbidden", NOT_YOURS)


def _tenant(token: ApiToken, asked: UUID | None) -> UUID:
    if token.tenant_id is None:
        return asked or NETWORK
    if asked not in (None, token.tenant_id):
        raise wrong("/tenant_id", "This token works for its own tenant alone; leave it out.", "forbidden")
    return token.tenant_id


def _misfits(handler: Handler, payload: dict[str, Any]) -> Iterator[Row]:
    """Yield where a payload does not fit the schema of its kind, and what is wanted there; never a value."""
    signature = handler.signature
    for name in signature.schema["required"]:
        if name not in payload:
            yield _misfit(
                ["payload", name], f"It is missing: it must be {signature.forms[name].description}.", "required"
            )
    for name in payload:
        if name not in signature.forms:
            yield _misfit(["payload", name], "There is no such parameter; leave it out.", "unknown")
    for error in signature.validator.iter_errors(payload):
        if error.absolute_path:
            wanted = error.schema["description"] if isinstance(error.schema, dict) else "as the kind’s schema says"
            yield _misfit(["payload", *error.absolute_path], f"It must be {wanted}.", "invalid")


def _misfit(path: list[Any], detail: str, code: str) -> Row:
    return {"pointer": pointer_to(*path), "detail": detail, "code": code}
