"""Programs over the API: set up, changed and sent for review as in the portal."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.schemas import IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION, SAMPLE_ID, answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, body_of, caller, find_row, query_of
from autopilot.models.tokens import Scope
from programs.access import holders_for, holders_written_by
from programs.api.offers import created, holder_named, sites_named
from programs.models import CredentialType, Delivery, Holder, Program, ProgramStatus, ProgramType
from programs.services import programs

SUBJECT = "programs"
VIEW = "programs.view_program"
MOST_NUMBER = 100_000


def _text(longest: int, what: str, *, needed: bool = False) -> serializers.CharField:
    return serializers.CharField(max_length=longest, required=needed, allow_blank=not needed, help_text=what)


def _money(what: str) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0, required=False, help_text=what)


class ProgramChangeSerializer(StrictSerializer):
    """What is said about a program; what is left out stays as it is."""

    title = _text(200, "What it is called.")
    description = _text(4000, "What is taught and for whom; it stands in the public catalog.")
    type = serializers.ChoiceField(ProgramType.choices, required=False, help_text="The field it trains for.")
    cip_code = _text(7, "Six digits such as 48.0508, from the 2020 edition.")
    occupations = serializers.ListField(
        child=serializers.CharField(max_length=7),
        required=False,
        max_length=programs.MOST_OCCUPATIONS,
        help_text="SOC codes of 2018, such as 51-4121; three at most.",
    )
    credential = _text(200, "What a student holds at the end, by its name.")
    credential_type = serializers.ChoiceField(CredentialType.choices, required=False, help_text="Of which kind it is.")
    credential_issuer = _text(200, "Who issues it.")
    approving_agency = _text(200, "Who approves the program, with the number.")
    leads_to_license = serializers.BooleanField(required=False, help_text="Whether it leads to a license of the state.")
    delivery = serializers.ChoiceField(Delivery.choices, required=False, help_text="How it is taught.")
    clock_hours = serializers.IntegerField(
        min_value=1, max_value=MOST_NUMBER, required=False, help_text="Of the whole program."
    )
    weeks = serializers.IntegerField(min_value=1, max_value=1000, required=False, help_text="Its length in weeks.")
    capacity = serializers.IntegerField(min_value=1, max_value=10_000, required=False, help_text="Students per cohort.")
    prerequisites = _text(2000, "What a student needs before.")
    languages = _text(200, "In which languages it is taught.", needed=False)
    evening = serializers.BooleanField(required=False, help_text="Whether it is taught in the evening or on weekends.")
    childcare = serializers.BooleanField(required=False, help_text="Whether children are cared for meanwhile.")
    in_demand_proof = _text(2000, "Proof that the occupation is in demand.")
    instructions = _text(4000, "What students should know before the first day.")
    tuition = _money("In dollars.")
    fees = _money("In dollars.")
    books = _money("In dollars.")
    supplies = _money("Tools and supplies, in dollars.")
    other_costs = _money("In dollars.")
    attendance_percent = serializers.IntegerField(
        min_value=1, max_value=100, required=False, allow_null=True, help_text="Least attendance, of the clock hours."
    )
    cancel_days = serializers.IntegerField(
        min_value=0, max_value=365, required=False, allow_null=True, help_text="Days to cancel with all money back."
    )
    refund_policy = _text(2000, "What is given back after those days; it stands in the enrollment agreement.")
    listed = serializers.BooleanField(required=False, help_text="Whether the catalog shows it while it is approved.")
    site_ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=50, help_text="The sites where it is taught."
    )


class ProgramRequestSerializer(ProgramChangeSerializer):
    """A new program."""

    holder_id = serializers.UUIDField(required=False, help_text="Whose it is; needed where the token has several.")
    title = _text(200, "What it is called.", needed=True)
    cip_code = _text(7, "Six digits such as 48.0508, from the 2020 edition.", needed=True)
    credential = _text(200, "What a student holds at the end, by its name.", needed=True)
    clock_hours = serializers.IntegerField(min_value=1, max_value=MOST_NUMBER, help_text="Of the whole program.")


class ProgramQuerySerializer(StrictSerializer):
    """Which programs to list."""

    status = serializers.ChoiceField(ProgramStatus.choices, required=False, help_text="Where they stand.")
    holder_id = serializers.UUIDField(required=False, help_text="Whose they are.")


class ProgramSerializer(serializers.ModelSerializer[Program]):
    """A program, and where it stands."""

    occupations = serializers.SerializerMethodField(help_text="SOC codes of 2018.")
    site_ids = serializers.SerializerMethodField(help_text="The sites where it is taught.")
    cost = serializers.DecimalField(
        max_digits=12, decimal_places=2, read_only=True, help_text="All costs to one student, in dollars."
    )

    class Meta:
        model = Program
        fields = [
            "id", "holder_id", "slug", "status", "review_remark", *programs.COLUMNS, "cost", "occupations", "site_ids",
            "created_at", "approved_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_occupations(self, program: Program) -> list[str]:
        """Return the codes."""
        return [each.soc_code for each in program.occupations.all()]

    @extend_schema_field({"type": "array", "items": {"type": "string", "format": "uuid"}})
    def get_site_ids(self, program: Program) -> list[str]:
        """Return the ids."""
        return [str(site.pk) for site in program.sites.all()]


SAMPLE_REQUEST = {
    "title": "Structural Welding",
    "description": "From the first bead to the certified joint.",
    "type": "skilled_trades",
    "cip_code": "48.0508",
    "occupations": ["51-4121"],
    "credential": "AWS Certified Welder",
    "credential_type": "certification",
    "credential_issuer": "American Welding Society",
    "clock_hours": 480,
    "weeks": 16,
    "tuition": "6200.00",
}
SAMPLE = {
    "id": SAMPLE_ID,
    "holder_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d13",
    "slug": "structural-welding",
    "status": "draft",
    "review_remark": "",
    **SAMPLE_REQUEST,
    "approving_agency": "",
    "leads_to_license": False,
    "delivery": "in_person",
    "capacity": 20,
    "prerequisites": "",
    "languages": "English",
    "evening": False,
    "childcare": False,
    "in_demand_proof": "",
    "instructions": "",
    "fees": "0.00",
    "books": "0.00",
    "supplies": "0.00",
    "other_costs": "0.00",
    "attendance_percent": 90,
    "cancel_days": 3,
    "refund_policy": "",
    "listed": False,
    "cost": "6200.00",
    "site_ids": [],
    "created_at": "2026-11-20T14:00:00Z",
    "approved_at": None,
}
SAMPLE_PAGE = {"next": None, "previous": None, "results": [SAMPLE]}


class Programs(ApiView):
    """The programs that the token may see."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.PROGRAMS_READ, "POST": Scope.PROGRAMS_WRITE}

    @operation(
        "list_programs",
        "List programs",
        {200: answer(ProgramSerializer(many=True), "A page of programs, the newest first.", SAMPLE_PAGE)},
        parameters=[ProgramQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List programs: those of the token's tenant; without a tenant, all for staff with the permission, and for
        anybody else those of the organizations they are members of."""
        query = query_of(request, ProgramQuerySerializer)
        return self.page_of(programs_read(request).filter(**query), ProgramSerializer)

    @operation(
        "create_program",
        "Create a program",
        {201: answer(ProgramSerializer, "The program, a draft.", SAMPLE)},
        request=ProgramRequestSerializer,
        problems=["key_missing", "in_flight", "key_reused"],
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION],
        examples=[OpenApiExample("A program", SAMPLE_REQUEST, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Begin a program as a draft, as in the portal. Owners and coordinators may, and the tokens of their tenant."""
        said = body_of(request, ProgramRequestSerializer)
        holder = holder_named(request, said.pop("holder_id", None))
        facts = _facts(holder, said)
        by = caller(request).user
        return created(
            request,
            "api:program",
            lambda: programs.create_program(holder, said=facts, by=by),
            ProgramSerializer,
        )


class OneProgram(ApiView):
    """A program."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.PROGRAMS_READ}

    @operation(
        "read_program",
        "Read a program",
        {200: answer(ProgramSerializer, "The program.", SAMPLE)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell what is said about a program, where it stands, and what a reviewer remarked."""
        return Response(ProgramSerializer(find_row(programs_read(request), pk=pk)).data)


class UpdateProgram(ApiView):
    """Other facts about a program."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"POST": Scope.PROGRAMS_WRITE}

    @operation(
        "update_program",
        "Change a program",
        {200: answer(ProgramSerializer, "The program as it is now.", SAMPLE)},
        request=ProgramChangeSerializer,
        problems=["not_found"],
        examples=[OpenApiExample("A new price", {"tuition": "6400.00"}, request_only=True)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Change what is named, and leave the rest. Of an approved program only what needs no new approval changes."""
        program = find_row(programs_written(request), pk=pk)
        said = body_of(request, ProgramChangeSerializer)
        programs.edit_program(program, said=_facts(program.holder, said), by=caller(request).user)
        return Response(ProgramSerializer(find_row(programs_written(request), pk=pk)).data)


class SubmitProgram(ApiView):
    """A program for the reviewers."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"POST": Scope.PROGRAMS_WRITE}

    @operation(
        "submit_program",
        "Send a program for review",
        {200: answer(ProgramSerializer, "The program, in review.", SAMPLE | {"status": "in_review"})},
        problems=["not_found", "invalid"],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Hand a complete draft to the reviewers; everything that is missing is named."""
        program = find_row(programs_written(request), pk=pk)
        programs.submit_program(program, by=caller(request).user)
        return Response(ProgramSerializer(find_row(programs_written(request), pk=pk)).data)


def programs_read(request: Request) -> Any:
    """Return the programs that the token of a request reads."""
    return _whole(Program.objects.filter(holder__in=holders_for(caller(request), VIEW)))


def programs_written(request: Request) -> Any:
    """Return the programs that the token of a request may change."""
    return _whole(Program.objects.filter(holder__in=holders_written_by(caller(request))))


def _whole(rows: Any) -> Any:
    return rows.select_related("holder").prefetch_related("occupations", "sites")


def _facts(holder: Holder, said: dict[str, Any]) -> dict[str, Any]:
    facts = dict(said)
    if "site_ids" in facts:
        facts["sites"] = sites_named(holder, facts.pop("site_ids"))
    return facts
