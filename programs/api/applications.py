"""Applications over the API: the same form, the same checks and the same service as the public page."""

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID, uuid5

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from autopilot import clock
from autopilot.api.idempotency import key_of, once
from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.problems import Problem, Row, pointer_to, wrong
from autopilot.api.schemas import IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION, answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, body_of, caller, find_row, query_of
from autopilot.models.tokens import Scope
from programs.access import applications_for
from programs.codes import STATES
from programs.facts import AttachmentFacts
from programs.forms.application import PREFIX, SITES, Entry
from programs.models import (
    MOST_ATTACHMENTS,
    MOST_OCCUPATIONS,
    MOST_PROGRAMS,
    MOST_SITES,
    Application,
    ApplicationStatus,
    EntityType,
)
from programs.services.applications import submit_application
from programs.services.attachments import brought_to, find_attachments, tenant_of_form
from programs.standing import standing_of

SUBJECT = "applications"
MOST_NUMBER = 2**31 - 1
NOT_OF_THE_ORGANIZATION = {"programs", "sites", "attachments", "ein_confirmed"}


def _text(longest: int, what: str, *, needed: bool = True) -> serializers.CharField:
    return serializers.CharField(max_length=longest, required=needed, allow_blank=not needed, help_text=what)


class ProgramSerializer(StrictSerializer):
    """One program offered."""

    title = _text(200, "What it is called.")
    cip_code = _text(7, "Six digits such as 12.0402, from the 2020 edition.")
    credential = _text(200, "What a student holds at the end: license, certificate, degree.")
    clock_hours = serializers.IntegerField(min_value=1, max_value=MOST_NUMBER, help_text="Of the whole program.")
    cost = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, help_text="To one student, in dollars, all fees included."
    )
    soc_codes = serializers.ListField(
        child=_text(7, "Six digits such as 51-4121, from 2018."),
        required=False,
        max_length=MOST_OCCUPATIONS,
        help_text="The occupations it trains for, up to three, by their SOC codes.",
    )
    taught_at = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_SITES),
        required=False,
        max_length=MOST_SITES,
        help_text="Numbers of its training sites: 1 is `site_…`, 2 the first of `sites`. Without it: all of them.",
    )


class SiteSerializer(StrictSerializer):
    """A further training site."""

    name = _text(120, "Such as North campus.", needed=False)
    street = _text(200, "Street and suite.")
    city = _text(100, "City.")
    state = serializers.ChoiceField(list(STATES.items()), help_text="Two letters.")
    zip = _text(10, "Five digits, or nine.")


class ApplicationRequestSerializer(StrictSerializer):
    """An organization, and the programs it wants to offer."""

    legal_name = _text(200, "As it stands on the IRS letter.")
    doing_business_as = _text(200, "The name students know, if it is another one.", needed=False)
    entity_type = serializers.ChoiceField(EntityType.choices, help_text="What kind of organization applies.")
    ein = _text(10, "Nine digits in the form 12-3456789.")
    ein_confirmed = serializers.BooleanField(
        required=False, help_text="Say true if the IRS has assigned this EIN, though its prefix is not on our list."
    )
    contact_name = _text(120, "A person we can ask.")
    contact_title = _text(120, "What the person is.", needed=False)
    contact_email = _text(254, "We write there.")
    contact_phone = _text(40, "Ten digits with area code.")
    mailing_street = _text(200, "Street and suite.")
    mailing_city = _text(100, "City.")
    mailing_state = serializers.ChoiceField(list(STATES.items()), help_text="Two letters.")
    mailing_zip = _text(10, "Five digits, or nine as 46204-1234.")
    site_street = _text(200, "Where training takes place, if not at the mailing address.", needed=False)
    site_city = _text(100, "City.", needed=False)
    site_state = serializers.ChoiceField(list(STATES.items()), required=False, help_text="Two letters.")
    site_zip = _text(10, "Five digits, or nine.", needed=False)
    site_is_mailing = serializers.BooleanField(
        required=False, help_text="Training takes place at the mailing address; leave `site_…` out then."
    )
    sites = serializers.ListField(
        child=SiteSerializer(), required=False, max_length=MOST_SITES - 1, help_text="Further training sites."
    )
    expected_students = serializers.IntegerField(
        min_value=1, max_value=MOST_NUMBER, help_text="In a year, over all programs."
    )
    additional_information = _text(2000, "Anything else the reviewer should know.", needed=False)
    heard_from = _text(200, "How you heard about us.", needed=False)
    accepts_assurances = serializers.BooleanField(
        help_text="True: the organization gives all the assurances that stand on the page /apply/."
    )
    attachments = serializers.ListField(
        child=serializers.CharField(max_length=2000),
        required=False,
        max_length=MOST_ATTACHMENTS,
        help_text="Documents, each by the `attachment` that sending it has answered.",
    )
    programs = serializers.ListField(
        child=ProgramSerializer(), min_length=1, max_length=MOST_PROGRAMS, help_text="One to ten."
    )


