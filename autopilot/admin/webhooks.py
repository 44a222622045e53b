"""Webhooks: the endpoints of organizations, what each was told, and what could not be."""

import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from autopilot import clock, webhooks
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.admin.deeds import Answers, Deed, ReasonForm, offer
from autopilot.engine import registry
from autopilot.exceptions import AutopilotError
from autopilot.models import WebhookDelivery, WebhookEndpoint
from autopilot.reports.moments import brief
from autopilot.tenants import NETWORK
from autopilot.webhooks.events import event_of

MAY_CHANGE, MAY_RESEND = "autopilot.change_webhookendpoint", "autopilot.resend_outboxmessage"
NEWEST = 20
LAST_DIGITS = 8
SINCE = {1: "In the last hour", 24: "In the last day", 72: "In the last three days", 0: "At any time"}
EVER = datetime(1970, 1, 1, tzinfo=UTC)
Status = WebhookDelivery.Status


class TopicsForm(ReasonForm):
    """What an endpoint is told, and why it is so."""

    topics = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(topic, topic) for topic in registry.webhook_topics()],
        help_text="None chosen: all of them, and those that are added later.",
    )
    description = forms.CharField(max_length=200, required=False, help_text="Whose system it is, for staff.")
    field_order = ["tenant_id", "url", "topics", "description", "reason"]


class EndpointForm(TopicsForm):
    """Who is told, and where."""

    tenant_id = forms.UUIDField(
        label="Organization", initial=NETWORK, help_text="The id of the organization whose events are told."
    )
    url = forms.CharField(
        label="Address",
        max_length=300,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        help_text="It starts with https://, and its host is among OUTBOUND_HOSTS.",
        error_messages={"required": "Write the address that is told."},
    )


class SinceForm(ReasonForm):
    """From when on failed deliveries are sent again, and why."""

    hours = forms.TypedChoiceField(
        label="What has failed", coerce=int, widget=forms.RadioSelect, initial=72, choices=list(SINCE.items())
    )


def _disable(by: User, endpoint: WebhookEndpoint, answers: Answers) -> str:
    webhooks.disable(endpoint, by=by, reason=answers["reason"])
    return "It is told nothing more, and what waited for it counts as failed."


def _enable(by: User, endpoint: WebhookEndpoint, answers: Answers) -> str:
    webhooks.enable(endpoint, by=by, reason=answers["reason"])
    return "It is told what happens from now on."


def _delete(by: User, endpoint: WebhookEndpoint, answers: Answers) -> str:
    webhooks.delete(endpoint, by=by, reason=answers["reason"])
    return "It is removed, with its secret and the list of its deliveries."


def _test(by: User, endpoint: WebhookEndpoint, answers: Answers) -> str:
    webhooks.send_test(endpoint, by=by)
    return "It is told with the next sweep."


def _since(hours: object) -> datetime:
    return clock.now() - timedelta(hours=int(str(hours))) if int(str(hours)) else EVER


def _replay_failed(by: User, endpoint: WebhookEndpoint, answers: Answers) -> str:
    webhooks.replay_failed(endpoint, since=_since(answers["hours"]), by=by, reason=answers["reason"])
    return "What failed is sent again."


def _foresee_replay(by: User, endpoint: WebhookEndpoint, answers: Answers) -> str:
    count = webhooks.replay_failed(endpoint, since=_since(0), by=by, reason=answers["reason"])
    return f"In all, {count} deliver{'y has' if count == 1 else 'ies have'} failed there."


def _replay(by: User, delivery: WebhookDelivery, answers: Answers) -> str:
    webhooks.replay(delivery, by=by, reason=answers["reason"])
    return "It is sent again, under the same id."


