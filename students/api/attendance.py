"""Attendance over the API: listed, and recorded for a session."""

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.idempotency import once
from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.problems import wrong
from autopilot.api.schemas import IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, body_of, caller, query_of
from autopilot.models.tokens import Scope
from programs.access import holders_for
from programs.models import Session
from students.access import attendance_for
from students.models import Attendance, AttendanceStatus
from students.services.attendance import Entry, record_attendance

SUBJECT = "attendance"
CONTROL = "students.control_enrollment"
MOST = 500


class EntrySerializer(StrictSerializer):
    """Who was there, and for how long."""

    enrollment_id = serializers.UUIDField(help_text="Whose presence it is.")
    presence = serializers.ChoiceField(AttendanceStatus.choices, help_text="Whether the student was there.")
    hours = serializers.DecimalField(
        max_digits=4, decimal_places=2, min_value=0, required=False,
        help_text="Left out: all hours of the session for who came, and none for who did not.",
    )  # fmt: skip
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, help_text="A remark.")


class AttendanceRequestSerializer(StrictSerializer):
    """The attendance of one session."""

    session_id = serializers.UUIDField(help_text="The session.")
    entries = serializers.ListField(
        child=EntrySerializer(), min_length=1, max_length=MOST, help_text="One for each student, at most 500."
    )


class AttendanceQuerySerializer(StrictSerializer):
    """Which records to list."""

    session_id = serializers.UUIDField(required=False, help_text="Those of a session.")
    enrollment_id = serializers.UUIDField(required=False, help_text="Those of an enrollment.")


class AttendanceSerializer(serializers.ModelSerializer[Attendance]):
    """One student at one session."""

    class Meta:
        model = Attendance
        fields = ["id", "enrollment_id", "session_id", "presence", "hours", "note", "recorded_at"]
        read_only_fields = fields
        extra_kwargs = {
            "id": {"help_text": "Its id."},
            "presence": {"help_text": "Whether the student was there."},
            "hours": {"help_text": "What it counts for."},
            "note": {"help_text": "A remark."},
            "recorded_at": {"help_text": "When it was recorded last."},
        }


class RecordedSerializer(StrictSerializer):
    """What became of it."""

    changed = serializers.IntegerField(help_text="How many records are new or different.")


SAMPLE: dict[str, Any] = {
    "id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4e11",
    "enrollment_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4e01",
    "session_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4e12",
    "presence": "late",
    "hours": "3.50",
    "note": "",
    "recorded_at": "2026-11-20T14:00:00Z",
}
SAMPLE_PAGE = {"next": None, "previous": None, "results": [SAMPLE]}
SAMPLE_ENTRY = {name: SAMPLE[name] for name in ("enrollment_id", "presence", "hours")}
SAMPLE_REQUEST = {"session_id": SAMPLE["session_id"], "entries": [SAMPLE_ENTRY]}


class AttendanceRecords(ApiView):
    """The records of attendance that the token may see."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.ATTENDANCE_READ, "POST": Scope.ATTENDANCE_WRITE}
    ordering = ("-recorded_at", "-id")

    @operation(
        "list_attendance",
        "List attendance",
        {200: answer(AttendanceSerializer(many=True), "A page of records, the newest first.", SAMPLE_PAGE)},
        parameters=[AttendanceQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List who was at which session: of the organizations that the token reaches."""
        query = query_of(request, AttendanceQuerySerializer)
        return self.page_of(attendance_for(caller(request)).filter(**query), AttendanceSerializer)

    @operation(
        "record_attendance",
        "Record attendance",
        {201: answer(RecordedSerializer, "How many records are new or different.", {"changed": 1})},
        request=AttendanceRequestSerializer,
        problems=["key_missing", "in_flight", "key_reused"],
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED],
        examples=[OpenApiExample("A session", SAMPLE_REQUEST, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Record who was at a session; what a record said before is kept. All of it is recorded, or nothing: the code
        in `errors` is `session_locked`, `session_cancelled`, `future_session`, `not_expected` or `hours`."""
        return once(request, lambda: _recorded(request))


def _recorded(request: Request) -> Response:
    token, said = caller(request), body_of(request, AttendanceRequestSerializer)
    own = Session.objects.filter(cohort__program__holder__in=holders_for(token, CONTROL))
    session = own.filter(pk=said["session_id"]).first()
    if session is None:
        raise wrong("/session_id", "There is no such session, or none that you may record.", "unknown")
    entries = [Entry(**entry) for entry in said["entries"]]
    return Response({"changed": record_attendance(session, entries, by=token.user)}, status=201)
