"""Enrollments over the API: listed, read, entered, and accepted or declined."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from autopilot.api.idempotency import once
from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.problems import wrong
from autopilot.api.schemas import IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION, answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, body_of, caller, find_row, query_of
from autopilot.models.tokens import Scope
from programs.access import holders_for, holders_written_by
from programs.models import Cohort
from students.access import enrollments_for
from students.facts import StudentFacts
from students.models import Enrollment, EnrollmentStatus, Funding
from students.services.enrollments import accept, decline, enroll

SUBJECT = "enrollments"
CONTROL = "students.control_enrollment"


class StudentSerializer(StrictSerializer):
    """A student, as far as a roster tells."""

    first_name = serializers.CharField(max_length=80, help_text="First name.")
    last_name = serializers.CharField(max_length=80, help_text="Last name.")
    email = serializers.EmailField(
        required=False, allow_blank=True, help_text="The same address is the same student of a holder."
    )
    phone = serializers.CharField(max_length=24, required=False, allow_blank=True, help_text="Phone.")


class EnrollmentRequestSerializer(StrictSerializer):
    """Somebody's wish for a seat in a cohort."""

    cohort_id = serializers.UUIDField(help_text="The cohort.")
    student = StudentSerializer(help_text="Who asks for a seat.")
    funding = serializers.ChoiceField(Funding.choices, required=False, help_text="Who pays; wioa unless you say so.")
    reference = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="Your own number, once in a cohort."
    )


class DeclineSerializer(StrictSerializer):
    """Why somebody has no seat."""

    reason = serializers.CharField(max_length=1000, help_text="It stands in the history.")


class EnrollmentQuerySerializer(StrictSerializer):
    """Which enrollments to list."""

    status = serializers.ChoiceField(EnrollmentStatus.choices, required=False, help_text="Where they stand.")
    cohort_id = serializers.UUIDField(required=False, help_text="Those of a cohort.")


class EnrollmentSerializer(serializers.ModelSerializer[Enrollment]):
    """An enrollment, and its student."""

    student = StudentSerializer(read_only=True, help_text="Who it is.")

    class Meta:
        model = Enrollment
        fields = [
            "id", "holder_id", "cohort_id", "student_id", "student", "status", "funding", "reference", "reason",
            "applied_at", "accepted_at", "started_on", "ended_on",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "id": {"help_text": "Its id."},
            "applied_at": {"help_text": "When it was entered."},
            "accepted_at": {"help_text": "When the student was given a seat."},
            "started_on": {"help_text": "First day of the training."},
            "ended_on": {"help_text": "Last day of the training."},
            "status": {"help_text": "Where it stands."},
            "funding": {"help_text": "Who pays."},
        }


SAMPLE: dict[str, Any] = {
    "id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4e01",
    "holder_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d13",
    "cohort_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4e02",
    "student_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4e03",
    "student": {"first_name": "Rosa", "last_name": "Diaz", "email": "rosa.diaz@example.org", "phone": "317-555-0111"},
    "status": "applied",
    "funding": "wioa",
    "reference": "2026-001",
    "reason": "",
    "applied_at": "2026-11-20T14:00:00Z",
    "accepted_at": None,
    "started_on": None,
    "ended_on": None,
}
SAMPLE_PAGE = {"next": None, "previous": None, "results": [SAMPLE]}
SAMPLE_REASON = {"reason": "The cohort asks for a driver’s license."}
SAMPLE_REQUEST = {name: SAMPLE[name] for name in ("cohort_id", "student", "funding", "reference")}


