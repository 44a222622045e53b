"""The outbox as staff see it: what left, what waits, what could not leave, and how to send it again."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from autopilot import outbox
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.admin.deeds import Answers, Deed, ReasonForm, offer
from autopilot.engine import registry
from autopilot.exceptions import ControlRefused
from autopilot.models import OutboxMessage
from autopilot.reports.moments import brief

MOST_DELIVERIES = 20
Status = OutboxMessage.Status


class TopicFilter(admin.SimpleListFilter):
    """What the messages tell of."""

    title = "topic"
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every topic that has a mail."""
        return [(topic, topic) for topic in registry.topics()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
        """Return the messages of the chosen topic."""
        return queryset.filter(topic=self.value()) if self.value() else queryset


class ResendForm(ReasonForm):
    """Why messages are sent again; and, where some were sent already, whether those shall go out too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if any(isinstance(row, OutboxMessage) and row.status == Status.SENT for row in self.rows):
            self.fields["again"] = forms.BooleanField(
                required=False,
                label="Send again, too, what was sent already",
                help_text="Its readers get it a second time; their mail programs know it by its Message-ID.",
            )


def _resend(by: User, message: OutboxMessage, answers: Answers) -> str:
    outbox.resend(message, by=by, reason=answers["reason"], again=bool(answers.get("again")))
    return "It is sent again, under the same Message-ID."


def _foresee_resend(by: User, message: OutboxMessage, answers: Answers) -> str:
    outbox.resend(message, by=by, reason=answers["reason"], again=True)
    if message.status == Status.SENT:
        return "It was sent already: it goes out a second time only if you say so below."
    return "It is sent again, under the same Message-ID."


RESEND = Deed(
    "Send again",
    "To be sent again",
    "A message is built anew from what is known today, and leaves with the next sweep.",
    _resend,
    foresee=_foresee_resend,
    form=ResendForm,
)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(PageAdmin[OutboxMessage]):
    """What left the house, what waits to leave, and what could not."""

    list_display = ["topic", "state", "attempts", "made", "next_attempt", "sent", "last_error"]
    list_filter = ["status", TopicFilter, "created_at"]
    sortable_by = ["made"]
    search_fields = ["topic__exact"]
    search_help_text = "The whole id of a job or of a message, or a topic"
    page_template = "admin/autopilot/message.html"
    actions = ["resend_messages"]

    def get_urls(self) -> list[URLPattern]:
        """Add the page that shows what a mail says."""
        show = self.admin_site.admin_view(require_POST(self.show_mail))
        return [path("<uuid:pk>/mail/", show, name="outboxmessage_mail"), *super().get_urls()]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find the messages of a job, or one message, by its id; else by their topic."""
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(job_id=wanted) | queryset.filter(pk=wanted), False

    @admin.display(description="Status")
    def state(self, message: OutboxMessage) -> str:
        """Show the status as a badge."""
        return badge(message.status, message.get_status_display())

    @admin.display(description="Made", ordering="created_at")
    def made(self, message: OutboxMessage) -> str:
        """Show when it was left in the outbox."""
        return brief(message.created_at)

    @admin.display(description="Next attempt")
    def next_attempt(self, message: OutboxMessage) -> str:
        """Show when it is tried next, while it is."""
        return brief(message.next_attempt_at) if message.status == Status.PENDING else "—"

    @admin.display(description="Sent")
    def sent(self, message: OutboxMessage) -> str:
        """Show when it was sent."""
        return brief(message.sent_at) if message.sent_at else "—"

    @admin.display(description="Last error")
    def last_error(self, message: OutboxMessage) -> str:
        """Show why it could not be sent."""
        return message.error or "—"

    def page_context(self, request: HttpRequest, row: OutboxMessage) -> dict[str, Any]:
        """Return what the page of a message shows: ids and counts, not what the mail says."""
        sees_deliveries = staff(request).has_perm("autopilot.view_webhookdelivery")
        deliveries = row.deliveries.select_related("endpoint").defer("endpoint__secret", "endpoint__previous_secret")
        may_resend, is_mail = self.has_resend_permission(request), row.topic in registry.topics()
        return {
            "subtitle": row.topic,
            "is_mail": is_mail,
            "recipients": outbox.recipients_of(row) if is_mail else None,
            "deliveries": deliveries.order_by("pk")[:MOST_DELIVERIES] if sees_deliveries else [],
            "deeds": [("resend_messages", "Send again…")]
            if may_resend and is_mail and row.status != Status.PENDING
            else [],
            "may_read": may_resend and is_mail,
        }

    def show_mail(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what the mail says to who may send it again; that it was shown is recorded."""
        message = get_object_or_404(OutboxMessage, pk=pk)
        if not self.has_view_permission(request, message):
            raise PermissionDenied
        try:
            letter = outbox.show(message, by=staff(request))
        except ControlRefused as refusal:
            return self.page(request, message, status=HTTPStatus.CONFLICT, unreadable=str(refusal))
        return self.page(request, message, letter=letter)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may send messages again."""
        return staff(request).has_perm(outbox.PERMISSION)

    @admin.action(description="Send again…", permissions=["resend"])
    def resend_messages(self, request: HttpRequest, rows: QuerySet[OutboxMessage]) -> HttpResponse | None:
        """Ask why, and send the chosen messages again."""
        return offer(self, request, rows, RESEND)