class ApplicationQuerySerializer(StrictSerializer):
    """Which applications to list."""

    status = serializers.ChoiceField(ApplicationStatus.choices, required=False, help_text="Where they stand.")


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    """Where an application stands."""

    standing = serializers.SerializerMethodField(help_text="The same in words.")

    class Meta:
        model = Application
        fields = [
            "id",
            "reference",
            "tenant_id",
            "status",
            "standing",
            "revision",
            "legal_name",
            "submitted_at",
            "decided_at",
            "rejected_reason",
            "state_reference",
            "job_id",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "string"})
    def get_standing(self, application: Application) -> str:
        """Return where it stands, in words."""
        return standing_of(application.status).line


SAMPLE = {
    "id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d12",
    "reference": "PA-7Q2M-8V4K-1XHD-3CNB",
    "tenant_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d13",
    "status": "submitted",
    "standing": "We have your application.",
    "revision": 1,
    "legal_name": "Hoosier Welding Academy",
    "submitted_at": "2026-11-20T14:00:00Z",
    "decided_at": None,
    "rejected_reason": "",
    "state_reference": "",
    "job_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d10",
}
SAMPLE_PAGE = {"next": None, "previous": None, "results": [SAMPLE]}
SAMPLE_REQUEST = {
    "legal_name": "Hoosier Welding Academy",
    "entity_type": "training_provider",
    "ein": "35-1234567",
    "contact_name": "Dana Whitfield",
    "contact_email": "dana@welding.example",
    "contact_phone": "317-555-0142",
    "mailing_street": "410 Washington Street",
    "mailing_city": "Indianapolis",
    "mailing_state": "IN",
    "mailing_zip": "46204",
    "site_is_mailing": True,
    "expected_students": 40,
    "accepts_assurances": True,
    "programs": [
        {
            "title": "Structural Welding",
            "cip_code": "48.0508",
            "credential": "AWS Certified Welder",
            "clock_hours": 480,
            "cost": "6200.00",
            "soc_codes": ["51-4121"],
            "taught_at": [1, 2],
        }
    ],
    "sites": [{"street": "8 Lake Avenue", "city": "Hammond", "state": "IN", "zip": "46320"}],
}


