"""Cohorts and their sessions over the API: planned, opened and met as in the portal."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.problems import wrong
from autopilot.api.schemas import IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION, SAMPLE_ID, answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, body_of, caller, find_row, query_of
from autopilot.models.tokens import Scope
from programs.access import holders_for, holders_written_by
from programs.api.offers import created, sites_named
from programs.api.programs import programs_written
from programs.models import Cohort, CohortStatus, Session
from programs.services import cohorts, sessions

COHORTS, SESSIONS = "cohorts", "sessions"
VIEW_COHORT, VIEW_SESSION = "programs.view_cohort", "programs.view_session"


class CohortChangeSerializer(StrictSerializer):
    """What is said about a cohort; what is left out stays as it is."""

    name = serializers.CharField(max_length=80, required=False, help_text="As students know it.")
    site_id = serializers.UUIDField(required=False, allow_null=True, help_text="Where it meets; null: online.")
    starts_on = serializers.DateField(required=False, help_text="Its first day.")
    ends_on = serializers.DateField(required=False, help_text="Its last day; sessions follow its dates.")
    capacity = serializers.IntegerField(min_value=1, max_value=10_000, required=False, help_text="Its seats.")
    time_zone = serializers.CharField(max_length=40, required=False, help_text="An IANA name, as America/New_York.")


class CohortRequestSerializer(CohortChangeSerializer):
    """A new cohort."""

    program_id = serializers.UUIDField(help_text="The program it takes.")
    name = serializers.CharField(max_length=80, help_text="As students know it.")
    starts_on = serializers.DateField(help_text="Its first day.")
    ends_on = serializers.DateField(help_text="Its last day.")
    capacity = serializers.IntegerField(min_value=1, max_value=10_000, help_text="Its seats.")


class CohortQuerySerializer(StrictSerializer):
    """Which cohorts to list."""

    status = serializers.ChoiceField(CohortStatus.choices, required=False, help_text="Where they stand.")
    program_id = serializers.UUIDField(required=False, help_text="Of which program they are.")


class SlotSerializer(StrictSerializer):
    """One weekly meeting."""

    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday, 6 is Sunday.")
    starts_at = serializers.TimeField(help_text="In the cohort's time zone.")
    ends_at = serializers.TimeField(help_text="On the same day.")


class RulesSerializer(StrictSerializer):
    """On which days of the week a cohort meets."""

    slots = serializers.ListField(
        child=SlotSerializer(), max_length=sessions.MOST_RULES, help_text="All of them; none ends the weekly meetings."
    )


class CohortSerializer(serializers.ModelSerializer[Cohort]):
    """A cohort, and where it stands."""

    class Meta:
        model = Cohort
        fields = [
            "id", "program_id", "site_id", "name", "status", "starts_on", "ends_on", "capacity", "time_zone", "created_at"
        ]  # fmt: skip
        read_only_fields = fields


class SessionQuerySerializer(StrictSerializer):
    """Which sessions to list."""

    cohort_id = serializers.UUIDField(required=False, help_text="Of which cohort they are.")
    date_from = serializers.DateField(required=False, help_text="The first day.")
    date_to = serializers.DateField(required=False, help_text="The last day.")


class SessionRequestSerializer(StrictSerializer):
    """A meeting beside the weekly ones."""

    cohort_id = serializers.UUIDField(help_text="Of which cohort it is.")
    date = serializers.DateField(help_text="Its day.")
    starts_at = serializers.TimeField(help_text="In the cohort's time zone.")
    ends_at = serializers.TimeField(help_text="On the same day.")
    topic = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text="What it is about.")


class MoveSerializer(StrictSerializer):
    """When a session is held instead."""

    date = serializers.DateField(help_text="Its day.")
    starts_at = serializers.TimeField(help_text="In the cohort's time zone.")
    ends_at = serializers.TimeField(help_text="On the same day.")
    topic = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="What it is about; left out, it stays."
    )


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A meeting of a cohort, in the cohort's time zone."""

    class Meta:
        model = Session
        fields = ["id", "cohort_id", "date", "starts_at", "ends_at", "hours", "topic", "cancelled_at", "locked_at"]
        read_only_fields = fields


SAMPLE_COHORT = {
    "id": SAMPLE_ID,
    "program_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d12",
    "site_id": None,
    "name": "Winter 2027",
    "status": "planned",
    "starts_on": "2027-01-11",
    "ends_on": "2027-04-30",
    "capacity": 12,
    "time_zone": "America/New_York",
    "created_at": "2026-11-20T14:00:00Z",
}
SAMPLE_PLAN = {
    name: SAMPLE_COHORT[name] for name in ("program_id", "name", "starts_on", "ends_on", "capacity", "time_zone")
}
SAMPLE_SESSION = {
    "id": SAMPLE_ID,
    "cohort_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d14",
    "date": "2027-01-11",
    "starts_at": "09:00:00",
    "ends_at": "12:00:00",
    "hours": "3.00",
    "topic": "Safety",
    "cancelled_at": None,
    "locked_at": None,
}
SAMPLE_MOVE = {"date": "2027-01-12", "starts_at": "13:00:00", "ends_at": "16:00:00"}
SAMPLE_MEETING = {name: SAMPLE_SESSION[name] for name in ("cohort_id", "date", "starts_at", "ends_at", "topic")}
SAMPLE_WEEK = {"slots": [{"weekday": 0, "starts_at": "09:00", "ends_at": "12:00"}]}


