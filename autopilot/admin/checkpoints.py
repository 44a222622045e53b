"""Checkpoints as reviewers see them: the inbox, and the page on which one is read and decided."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from autopilot import clock, engine
from autopilot.admin import amending, reviewing
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.admin.forms import DecisionForm, decision_form
from autopilot.admin.schemas import is_amendable
from autopilot.exceptions import DecisionRefused, FormInvalid
from autopilot.models import Checkpoint, Decision
from autopilot.reports.moments import brief
from autopilot.requests import origin_of

VERDICTS = Decision.Verdict
DONE = {
    VERDICTS.APPROVE: "Approved.",
    VERDICTS.REJECT: "Rejected.",
    VERDICTS.HAPPENED: "Noted: it happened.",
    VERDICTS.NOT_HAPPENED: "Noted: it did not happen, so it is done again.",
}
STATUS_OF_REFUSAL = {"not_allowed": HTTPStatus.FORBIDDEN, "four_eyes": HTTPStatus.FORBIDDEN}


class StatusFilter(admin.SimpleListFilter):
    """What needs a decision first; what was decided stays to be read."""

    title = "status"
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the decided ones and all; without a choice, the pending ones."""
        return [("decided", "Decided"), ("all", "All")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Name the choice that is made without one."""
        for index, choice in enumerate(super().choices(changelist)):
            yield choice if index else {**choice, "display": "Pending"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Checkpoint]) -> QuerySet[Checkpoint]:
        """Return the pending ones unless others are asked for."""
        if self.value() == "all":
            return queryset
        pending = Checkpoint.Status.PENDING
        return queryset.exclude(status=pending) if self.value() == "decided" else queryset.filter(status=pending)


@admin.register(Checkpoint)
class CheckpointAdmin(PageAdmin[Checkpoint]):
    """The inbox, and the review page."""

    list_filter = [StatusFilter, "kind"]
    search_fields = ["title"]
    search_help_text = "A part of the title, as an application’s reference"
    page_template = "admin/autopilot/checkpoint.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the deeds: to decide is POST alone, to amend has a form of its own."""
        decide, amend = require_POST(self.decide), require_http_methods(["GET", "HEAD", "POST"])(self.amend)
        deeds = [
            path("<uuid:pk>/decide/", self.admin_site.admin_view(decide), name="checkpoint_decide"),
            path("<uuid:pk>/amend/", self.admin_site.admin_view(amend), name="checkpoint_amend"),
        ]
        return deeds + super().get_urls()

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the order: who has waited longest first, but of those decided the newest first."""
        waiting = request.GET.get(StatusFilter.parameter_name) is None
        return ("created_at", "id") if waiting else ("-created_at", "-id")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Show of the decided ones how they ended, in place of what was promised."""
        if request.GET.get(StatusFilter.parameter_name) is None:
            return ("title", "kind", "asked_by", "opened", "due", "version")
        return ("title", "state", "kind", "asked_by", "opened", "ended", "version")

    @admin.display(description="Ended", ordering="decided_at", empty_value="—")
    def ended(self, checkpoint: Checkpoint) -> str | None:
        """Show when it was decided."""
        return brief(checkpoint.decided_at) if checkpoint.decided_at else None

    @admin.display(description="Status", ordering="status")
    def state(self, checkpoint: Checkpoint) -> str:
        """Show the status as a badge."""
        return badge(checkpoint.status, checkpoint.get_status_display())

    @admin.display(description="Requested by", ordering="requester_label")
    def asked_by(self, checkpoint: Checkpoint) -> str:
        """Show who asked for it."""
        return checkpoint.requester_label or "Nobody signed in"

    @admin.display(description="Opened")
    def opened(self, checkpoint: Checkpoint) -> str:
        """Show since when it waits."""
        return brief(checkpoint.created_at)

    @admin.display(description="Promised by", ordering="due_at", empty_value="No promise")
    def due(self, checkpoint: Checkpoint) -> str | None:
        """Show until when a decision is promised, and whether that has passed."""
        if checkpoint.due_at is None:
            return None
        promised = brief(checkpoint.due_at)
        late = checkpoint.is_pending and checkpoint.due_at <= clock.now()
        return format_html("{} {}", badge("overdue", "Overdue"), promised) if late else promised

    @admin.display(description="Version", ordering="payload_version")
    def version(self, checkpoint: Checkpoint) -> str:
        """Show which version is decided on, and who made it if somebody amended it."""
        editor = checkpoint.last_editor_label
        return f"{checkpoint.payload_version}, by {editor}" if editor else str(checkpoint.payload_version)

    def page_context(self, request: HttpRequest, row: Checkpoint) -> dict[str, Any]:
        """Return what the review page shows."""
        return reviewing.context(row, staff(request))

    def decide(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take a verdict; what is refused is said on the same page, which keeps what was typed."""
        checkpoint = self._readable(request, pk)
        form = decision_form(checkpoint)(request.POST, checkpoint=checkpoint)
        if not form.is_valid():
            return self.page(request, checkpoint, status=HTTPStatus.UNPROCESSABLE_ENTITY, decision_form=form)
        try:
            decision = self._decided(request, pk, form)
        except FormInvalid as refusal:
            for name, message in (refusal.errors or {"": str(refusal)}).items():
                form.add_error(name if name in form.fields else None, message)
            return self.page(request, checkpoint, status=HTTPStatus.UNPROCESSABLE_ENTITY, decision_form=form)
        except DecisionRefused as refusal:
            return self._refused(request, pk, form, refusal)
        self.message_user(request, DONE[VERDICTS(decision.verdict)], messages.SUCCESS)
        return HttpResponseRedirect(_address(pk))

    def amend(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the form that amends, or make a new version of what is decided on."""
        checkpoint = self._readable(request, pk)
        refusal = reviewing.refusal_of(checkpoint, staff(request), editing=True)
        if refusal is not None or not is_amendable(checkpoint):
            text = str(refusal or "This checkpoint cannot be amended; approve or reject it.")
            self.message_user(request, text, messages.WARNING)
            return HttpResponseRedirect(_address(pk))
        page = amending.opened(checkpoint) if request.method != "POST" else amending.taken(request, checkpoint)
        if page.saved is not None:
            text = f"Saved as version {page.saved.version}. Another person must decide it now."
            self.message_user(request, text, messages.SUCCESS)
            return HttpResponseRedirect(_address(pk))
        crumbs = {"title": checkpoint.title, "subtitle": "Amend", "page": page}
        return self.page(request, checkpoint, "admin/autopilot/amend.html", page.status, **crumbs)

    def _readable(self, request: HttpRequest, pk: UUID) -> Checkpoint:
        checkpoint = get_object_or_404(Checkpoint.objects.select_related("job"), pk=pk)
        if not self.has_view_permission(request, checkpoint):
            raise PermissionDenied
        return checkpoint

    def _decided(self, request: HttpRequest, pk: UUID, form: DecisionForm) -> Decision:
        return engine.decide(
            pk,
            actor=staff(request),
            verdict=request.POST.get("verdict", ""),
            version=form.cleaned_data["version"],
            comment=form.cleaned_data["comment"],
            data=form.found(),
            origin=origin_of(request),
        )

    def _refused(self, request: HttpRequest, pk: UUID, form: DecisionForm, refusal: DecisionRefused) -> HttpResponse:
        checkpoint = self._readable(request, pk)
        status = STATUS_OF_REFUSAL.get(refusal.code, HTTPStatus.CONFLICT)
        typed = form.cleaned_data["comment"]
        again = decision_form(checkpoint)(checkpoint=checkpoint, comment=typed)
        missed = reviewing.missed(checkpoint, refusal, form.cleaned_data["version"])
        told = reviewing.Refusal(str(refusal), typed, missed)
        return self.page(request, checkpoint, status=status, decision_form=again, refusal=told)


def _address(pk: UUID) -> str:
    return reverse("admin:autopilot_checkpoint_change", args=[pk])
