"""Workers: whether they run; pause, resume and run them, one or all."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot import workers
from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.schemas import answer, operation
from autopilot.api.serializers import ReasonSerializer, StrictSerializer
from autopilot.api.views import ApiView, body_of, caller, find_row
from autopilot.exceptions import ControlRefused
from autopilot.models import Job, Worker
from autopilot.models.tokens import Scope

SUBJECT = "workers"
VIEW, CONTROL = "autopilot.view_worker", "autopilot.control_worker"
SAMPLE = {
    "name": "sample",
    "description": "Shows what a worker can do.",
    "enabled": True,
    "pause": "",
    "pause_reason": "",
    "paused_at": None,
    "concurrency": None,
    "max_attempts": None,
}
SAMPLE_PAGE = {"next": None, "previous": None, "results": [SAMPLE]}
SAMPLE_PAUSED = SAMPLE | {
    "enabled": False,
    "pause": "drain",
    "pause_reason": "The portal is down",
    "paused_at": "2026-11-20T14:00:00Z",
}
PAUSE_EXAMPLE = OpenApiExample("Pause", {"reason": "The portal is down", "mode": "drain"}, request_only=True)
REASON_EXAMPLE = OpenApiExample("Why", {"reason": "The portal is back"}, request_only=True)


class PauseSerializer(ReasonSerializer):
    """Why a worker is paused, and what becomes of the jobs that run."""

    mode = serializers.ChoiceField(
        [("drain", "Running jobs finish"), ("stop", "Running jobs stop at their next step, and go on later")],
        default="drain",
        help_text="`drain` lets running jobs finish, `stop` gives them back at their next step.",
    )


class WorkerSerializer(serializers.ModelSerializer[Worker]):
    """A family of kinds."""

    class Meta:
        model = Worker
        fields = [
            "name",
            "description",
            "enabled",
            "pause",
            "pause_reason",
            "paused_at",
            "concurrency",
            "max_attempts",
        ]
        read_only_fields = fields


class RunSerializer(StrictSerializer):
    """What was put in the queue."""

    jobs = serializers.ListField(child=serializers.UUIDField(), help_text="The jobs of its schedules.")


class WorkerOutcomeSerializer(StrictSerializer):
    """What became of one worker."""

    worker = serializers.CharField(help_text="Its name.")
    done = serializers.BooleanField(help_text="Whether it was done.")
    detail = serializers.CharField(allow_blank=True, help_text="Why not.")
    jobs = serializers.ListField(child=serializers.UUIDField(), help_text="What was put in the queue, at a run.")


class WorkerOutcomesSerializer(StrictSerializer):
    """What became of each worker."""

    results = WorkerOutcomeSerializer(many=True)


SAMPLE_OUTCOMES = {"results": [{"worker": "sample", "done": True, "detail": "", "jobs": []}]}


class Workers(ApiView):
    """The workers."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.WORKERS_READ}
    right = VIEW
    ordering = ("name",)

    @operation(
        "list_workers",
        "List workers",
        {200: answer(WorkerSerializer(many=True), "A page of workers, by name.", SAMPLE_PAGE)},
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List the families of kinds, and whether they run."""
        return self.page_of(Worker.objects.all(), WorkerSerializer)


class OneWorker(ApiView):
    """A worker."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.WORKERS_READ}
    right = VIEW

    @operation(
        "read_worker",
        "Read a worker",
        {200: answer(WorkerSerializer, "The worker.", SAMPLE)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, name: str) -> Response:
        """Tell whether a worker runs, and its limits."""
        return Response(WorkerSerializer(_find(name)).data)


class WorkerControl(ApiView):
    """What is done to workers, by whom a token may control them."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"POST": Scope.WORKERS_CONTROL}
    right = CONTROL


class PauseWorker(WorkerControl):
    """A pause of a worker."""

    @operation(
        "pause_worker",
        "Pause a worker",
        {200: answer(WorkerSerializer, "The worker as it is now.", SAMPLE_PAUSED)},
        request=PauseSerializer,
        problems=["not_found", "conflict"],
        examples=[PAUSE_EXAMPLE],
    )
    def post(self, request: Request, name: str) -> Response:
        """Let none of a worker's jobs start until it is resumed. They wait, and nothing is lost."""
        workers.pause(_find(name), by=caller(request).user, **body_of(request, PauseSerializer))
        return Response(WorkerSerializer(_find(name)).data)


class ResumeWorker(WorkerControl):
    """The end of a pause."""

    @operation(
        "resume_worker",
        "Resume a worker",
        {200: answer(WorkerSerializer, "The worker as it is now.", SAMPLE)},
        request=ReasonSerializer,
        problems=["not_found", "conflict"],
        examples=[REASON_EXAMPLE],
    )
    def post(self, request: Request, name: str) -> Response:
        """Let a paused worker's jobs start again."""
        workers.resume(_find(name), by=caller(request).user, **body_of(request, ReasonSerializer))
        return Response(WorkerSerializer(_find(name)).data)


class RunWorker(WorkerControl):
    """A run of a worker's schedules."""

    @operation(
        "run_worker",
        "Run a worker now",
        {
            200: answer(
                RunSerializer, "The jobs that are in the queue.", {"jobs": ["019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d10"]}
            )
        },
        request=ReasonSerializer,
        problems=["not_found", "conflict"],
        examples=[OpenApiExample("Why", {"reason": "Missed this morning"}, request_only=True)],
    )
    def post(self, request: Request, name: str) -> Response:
        """Put a job in the queue for every enabled schedule of a worker, as if its time had come. It is a conflict when
        the worker has no enabled schedule, or when none of them can run, as while its last run is not finished."""
        reason = body_of(request, ReasonSerializer)["reason"]
        jobs = workers.run_now(_find(name), by=caller(request).user, reason=reason)
        return Response({"jobs": [str(job.pk) for job in jobs]})


class PauseAll(WorkerControl):
    """A pause of every worker."""

    @operation(
        "pause_all_workers",
        "Pause all workers",
        {200: answer(WorkerOutcomesSerializer, "What became of each.", SAMPLE_OUTCOMES)},
        request=PauseSerializer,
        examples=[PAUSE_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Pause every worker, each by itself: one that is paused already does not keep the others from it."""
        said, by = body_of(request, PauseSerializer), caller(request).user

        def pause(worker: Worker) -> list[Job]:
            workers.pause(worker, by=by, **said)
            return []

        return _for_each(pause)


class ResumeAll(WorkerControl):
    """The end of every pause."""

    @operation(
        "resume_all_workers",
        "Resume all workers",
        {200: answer(WorkerOutcomesSerializer, "What became of each.", SAMPLE_OUTCOMES)},
        request=ReasonSerializer,
        examples=[REASON_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Resume every worker that is paused."""
        said, by = body_of(request, ReasonSerializer), caller(request).user

        def resume(worker: Worker) -> list[Job]:
            workers.resume(worker, by=by, **said)
            return []

        return _for_each(resume)


class RunAll(WorkerControl):
    """A run of all schedules."""

    @operation(
        "run_all_workers",
        "Run all workers now",
        {200: answer(WorkerOutcomesSerializer, "What became of each.", SAMPLE_OUTCOMES)},
        request=ReasonSerializer,
        examples=[REASON_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Put a job in the queue for every enabled schedule of every worker."""
        reason, by = body_of(request, ReasonSerializer)["reason"], caller(request).user
        return _for_each(lambda worker: workers.run_now(worker, by=by, reason=reason))


def _find(name: str) -> Worker:
    worker: Worker = find_row(Worker.objects.all(), pk=name)
    return worker


def _for_each(do: Callable[[Worker], list[Job]]) -> Response:
    return Response({"results": [_outcome(worker, do) for worker in Worker.objects.all()]})


def _outcome(worker: Worker, do: Callable[[Worker], list[Job]]) -> dict[str, Any]:
    told = {"worker": worker.name, "done": True, "detail": "", "jobs": []}
    try:
        return told | {"jobs": [str(job.pk) for job in do(worker)]}
    except ControlRefused as refusal:
        return told | {"done": False, "detail": str(refusal)}
