"""Certificates over the API: listed, read, and asked for."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from autopilot.api.idempotency import once
from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.schemas import IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION, answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, caller, find_row, query_of
from autopilot.models.tokens import Scope
from programs.access import holders_for, holders_written_by
from students.access import certificates_for, enrollments_for
from students.models import Certificate, CertificateRequest, CertificateStatus
from students.services import certificates

SUBJECT = "certificates"
ISSUE = "students.issue_certificate"


class CertificateQuerySerializer(StrictSerializer):
    """Which certificates to list."""

    status = serializers.ChoiceField(CertificateStatus.choices, required=False, help_text="What they are worth.")
    enrollment_id = serializers.UUIDField(required=False, help_text="Those of an enrollment.")
    number = serializers.CharField(max_length=20, required=False, help_text="The one of this number.")


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    """A certificate, and where it is checked."""

    title = serializers.CharField(read_only=True, help_text="What was earned.")
    url = serializers.SerializerMethodField(help_text="Its public page.")

    class Meta:
        model = Certificate
        fields = [
            "id", "number", "enrollment_id", "holder_id", "student_name", "title", "program_title", "clock_hours",
            "completed_on", "issued_at", "status", "revoked_at", "url",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "id": {"help_text": "Its id."},
            "student_name": {"help_text": "The student’s name, as it stood then."},
            "program_title": {"help_text": "The program, as it was called then."},
            "clock_hours": {"help_text": "Clock hours of the program."},
            "completed_on": {"help_text": "Last day of the training."},
            "issued_at": {"help_text": "When it was issued."},
            "status": {"help_text": "What it is worth."},
            "revoked_at": {"help_text": "When it was revoked."},
        }

    def get_url(self, row: Certificate) -> str:
        """Return the address of its public page."""
        return certificates.address_of(row)


class CertificateRequestSerializer(serializers.ModelSerializer[CertificateRequest]):
    """What was asked for, and what became of it."""

    class Meta:
        model = CertificateRequest
        fields = ["id", "enrollment_id", "status", "problem", "certificate_id", "asked_at", "finished_at"]
        read_only_fields = fields
        extra_kwargs = {
            "id": {"help_text": "Its id."},
            "status": {"help_text": "What became of it."},
            "asked_at": {"help_text": "When it was asked for."},
            "finished_at": {"help_text": "When it was issued or refused."},
        }


SAMPLE: dict[str, Any] = {
    "id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4e11",
    "number": "CERT-2026-000123",
    "enrollment_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4e01",
    "holder_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d13",
    "student_name": "Rosa Diaz",
    "title": "Certificate of completion, Barber training",
    "program_title": "Barber training",
    "clock_hours": 1500,
    "completed_on": "2026-11-19",
    "issued_at": "2026-11-20T14:00:00Z",
    "status": "valid",
    "revoked_at": None,
    "url": "https://provost.example.org/verify/q7xk-2vt9-mb4c-rzd6-h3wn-k8pa-5tey",
}
SAMPLE_PAGE = {"next": None, "previous": None, "results": [SAMPLE]}
SAMPLE_REQUEST: dict[str, Any] = {
    "id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4e12",
    "enrollment_id": SAMPLE["enrollment_id"],
    "status": "waiting",
    "problem": "",
    "certificate_id": None,
    "asked_at": "2026-11-20T14:00:00Z",
    "finished_at": None,
}


class Certificates(ApiView):
    """The certificates that the token may see."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.ENROLLMENTS_READ}
    ordering = ("-issued_at", "-id")

    @operation(
        "list_certificates",
        "List certificates",
        {200: answer(CertificateSerializer(many=True), "A page of certificates, the newest first.", SAMPLE_PAGE)},
        parameters=[CertificateQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List certificates that are issued, valid or revoked: those of the token's tenant; without a tenant, all for
        staff with the permission, and for anybody else those of the organizations they are a member of."""
        query = query_of(request, CertificateQuerySerializer)
        return self.page_of(certificates_for(caller(request)).filter(**query), CertificateSerializer)


class OneCertificate(ApiView):
    """A certificate."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.ENROLLMENTS_READ}

    @operation(
        "read_certificate",
        "Read a certificate",
        {200: answer(CertificateSerializer, "The certificate.", SAMPLE)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell what was earned by whom, what it is worth, and where anybody can check it."""
        return Response(CertificateSerializer(find_row(certificates_for(caller(request)), pk=pk)).data)


class RequestCertificate(ApiView):
    """A certificate for who has completed the training."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"POST": Scope.ENROLLMENTS_WRITE}

    @operation(
        "request_certificate",
        "Ask for a certificate",
        {202: answer(CertificateRequestSerializer, "It is being made by a job.", SAMPLE_REQUEST)},
        problems=["not_found", "invalid", "key_missing", "in_flight", "key_reused"],
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Ask for the certificate of an enrollment; list certificates by `enrollment_id` to see it issued. It is refused,
        with the code in `errors`, before the training is completed (`not_completed`), while required milestones are
        missing, which it names (`milestones_incomplete`), and where there is one that counts (`certified`)."""
        return once(request, lambda: _asked(request, pk))


def _asked(request: Request, pk: UUID) -> Response:
    token = caller(request)
    leads = token.tenant_id is None and token.user.is_staff and token.user.has_perm(ISSUE)
    holders = holders_for(token, ISSUE) if leads else holders_written_by(token)
    rows = enrollments_for(token).filter(holder__in=holders).select_related("cohort__program", "holder")
    asked = certificates.request_certificate(find_row(rows, pk=pk), by=token.user)
    where = f"{reverse('api:certificates', request=request)}?enrollment_id={asked.enrollment_id}"
    return Response(CertificateRequestSerializer(asked).data, status=202, headers={"Location": where})
