"""Holders and what they must prove over the API: the same checklist, the same score, the same door for proofs."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.idempotency import key_of, once
from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.schemas import IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, body_of, caller, find_row, query_of
from autopilot.models.tokens import ApiToken, Scope
from programs.access import holders_for, memberships_of
from programs.compliance import Score, scores_of
from programs.models import Holder, HolderStatus, MemberRole, ProgramStatus, Requirement, RequirementStatus
from programs.services.requirements import MOST_FILES, hand_in, take_in

SUBJECT = "holders"
FORM = "multipart/form-data"
VIEW_HOLDER, VIEW_REQUIREMENT, CONTROL = "programs.view_holder", "programs.view_requirement", "programs.control_holder"


class ReasonSerializer(serializers.Serializer[Any]):
    """One reason of a part of a score."""

    title = serializers.CharField(help_text="What was looked at.")
    found = serializers.CharField(help_text="What was found.")
    is_good = serializers.BooleanField(help_text="Whether it is as it should be.")


class PartSerializer(serializers.Serializer[Any]):
    """One part of a score."""

    title = serializers.CharField(help_text="What it is about.")
    points = serializers.IntegerField(help_text="0 to 100.")
    rule = serializers.CharField(help_text="How it is counted.")
    lines = ReasonSerializer(many=True)


class ScoreSerializer(serializers.Serializer[Any]):
    """How well a holder does what it must: the mean of the parts."""

    points = serializers.IntegerField(help_text="0 to 100; compliant from 70, in good standing from 90.")
    standing = serializers.ChoiceField(["good", "compliant", "at_risk"], help_text="The same in a word.")
    parts = PartSerializer(many=True)
    actions = serializers.SerializerMethodField(help_text="What raises it.")

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_actions(self, score: Score) -> list[str]:
        """Return what raises the score, in words."""
        return [action.text for action in score.actions]


class HolderSerializer(serializers.ModelSerializer[Holder]):
    """A program holder."""

    score = serializers.SerializerMethodField(help_text="Its compliance score.")

    class Meta:
        model = Holder
        fields = ["id", "legal_name", "doing_business_as", "entity_type", "status", "website", "created_at",
                  "onboarded_at", "score"]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ScoreSerializer)
    def get_score(self, holder: Holder) -> Any:
        """Return the score, which was counted for all rows of the page at once."""
        return ScoreSerializer(self.context["scores"][holder.pk]).data


class HolderQuerySerializer(StrictSerializer):
    """Which holders to list."""

    status = serializers.ChoiceField(HolderStatus.choices, required=False, help_text="Where they stand.")


class RequirementSerializer(serializers.ModelSerializer[Requirement]):
    """One thing that a holder must prove."""

    slug = serializers.CharField(source="type.slug", help_text="What is asked, in a word.")
    title = serializers.CharField(source="type.title", help_text="What is asked.")
    group = serializers.CharField(source="type.group", help_text="Which part of the checklist it belongs to.")
    required = serializers.BooleanField(  # type: ignore[assignment]  # a field of ours, and none of the framework's
        source="type.required", help_text="Needed to become active."
    )
    expires = serializers.BooleanField(source="type.expires", help_text="Whether a proof needs its last good day.")
    holder_id = serializers.UUIDField(help_text="Whose it is.")
    program_id = serializers.UUIDField(allow_null=True, help_text="Of which program, if it is asked once for each.")
    files = serializers.SerializerMethodField(help_text="How many files stand as its proof.")

    class Meta:
        model = Requirement
        fields = ["id", "holder_id", "program_id", "slug", "title", "group", "required", "expires", "status",
                  "expires_on", "remark", "reviewed_at", "files"]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "integer"})
    def get_files(self, row: Requirement) -> int:
        """Return how many files stand."""
        return sum(upload.replaced_at is None for upload in row.uploads.all())


class RequirementQuerySerializer(StrictSerializer):
    """Which requirements to list."""

    status = serializers.ChoiceField(RequirementStatus.choices, required=False, help_text="Where they stand.")
    holder = serializers.UUIDField(required=False, help_text="Of which holder.")


class ProofSerializer(StrictSerializer):
    """A proof: its files, and the last day on which they are good."""

    files = serializers.ListField(
        child=serializers.FileField(),
        min_length=1,
        max_length=MOST_FILES,
        help_text=f"1 to {MOST_FILES} files (PDF, PNG or JPEG) of up to 10 MB; they replace those of before.",
    )
    expires_on = serializers.DateField(required=False, help_text="Needed where the requirement `expires`.")


SAMPLE_ID = "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d12"
SAMPLE_SCORE = {
    "points": 60,
    "standing": "at_risk",
    "parts": [
        {
            "title": "Documents",
            "points": 0,
            "rule": "The share of proofs that is accepted.",
            "lines": [{"title": "Liability insurance", "found": "Missing", "is_good": False}],
        }
    ],
    "actions": ["Upload a proof for “Liability insurance”."],
}
SAMPLE_HOLDER = {
    "id": SAMPLE_ID,
    "legal_name": "Hoosier Welding Academy",
    "doing_business_as": "",
    "entity_type": "training_provider",
    "status": "onboarding",
    "website": "",
    "created_at": "2026-11-20T14:00:00Z",
    "onboarded_at": None,
    "score": SAMPLE_SCORE,
}
SAMPLE = {
    "id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d14",
    "holder_id": SAMPLE_ID,
    "program_id": None,
    "slug": "insurance",
    "title": "Liability insurance",
    "group": "business",
    "required": True,
    "expires": True,
    "status": "submitted",
    "expires_on": "2027-06-30",
    "remark": "",
    "reviewed_at": None,
    "files": 1,
}
SAMPLE_PROOF = {"files": ["@insurance.pdf"], "expires_on": "2027-06-30"}


def _paged(sample: Any) -> dict[str, Any]:
    return {"next": None, "previous": None, "results": [sample]}


class Holders(ApiView):
    """The holders that the token may see."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.HOLDERS_READ}
    ordering = ("-created_at", "-id")

    @operation(
        "list_holders",
        "List holders",
        {200: answer(HolderSerializer(many=True), "A page of holders, the newest first.", _paged(SAMPLE_HOLDER))},
        parameters=[HolderQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List holders with their compliance scores: that of the token's tenant; without a tenant, all for staff with
        the permission, and for anybody else those whose member they are."""
        query = query_of(request, HolderQuerySerializer)
        pages = Pages()
        rows = pages.paginate_queryset(holders_for(caller(request), VIEW_HOLDER).filter(**query), request, self) or []
        scores = scores_of([row.pk for row in rows])
        return pages.get_paginated_response(HolderSerializer(rows, many=True, context={"scores": scores}).data)


class OneHolder(ApiView):
    """A holder."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.HOLDERS_READ}

    @operation(
        "read_holder",
        "Read a holder",
        {200: answer(HolderSerializer, "The holder.", SAMPLE_HOLDER)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell where a holder stands, with its compliance score line by line."""
        holder = find_row(holders_for(caller(request), VIEW_HOLDER), pk=pk)
        return Response(HolderSerializer(holder, context={"scores": scores_of([holder.pk])}).data)


class Requirements(ApiView):
    """What holders must prove."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.REQUIREMENTS_READ}
    ordering = ("-created_at", "-id")

    @operation(
        "list_requirements",
        "List requirements",
        {200: answer(RequirementSerializer(many=True), "A page of requirements, the newest first.", _paged(SAMPLE))},
        parameters=[RequirementQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List what holders must prove and where each stands, of those holders that the token may see."""
        return self.page_of(
            _rows(caller(request)).filter(**query_of(request, RequirementQuerySerializer)), RequirementSerializer
        )


class OneRequirement(ApiView):
    """One thing that a holder must prove."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.REQUIREMENTS_READ}

    @operation(
        "read_requirement",
        "Read a requirement",
        {200: answer(RequirementSerializer, "The requirement.", SAMPLE)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell where a requirement stands, and what the reviewer said."""
        return Response(RequirementSerializer(find_row(_rows(caller(request)), pk=pk)).data)


class RequirementProof(ApiView):
    """The proof of a requirement."""

    subject = SUBJECT
    permission_classes = [HasScope]
    parser_classes = [MultiPartParser]
    scopes = {"POST": Scope.REQUIREMENTS_WRITE}

    @operation(
        "upload_proof",
        "Upload a proof",
        {200: answer(RequirementSerializer, "The requirement, which is with the reviewers.", SAMPLE)},
        request={FORM: ProofSerializer},
        problems=["not_found", "key_missing", "in_flight", "key_reused"],
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED],
        examples=[OpenApiExample("A certificate", SAMPLE_PROOF, request_only=True, media_type=FORM)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Hand files to the reviewers, as a form (multipart/form-data). They take the place of those of before, which
        stay in the history. What is with the reviewers already changes nothing, and tells nobody."""
        token = caller(request)
        row = find_row(_rows(token).filter(holder__in=_writable(token)), pk=pk)
        said = body_of(request, ProofSerializer)
        key_of(request)
        proof = take_in(row, files=said["files"], expires_on=said.get("expires_on"))  # may take seconds
        named = [[name, str(document.pk)] for document, name in proof.documents]

        def answered() -> Response:
            hand_in(row, proof, by=token.user)
            return Response(RequirementSerializer(_rows(token).get(pk=pk)).data)

        return once(request, answered, sent={"files": named, "expires_on": str(said.get("expires_on", ""))})


def _rows(token: ApiToken) -> QuerySet[Requirement]:
    rows = Requirement.objects.filter(holder__in=holders_for(token, VIEW_REQUIREMENT))
    standing = rows.exclude(program__status=ProgramStatus.RETIRED)
    return standing.select_related("type", "holder").prefetch_related("uploads")


def _writable(token: ApiToken) -> QuerySet[Holder]:
    """Return the holders in whose name a token may send: not those that its person may only read."""
    holders = holders_for(token, CONTROL)
    if token.tenant_id is not None or (token.user.is_staff and token.user.has_perm(CONTROL)):
        return holders
    mine = memberships_of(token.user).exclude(role=MemberRole.READ_ONLY)
    return holders.filter(pk__in=mine.values("holder_id"))