class Applications(ApiView):
    """The applications that the token may see."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.APPLICATIONS_READ, "POST": Scope.APPLICATIONS_WRITE}
    ordering = ("-submitted_at", "-id")

    @operation(
        "list_applications",
        "List applications",
        {200: answer(ApplicationSerializer(many=True), "A page of applications, the newest first.", SAMPLE_PAGE)},
        parameters=[ApplicationQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List applications and where they stand: those of the token's tenant; without a tenant, all for staff with the
        permission, and for anybody else those that they sent themselves."""
        query = query_of(request, ApplicationQuerySerializer)
        return self.page_of(applications_for(caller(request)).filter(**query), ApplicationSerializer)

    @operation(
        "submit_application",
        "Submit an application",
        {
            201: answer(ApplicationSerializer, "The application, which is being checked.", SAMPLE),
            200: answer(ApplicationSerializer, "The application that this very request has brought in before.", SAMPLE),
        },
        request=ApplicationRequestSerializer,
        problems=["key_missing", "in_flight", "key_reused", "form_reused"],
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, LOCATION],
        examples=[OpenApiExample("An academy", SAMPLE_REQUEST, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Send in an application, as the page /apply/ does: it is checked alike, and processing begins. The token's
        tenant becomes the applicant's; without one, a new tenant is made for it."""
        return once(request, lambda: _submitted(request))


class OneApplication(ApiView):
    """An application."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.APPLICATIONS_READ}

    @operation(
        "read_application",
        "Read an application",
        {200: answer(ApplicationSerializer, "The application.", SAMPLE)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell where an application stands, and why it came back if it did."""
        return Response(ApplicationSerializer(find_row(applications_for(caller(request)), pk=pk)).data)


def _submitted(request: Request) -> Response:
    token, began = caller(request), clock.now()
    # Of the key, so that the same request is known again after the key itself is forgotten.
    form_key = uuid5(token.pk, key_of(request))
    said = body_of(request, ApplicationRequestSerializer)
    tenant_id = token.tenant_id or (tenant_of_form(str(form_key)) if said.get("attachments") else None)
    facts = _entry(said, form_key, tenant_id).facts()
    try:
        application = submit_application(facts=facts, form_key=form_key, by=token.user, tenant_id=tenant_id)
    except ValidationError as refusal:
        if getattr(refusal, "code", None) == "form_reused":
            raise Problem("form_reused", " ".join(refusal.messages)) from refusal
        raise
    where = reverse("api:application", args=[application.pk], request=request)
    status = 201 if application.submitted_at >= began else 200
    return Response(ApplicationSerializer(application).data, status=status, headers={"Location": where})


def _attachments(references: list[str], tenant_id: UUID | None) -> tuple[AttachmentFacts, ...]:
    found = find_attachments(references)
    if len(found) != len(set(references)):
        raise wrong("/attachments", "Name each by the `attachment` that sending it has answered.", "attachments")
    return brought_to(tenant_id, found) if tenant_id and found else ()


def _entry(said: dict[str, Any], form_key: UUID, tenant_id: UUID | None) -> Entry:
    """Return the public form, filled with what was sent; raises Problem with a pointer for all that does not fit."""
    entry = Entry.sent(_as_form(said, form_key), _attachments(said.get("attachments", []), tenant_id))
    if not entry.is_valid():
        raise Problem("invalid", errors=tuple(_misfits(entry)))
    if entry.ein_to_confirm and not said.get("ein_confirmed"):
        text = "The IRS has not assigned this prefix, as far as we know. If the EIN is right, send ein_confirmed: true."
        raise wrong("/ein", text, "ein_prefix")
    return entry


def _as_form(said: dict[str, Any], form_key: UUID) -> QueryDict:
    form = QueryDict(mutable=True)
    form["form_key"] = str(form_key)
    form.update(_as_fields({name: value for name, value in said.items() if name not in NOT_OF_THE_ORGANIZATION}))
    for prefix in (PREFIX, SITES):
        rows = said.get(prefix, [])
        form.update({f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"})
        for number, row in enumerate(rows):
            _add_row(form, f"{prefix}-{number}", row)
    return form


def _add_row(form: QueryDict, prefix: str, row: dict[str, Any]) -> None:
    plain = {name: value for name, value in row.items() if name not in ("soc_codes", "taught_at")}
    form.update(_as_fields({f"{prefix}-{name}": value for name, value in plain.items()}))
    form.update({f"{prefix}-soc_codes_{index}": code for index, code in enumerate(row.get("soc_codes", []))})
    form.setlist(f"{prefix}-taught_at", [str(number) for number in row.get("taught_at", [])])


def _as_fields(values: dict[str, Any]) -> dict[str, str]:
    """Return values as a browser sends them: a box that is not ticked is not sent."""
    return {name: "on" if value is True else str(value) for name, value in values.items() if value is not False}


def _misfits(entry: Entry) -> Iterator[Row]:
    yield from _rows(entry.organization.errors.as_data())
    for number, errors in enumerate(entry.programs.errors):
        yield from _rows(cast(ErrorDict, errors).as_data(), PREFIX, number)
    for number, errors in enumerate(entry.sites.errors):
        yield from _rows(cast(ErrorDict, errors).as_data(), SITES, number)
    for text in entry.programs.non_form_errors():
        yield {"pointer": pointer_to(PREFIX), "detail": str(text), "code": "invalid"}


def _rows(errors: dict[str, list[ValidationError]], *path: object) -> Iterator[Row]:
    for name, found in errors.items():
        place = pointer_to(*path, *([] if name == NON_FIELD_ERRORS else [name]))
        for error in found:
            yield {"pointer": place, "detail": " ".join(error.messages), "code": error.code or "invalid"}