class Enrollments(ApiView):
    """The enrollments that the token may see."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.ENROLLMENTS_READ, "POST": Scope.ENROLLMENTS_WRITE}
    ordering = ("-applied_at", "-id")

    @operation(
        "list_enrollments",
        "List enrollments",
        {200: answer(EnrollmentSerializer(many=True), "A page of enrollments, the newest first.", SAMPLE_PAGE)},
        parameters=[EnrollmentQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List enrollments with their students: those of the token's tenant; without a tenant, all for staff with the
        permission, and for anybody else those of the organizations they are a member of."""
        query = query_of(request, EnrollmentQuerySerializer)
        return self.page_of(enrollments_for(caller(request)).filter(**query), EnrollmentSerializer)

    @operation(
        "create_enrollment",
        "Enroll a student",
        {201: answer(EnrollmentSerializer, "The enrollment, for the holder to accept or decline.", SAMPLE)},
        request=EnrollmentRequestSerializer,
        problems=["key_missing", "in_flight", "key_reused"],
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION],
        examples=[OpenApiExample("A student", SAMPLE_REQUEST, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Enter somebody's wish for a seat. It is refused, with the code in `errors`, without an executed MOU
        (`mou_not_executed`), where the cohort is full (`cohort_full`) or closed (`cohort_closed`), and for a student
        who is in the cohort already (`already_enrolled`)."""
        return once(request, lambda: _created(request))


class OneEnrollment(ApiView):
    """An enrollment."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.ENROLLMENTS_READ}

    @operation(
        "read_enrollment",
        "Read an enrollment",
        {200: answer(EnrollmentSerializer, "The enrollment.", SAMPLE)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell who is enrolled, and where it stands."""
        return Response(EnrollmentSerializer(find_row(enrollments_for(caller(request)), pk=pk)).data)


class AcceptEnrollment(ApiView):
    """A seat for who asked for it."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"POST": Scope.ENROLLMENTS_WRITE}

    @operation(
        "accept_enrollment",
        "Accept an enrollment",
        {200: answer(EnrollmentSerializer, "The enrollment, with a seat.", SAMPLE | {"status": "accepted"})},
        problems=["not_found", "invalid"],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Give somebody who applied a seat. It is refused, with the code in `errors`, as entering a wish is, and for one
        that is decided already (`illegal_move`)."""
        enrollment = find_row(_written(request), pk=pk)
        accept(enrollment, by=caller(request).user)
        return Response(EnrollmentSerializer(enrollment).data)


class DeclineEnrollment(ApiView):
    """No seat for who asked for one."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"POST": Scope.ENROLLMENTS_WRITE}

    @operation(
        "decline_enrollment",
        "Decline an enrollment",
        {200: answer(EnrollmentSerializer, "The enrollment.", SAMPLE | SAMPLE_REASON | {"status": "declined"})},
        request=DeclineSerializer,
        problems=["not_found"],
        examples=[OpenApiExample("A reason", SAMPLE_REASON, request_only=True)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Refuse somebody who applied a seat, with the reason, which stands in the history. One that is decided already
        stays as it is (`illegal_move`)."""
        enrollment = find_row(_written(request), pk=pk)
        decline(enrollment, reason=body_of(request, DeclineSerializer)["reason"], by=caller(request).user)
        return Response(EnrollmentSerializer(enrollment).data)


def _written(request: Request) -> QuerySet[Enrollment]:
    """Return the enrollments about which the token of a request decides: those of holders it writes for, or leads as staff."""
    token = caller(request)
    leads = token.tenant_id is None and token.user.is_staff and token.user.has_perm(CONTROL)
    holders = holders_for(token, CONTROL) if leads else holders_written_by(token)
    return enrollments_for(token).filter(holder__in=holders).select_related("cohort", "holder")


def _created(request: Request) -> Response:
    token, said = caller(request), body_of(request, EnrollmentRequestSerializer)
    own = Cohort.objects.filter(program__holder__in=holders_for(token, CONTROL))
    cohort = own.filter(pk=said["cohort_id"]).first()
    if cohort is None:
        raise wrong("/cohort_id", "There is no such cohort, or none that you may enroll in.", "unknown")
    enrollment = enroll(
        cohort, student=StudentFacts(**said["student"]), by=token.user,
        funding=said.get("funding", Funding.WIOA), reference=said.get("reference", ""),
    )  # fmt: skip
    where = reverse("api:enrollment", args=[enrollment.pk], request=request)
    return Response(EnrollmentSerializer(enrollment).data, status=201, headers={"Location": where})