DISABLE = Deed("Disable", "Disabled", "A disabled endpoint is told nothing until somebody enables it.", _disable)
ENABLE = Deed("Enable", "Enabled", "It is not told by itself what it has missed: send that again afterwards.", _enable)
DELETE = Deed("Delete", "Deleted", "Its organization is told nothing there any more.", _delete, danger=True)
TEST = Deed("Send a test event to", "A test event is on its way to", "", _test, form=None)
REPLAY_FAILED = Deed(
    "Send what failed again to",
    "Sent again to",
    "A receiver tells by the id of an event whether it has seen it.",
    _replay_failed,
    foresee=_foresee_replay,
    form=SinceForm,
)
REPLAY = Deed("Send again", "Sent again", "A receiver tells by the id of an event whether it has seen it.", _replay)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(PageAdmin[WebhookEndpoint]):
    """The addresses that are told, and whether they listen."""

    list_display = ["address", "state", "organization", "topics_told", "added"]
    list_filter = ["enabled"]
    ordering = ["-created_at"]
    sortable_by = ["added"]
    search_fields = ["url"]
    search_help_text = "A part of the address, or the whole id of an organization"
    page_template = "admin/autopilot/webhooks/endpoint.html"
    actions = ["disable_endpoints", "enable_endpoints", "test_endpoints", "replay_endpoints", "delete_endpoints"]

    def get_urls(self) -> list[URLPattern]:
        """Add the pages on which a secret is changed, and topics are chosen."""
        pages = [
            path("<uuid:pk>/rotate/", self.admin_site.admin_view(self.rotate), name="webhookendpoint_rotate"),
            path("<uuid:pk>/topics/", self.admin_site.admin_view(self.choose_topics), name="webhookendpoint_topics"),
        ]
        return pages + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        """Return the endpoints, without their secrets, each with whether something is tried there again."""
        tried_again = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), status=Status.PENDING, attempts__gt=0)
        rows = super().get_queryset(request).defer("secret", "previous_secret")
        return rows.annotate(in_trouble=Exists(tried_again))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find the endpoints of an organization by its id, else by their address."""
        wanted = _id(search_term)
        if wanted is None:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(tenant_id=wanted), False

    @admin.display(description="Address")
    def address(self, endpoint: WebhookEndpoint) -> str:
        """Show where it is."""
        return endpoint.url

    @admin.display(description="Organization")
    def organization(self, endpoint: WebhookEndpoint) -> str:
        """Show whose it is: what staff wrote, and the end of the organization's id."""
        tail = f"…{str(endpoint.tenant_id)[-LAST_DIGITS:]}"
        return format_html('{} <span class="quiet">{}</span>', endpoint.description, tail)

    @admin.display(description="Added", ordering="created_at")
    def added(self, endpoint: WebhookEndpoint) -> str:
        """Show when it was added."""
        return brief(endpoint.created_at)

    @admin.display(description="State")
    def state(self, endpoint: WebhookEndpoint) -> str:
        """Show whether it is told, and whether it listens, as a badge."""
        if not endpoint.enabled:
            return badge("disabled", "Disabled")
        in_trouble = getattr(endpoint, "in_trouble", False)
        return badge("retried", "Tried again") if in_trouble else badge("enabled", "Enabled")

    @admin.display(description="Topics")
    def topics_told(self, endpoint: WebhookEndpoint) -> str:
        """Show what it is told."""
        return f"{len(endpoint.topics)} chosen" if endpoint.topics else "All"

    def page_context(self, request: HttpRequest, row: WebhookEndpoint) -> dict[str, Any]:
        """Return what the page of an endpoint shows; never its secret."""
        deliveries = row.deliveries.select_related("message").order_by("-created_at", "-id")
        return {
            "deliveries": deliveries[:NEWEST],
            "pending": Status.PENDING,
            "deeds": self._deeds(request, row),
            "may_change": self.has_control_permission(request),
            "overlap": row.previous_secret_until and row.previous_secret_until > clock.now(),
        }

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Return whether this person may add endpoints."""
        return staff(request).has_perm("autopilot.add_webhookendpoint")

    def has_control_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may change, test and remove endpoints."""
        return staff(request).has_perm(MAY_CHANGE)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may send events again."""
        return staff(request).has_perm(MAY_RESEND)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask who is told where, and show the secret once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = EndpointForm(request.POST if request.method == "POST" else None, rows=())
        if form.is_valid():
            try:
                endpoint, secret = webhooks.create(**form.cleaned_data, by=staff(request))
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                return self._show_secret(request, endpoint, secret)
        texts = {"title": "Add a webhook endpoint", "button": "Add the endpoint"}
        return self._ask(request, form, reverse("admin:autopilot_webhookendpoint_changelist"), None, **texts)

    def rotate(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask why, and show the new secret once."""
        endpoint = self._to_change(request, pk)
        form = ReasonForm(request.POST if request.method == "POST" else None, rows=(endpoint,))
        if form.is_valid():
            try:
                secret = webhooks.rotate(endpoint, by=staff(request), reason=form.cleaned_data["reason"])
            except AutopilotError as refusal:
                form.add_error(None, str(refusal))
            else:
                return self._show_secret(request, endpoint, secret)
        effect = (
            "The endpoint gets a new secret, which is shown once. For 24 hours every event is signed with both, so that"
            " its organization can change over. To end a secret that has become known, rotate twice."
        )
        texts = {"title": "Rotate the secret", "button": "Rotate the secret", "effect": effect}
        return self._ask(request, form, _address(endpoint), endpoint, **texts)

    def choose_topics(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask what the endpoint is told from now on."""
        endpoint = self._to_change(request, pk)
        now = {"topics": endpoint.topics, "description": endpoint.description}
        form = TopicsForm(request.POST if request.method == "POST" else None, rows=(endpoint,), initial=now)
        if form.is_valid():
            try:
                webhooks.change(endpoint, **form.cleaned_data, by=staff(request))
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                self.message_user(request, "It is told these topics from now on.")
                return HttpResponseRedirect(_address(endpoint))
        texts = {"title": "Choose topics", "button": "Save the topics"}
        return self._ask(request, form, _address(endpoint), endpoint, **texts)

    @admin.action(description="Disable…", permissions=["control"])
    def disable_endpoints(self, request: HttpRequest, rows: QuerySet[WebhookEndpoint]) -> HttpResponse | None:
        """Ask why, and tell the chosen endpoints nothing more."""
        return offer(self, request, rows, DISABLE)

    @admin.action(description="Enable…", permissions=["control"])
    def enable_endpoints(self, request: HttpRequest, rows: QuerySet[WebhookEndpoint]) -> HttpResponse | None:
        """Ask why, and tell the chosen endpoints what happens from now on."""
        return offer(self, request, rows, ENABLE)

    @admin.action(description="Send a test event", permissions=["control"])
    def test_endpoints(self, request: HttpRequest, rows: QuerySet[WebhookEndpoint]) -> HttpResponse | None:
        """Tell the chosen endpoints an event that means nothing."""
        return offer(self, request, rows, TEST)

    @admin.action(description="Send what failed again…", permissions=["resend"])
    def replay_endpoints(self, request: HttpRequest, rows: QuerySet[WebhookEndpoint]) -> HttpResponse | None:
        """Ask why and since when, and send again what failed at the chosen endpoints."""
        return offer(self, request, rows, REPLAY_FAILED)

    @admin.action(description="Delete…", permissions=["control"])
    def delete_endpoints(self, request: HttpRequest, rows: QuerySet[WebhookEndpoint]) -> HttpResponse | None:
        """Ask why, and remove the chosen endpoints."""
        answer = offer(self, request, rows, DELETE)
        # The page it came from may be gone.
        return HttpResponseRedirect(request.path) if isinstance(answer, HttpResponseRedirect) else answer

    def _deeds(self, request: HttpRequest, endpoint: WebhookEndpoint) -> list[tuple[str, str]]:
        resend = [("replay_endpoints", "Send what failed again…")] if self.has_resend_permission(request) else []
        if not self.has_control_permission(request):
            return resend if endpoint.enabled else []
        if not endpoint.enabled:
            return [("enable_endpoints", "Enable…"), ("delete_endpoints", "Delete…")]
        test, disable = ("test_endpoints", "Send a test event"), ("disable_endpoints", "Disable…")
        return [test, *resend, disable, ("delete_endpoints", "Delete…")]

    def _to_change(self, request: HttpRequest, pk: UUID) -> WebhookEndpoint:
        if not self.has_control_permission(request) or not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(WebhookEndpoint, pk=pk)

    def _ask(
        self,
        request: HttpRequest,
        form: forms.Form,
        back: str,
        endpoint: WebhookEndpoint | None,
        **texts: str,
    ) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "back": back, **texts}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        template = "admin/autopilot/webhooks/form.html"
        return TemplateResponse(request, template, {**context, "original": endpoint}, status=status)

    def _show_secret(self, request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "The secret of the endpoint",
            "opts": self.opts,
            "original": endpoint,
            "secret": secret,
        }
        return TemplateResponse(request, "admin/autopilot/webhooks/secret.html", context)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(PageAdmin[WebhookDelivery]):
    """Which event went to which endpoint, and what was answered."""

    list_display = ["topic", "address", "state", "attempts", "answered", "next_attempt", "made"]
    list_filter = ["status", "created_at"]
    list_select_related = ["message", "endpoint"]
    sortable_by = ["made"]
    search_fields = ["pk"]
    search_help_text = "The whole id of an event, of an endpoint or of a delivery"
    page_template = "admin/autopilot/webhooks/delivery.html"
    actions = ["replay_deliveries"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        """Return the deliveries, without the secrets of their endpoints."""
        return super().get_queryset(request).defer("endpoint__secret", "endpoint__previous_secret")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find deliveries by one id."""
        if not search_term.strip():
            return queryset, False
        wanted = _id(search_term)
        if wanted is None:
            return queryset.none(), False
        if WebhookEndpoint.objects.filter(pk=wanted).exists():
            return queryset.filter(endpoint_id=wanted), False
        return queryset.filter(message_id=wanted) | queryset.filter(pk=wanted), False

    @admin.display(description="Event")
    def topic(self, delivery: WebhookDelivery) -> str:
        """Show what it tells of."""
        return delivery.message.topic

    @admin.display(description="Endpoint")
    def address(self, delivery: WebhookDelivery) -> str:
        """Show where it goes."""
        return delivery.endpoint.url

    @admin.display(description="Made", ordering="created_at")
    def made(self, delivery: WebhookDelivery) -> str:
        """Show when it was made."""
        return brief(delivery.created_at)

    @admin.display(description="Status")
    def state(self, delivery: WebhookDelivery) -> str:
        """Show the status as a badge."""
        return badge(delivery.status, delivery.get_status_display())

    @admin.display(description="Last answer")
    def answered(self, delivery: WebhookDelivery) -> str:
        """Show the status that was answered last."""
        return str(delivery.last_status or ("None" if delivery.attempts else "—"))

    def answer(self, delivery: WebhookDelivery) -> str:
        """Return what was answered, or why nothing was."""
        return delivery.error or (f"It answered {delivery.last_status}." if delivery.last_status else "—")

    @admin.display(description="Next attempt")
    def next_attempt(self, delivery: WebhookDelivery) -> str:
        """Show when it is tried next, while it is."""
        return brief(delivery.next_attempt_at) if delivery.status == Status.PENDING else "—"

    def page_context(self, request: HttpRequest, row: WebhookDelivery) -> dict[str, Any]:
        """Return what the page of a delivery shows."""
        may_replay = self.has_resend_permission(request) and row.status != Status.PENDING and row.endpoint.enabled
        return {
            "subtitle": row.message.topic,
            "answer": self.answer(row),
            "event": json.dumps(event_of(row.message), indent=2),
            "deeds": [("replay_deliveries", "Send again…")] if may_replay else [],
        }

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may send events again."""
        return staff(request).has_perm(MAY_RESEND)

    @admin.action(description="Send again…", permissions=["resend"])
    def replay_deliveries(self, request: HttpRequest, rows: QuerySet[WebhookDelivery]) -> HttpResponse | None:
        """Ask why, and send the chosen deliveries again."""
        return offer(self, request, rows, REPLAY)


def _id(term: str) -> UUID | None:
    try:
        return UUID(term.strip())
    except ValueError:
        return None


def _address(endpoint: WebhookEndpoint) -> str:
    return reverse("admin:autopilot_webhookendpoint_change", args=[endpoint.pk])
