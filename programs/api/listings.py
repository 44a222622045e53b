"""Listings with states over the API: read, and withdrawn."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot.api.pagination import Pages
from autopilot.api.permissions import HasScope
from autopilot.api.schemas import SAMPLE_ID, answer, operation
from autopilot.api.serializers import StrictSerializer
from autopilot.api.views import ApiView, body_of, caller, find_row, query_of
from autopilot.models.tokens import Scope
from programs import codes
from programs.access import holders_for, holders_written_by
from programs.models import Listing, ListingStatus, ListingStatusChange
from programs.services.listings import LONGEST_REASON, withdraw_listing

SUBJECT = "listings"
VIEW = "programs.view_listing"


class ListingQuerySerializer(StrictSerializer):
    """Which listings to list."""

    status = serializers.ChoiceField(ListingStatus.choices, required=False, help_text="Where they stand.")
    state = serializers.ChoiceField(list(codes.STATES.items()), required=False, help_text="Of which state.")
    program_id = serializers.UUIDField(required=False, help_text="Of which program.")


class WithdrawalSerializer(StrictSerializer):
    """Why a listing is withdrawn."""

    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="It stands in the history.")


class ListingStepSerializer(serializers.ModelSerializer[ListingStatusChange]):
    """One step of a listing."""

    class Meta:
        model = ListingStatusChange
        fields = ["from_status", "to_status", "reason", "at"]
        read_only_fields = fields
        extra_kwargs = {
            "from_status": {"help_text": "Where it stood; blank at the beginning."},
            "to_status": {"help_text": "Where it stood then."},
            "reason": {"help_text": "Why, where somebody said so."},
            "at": {"help_text": "When."},
        }


class ListingSerializer(serializers.ModelSerializer[Listing]):
    """An application for a state's list, or a program's place on it."""

    history = ListingStepSerializer(
        source="status_changes", many=True, read_only=True, help_text="Every step, the first first."
    )

    class Meta:
        model = Listing
        fields = [
            "id", "program_id", "state", "eligibility", "status", "reason", "state_reference", "listed_on", "expires_on",
            "created_at", "history",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "state": {"help_text": "Whose list it is."},
            "status": {"help_text": "Where it stands."},
            "state_reference": {"help_text": "The number of the state's receipt; blank until it is submitted."},
            "listed_on": {"help_text": "First day on the list."},
            "expires_on": {"help_text": "Last day on the list."},
        }


SAMPLE: dict[str, Any] = {
    "id": SAMPLE_ID,
    "program_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d14",
    "state": "IN",
    "eligibility": "initial",
    "status": "in_review",
    "reason": "",
    "state_reference": "",
    "listed_on": None,
    "expires_on": None,
    "created_at": "2026-11-20T14:00:00Z",
    "history": [{"from_status": "", "to_status": "prepared", "reason": "", "at": "2026-11-20T14:00:00Z"}],
}
SAMPLE_REASON = {"reason": "The program is taught in another state."}


class Listings(ApiView):
    """The listings that the token may see."""

    subject = SUBJECT
    permission_classes = [HasScope]
    pagination_class = Pages
    scopes = {"GET": Scope.PROGRAMS_READ}

    @operation(
        "list_listings",
        "List applications to states",
        {
            200: answer(
                ListingSerializer(many=True),
                "A page of listings, the newest first.",
                {"next": None, "previous": None, "results": [SAMPLE]},
            )
        },
        parameters=[ListingQuerySerializer],
        reads=True,
    )
    def get(self, request: Request) -> Response:
        """List the applications of programs for states' lists of eligible training providers, and the places they have
        there: of the programs that the token may see."""
        return self.page_of(_read(request).filter(**query_of(request, ListingQuerySerializer)), ListingSerializer)


class OneListing(ApiView):
    """A listing."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"GET": Scope.PROGRAMS_READ}

    @operation(
        "read_listing",
        "Read an application to a state",
        {200: answer(ListingSerializer, "The listing.", SAMPLE)},
        problems=["not_found"],
        reads=True,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Tell where a listing stands, how it came there, and until when it holds."""
        return Response(ListingSerializer(find_row(_read(request), pk=pk)).data)


class WithdrawListing(ApiView):
    """A listing that is taken back."""

    subject = SUBJECT
    permission_classes = [HasScope]
    scopes = {"POST": Scope.PROGRAMS_WRITE}

    @operation(
        "withdraw_listing",
        "Withdraw an application to a state",
        {200: answer(ListingSerializer, "The listing.", SAMPLE | SAMPLE_REASON | {"status": "withdrawn"})},
        request=WithdrawalSerializer,
        problems=["not_found"],
        examples=[OpenApiExample("A reason", SAMPLE_REASON, request_only=True)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Take an application back, or a program off a state's list. What the state has already (`state_reference`) must
        be taken back there by a person: nothing is sent. While it is on its way, the error is `on_its_way`."""
        mine = _read(request).filter(program__holder__in=holders_written_by(caller(request)))
        listing = find_row(mine, pk=pk)
        withdraw_listing(listing, reason=body_of(request, WithdrawalSerializer)["reason"], by=caller(request).user)
        return Response(ListingSerializer(find_row(mine, pk=pk)).data)


def _read(request: Request) -> QuerySet[Listing]:
    rows = Listing.objects.filter(program__holder__in=holders_for(caller(request), VIEW))
    return rows.prefetch_related("status_changes")