class Cohorts(ApiView):
    """The cohorts that the token may see."""

    subject = COHORTS
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.PROGRAMS_READ, "POST": Scope.PROGRAMS_WRITE}

    @operation(
        "list_cohorts",
        "List cohorts",
        {
            200: answer(
                CohortSerializer(many=True),
                "A page of cohorts, the newest first.",
                {"next": None, "previous": None, "results": [SAMPLE_COHORT]},
            )
        },
        parameters=[CohortQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List cohorts of the programs that the token may see."""
        query = query_of(request, CohortQuerySerializer)
        return self.page_of(_cohorts_read(request).filter(**query), CohortSerializer)

    @operation(
        "create_cohort",
        "Plan a cohort",
        {201: answer(CohortSerializer, "The cohort, planned.", SAMPLE_COHORT)},
        request=CohortRequestSerializer,
        problems=["key_missing", "in_flight", "key_reused"],
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION],
        examples=[OpenApiExample("A cohort", SAMPLE_PLAN, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Plan a cohort of a program, as in the portal."""
        said = body_of(request, CohortRequestSerializer)
        program = programs_written(request).filter(pk=said.pop("program_id")).first()
        if program is None:
            raise wrong("/program_id", "Name a program for which you may write.", "program")
        facts, by = _facts(program.holder, said), caller(request).user
        return created(request, "api:cohort", lambda: cohorts.plan_cohort(program, said=facts, by=by), CohortSerializer)


class OneCohort(ApiView):
    """A cohort."""

    subject = COHORTS
    permission_classes = [HasScope]
    scopes = {"GET": Scope.PROGRAMS_READ}

    @operation(
        "read_cohort",
        "Read a cohort",
        {200: answer(CohortSerializer, "The cohort.", SAMPLE_COHORT)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell where a cohort stands, its dates and its seats."""
        return Response(CohortSerializer(find_row(_cohorts_read(request), pk=pk)).data)


class UpdateCohort(ApiView):
    """Other facts about a cohort."""

    subject = COHORTS
    permission_classes = [HasScope]
    scopes = {"POST": Scope.PROGRAMS_WRITE}

    @operation(
        "update_cohort",
        "Change a cohort",
        {200: answer(CohortSerializer, "The cohort as it is now.", SAMPLE_COHORT | {"capacity": 14})},
        request=CohortChangeSerializer,
        problems=["not_found"],
        examples=[OpenApiExample("More seats", {"capacity": 14}, request_only=True)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Change what is named, and leave the rest; its sessions follow its dates, and its seats are never fewer than
        are taken."""
        cohort = find_row(_cohorts_written(request), pk=pk)
        facts = _facts(cohort.program.holder, body_of(request, CohortChangeSerializer))
        cohorts.edit_cohort(cohort, said=facts, by=caller(request).user)
        return Response(CohortSerializer(cohort).data)


class OpenCohort(ApiView):
    """A cohort for students to enroll in."""

    subject = COHORTS
    permission_classes = [HasScope]
    scopes = {"POST": Scope.PROGRAMS_WRITE}

    @operation(
        "open_cohort",
        "Open a cohort for enrollment",
        {200: answer(CohortSerializer, "The cohort, open.", SAMPLE_COHORT | {"status": "open"})},
        problems=["not_found", "invalid"],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Open it: the program must be approved, the organization active, and its MOU executed; without, the code of
        the error is `mou_not_executed`."""
        cohort = find_row(_cohorts_written(request), pk=pk)
        cohorts.open_cohort(cohort, by=caller(request).user)
        return Response(CohortSerializer(cohort).data)


class SetWeek(ApiView):
    """When a cohort meets, week by week."""

    subject = COHORTS
    permission_classes = [HasScope]
    scopes = {"POST": Scope.PROGRAMS_WRITE}

    @operation(
        "set_cohort_week",
        "Set when a cohort meets",
        {200: answer(CohortSerializer, "The cohort, whose sessions are made.", SAMPLE_COHORT)},
        request=RulesSerializer,
        problems=["not_found"],
        examples=[OpenApiExample("Mondays", SAMPLE_WEEK, request_only=True)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Replace the weekly meetings, and make the sessions of them; to send the same again changes nothing."""
        cohort = find_row(_cohorts_written(request), pk=pk)
        slots = [sessions.Slot(**slot) for slot in body_of(request, RulesSerializer)["slots"]]
        sessions.set_rules(cohort, slots=slots, by=caller(request).user)
        return Response(CohortSerializer(cohort).data)


class Sessions(ApiView):
    """The sessions that the token may see."""

    subject = SESSIONS
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.PROGRAMS_READ, "POST": Scope.PROGRAMS_WRITE}
    ordering = ("date", "starts_at", "id")

    @operation(
        "list_sessions",
        "List sessions",
        {
            200: answer(
                SessionSerializer(many=True),
                "A page of sessions, by day and hour.",
                {"next": None, "previous": None, "results": [SAMPLE_SESSION]},
            )
        },
        parameters=[SessionQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List sessions of the cohorts that the token may see."""
        query = query_of(request, SessionQuerySerializer)
        columns = {"cohort_id": "cohort_id", "date_from": "date__gte", "date_to": "date__lte"}
        rows = _sessions_read(request).filter(**{columns[name]: value for name, value in query.items()})
        return self.page_of(rows, SessionSerializer)

    @operation(
        "add_session",
        "Add a session",
        {201: answer(SessionSerializer, "The session.", SAMPLE_SESSION)},
        request=SessionRequestSerializer,
        problems=["key_missing", "in_flight", "key_reused"],
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION],
        examples=[OpenApiExample("A session", SAMPLE_MEETING, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Add a meeting beside the weekly ones, where the cohort has no other at that time."""
        said = body_of(request, SessionRequestSerializer)
        cohort = _cohorts_written(request).filter(pk=said.pop("cohort_id")).first()
        if cohort is None:
            raise wrong("/cohort_id", "Name a cohort for which you may write.", "cohort")
        day, by = said.pop("date"), caller(request).user
        return created(
            request,
            "api:session",
            lambda: sessions.add_session(cohort, day=day, by=by, **said),
            SessionSerializer,
        )


class OneSession(ApiView):
    """A session."""

    subject = SESSIONS
    permission_classes = [HasScope]
    scopes = {"GET": Scope.PROGRAMS_READ}

    @operation(
        "read_session",
        "Read a session",
        {200: answer(SessionSerializer, "The session.", SAMPLE_SESSION)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell when a session is held, and what it counts for."""
        return Response(SessionSerializer(find_row(_sessions_read(request), pk=pk)).data)


class MoveSession(ApiView):
    """A session at another time."""

    subject = SESSIONS
    permission_classes = [HasScope]
    scopes = {"POST": Scope.PROGRAMS_WRITE}

    @operation(
        "move_session",
        "Move a session",
        {200: answer(SessionSerializer, "The session.", SAMPLE_SESSION | SAMPLE_MOVE)},
        request=MoveSerializer,
        problems=["not_found"],
        examples=[OpenApiExample("A day later", SAMPLE_MOVE, request_only=True)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Hold it at another time, where the cohort has no other; one with recorded attendance, or that is cancelled,
        stays as it is."""
        session = find_row(_sessions_written(request), pk=pk)
        said = body_of(request, MoveSerializer)
        sessions.move_session(session, day=said.pop("date"), by=caller(request).user, **said)
        return Response(SessionSerializer(session).data)


class CancelSession(ApiView):
    """A session that is not held."""

    subject = SESSIONS
    permission_classes = [HasScope]
    scopes = {"POST": Scope.PROGRAMS_WRITE}

    @operation(
        "cancel_session",
        "Cancel a session",
        {200: answer(SessionSerializer, "The session.", SAMPLE_SESSION | {"cancelled_at": "2026-11-20T14:00:00Z"})},
        problems=["not_found", "invalid"],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Cancel it; one with recorded attendance stays."""
        session = find_row(_sessions_written(request), pk=pk)
        sessions.cancel_session(session, by=caller(request).user)
        return Response(SessionSerializer(session).data)


def _cohorts_read(request: Request) -> Any:
    return Cohort.objects.filter(program__holder__in=holders_for(caller(request), VIEW_COHORT))


def _cohorts_written(request: Request) -> Any:
    mine = Cohort.objects.filter(program__holder__in=holders_written_by(caller(request)))
    return mine.select_related("program__holder", "site")


def _sessions_read(request: Request) -> Any:
    return Session.objects.filter(cohort__program__holder__in=holders_for(caller(request), VIEW_SESSION))


def _sessions_written(request: Request) -> Any:
    mine = Session.objects.filter(cohort__program__holder__in=holders_written_by(caller(request)))
    return mine.select_related("cohort__program")


def _facts(holder: Any, said: dict[str, Any]) -> dict[str, Any]:
    facts = dict(said)
    if "site_id" in facts:
        site_id = facts.pop("site_id")
        facts["site"] = sites_named(holder, [site_id], "/site_id")[0] if site_id else None
    return facts
