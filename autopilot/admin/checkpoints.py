"""Checkpoints as reviewers see them: the inbox, the page on which one is read and decided, and what is done there."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from autopilot import engine, reports
from autopilot.admin import amending, bulk, handing, pictures, reviewing, shortcuts
from autopilot.admin.base import staff
from autopilot.admin.forms import DecisionForm, decision_form
from autopilot.admin.inbox import InboxAdmin
from autopilot.admin.schemas import is_amendable
from autopilot.admin.trails import Trail
from autopilot.exceptions import DecisionRefused, FormInvalid
from autopilot.models import Checkpoint, Decision
from autopilot.requests import origin_of

VERDICTS = Decision.Verdict
DONE = {
    VERDICTS.APPROVE: "Approved",
    VERDICTS.REJECT: "Rejected",
    VERDICTS.HAPPENED: "Noted that it happened",
    VERDICTS.NOT_HAPPENED: "Noted that it did not happen, so it is done again",
}


@admin.register(Checkpoint)
class CheckpointAdmin(InboxAdmin):
    """The inbox, and the review page."""

    page_template = "admin/autopilot/checkpoint.html"
    actions = ["approve_chosen", "reject_chosen"]

    def get_urls(self) -> list[URLPattern]:
        """Add the deeds, each by POST alone; to amend has a form of its own."""
        posted = {name: partial(self.hand, name=name) for name in handing.HANDINGS} | {"decide": self.decide}
        deeds = [self._path(f"<uuid:pk>/{name}/", require_POST(view), name) for name, view in posted.items()]
        return [
            *deeds,
            self._path("<uuid:pk>/amend/", require_http_methods(["GET", "HEAD", "POST"])(self.amend), "amend"),
            self._path("<uuid:pk>/pages/<int:number>.png", require_safe(self.picture), "picture", cacheable=True),
            self._path(
                "<uuid:pk>/attachments/<int:place>/<int:number>.png",
                require_safe(self.picture),
                "attachment",
                cacheable=True,
            ),
            self._path("bulk/", require_POST(self.bulk), "bulk"),
            self._path("shortcuts/", require_http_methods(["GET", "HEAD", "POST"])(self.shortcuts), "shortcuts"),
            *super().get_urls(),
        ]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may decide at all: then the list offers to decide several."""
        return request.user.has_perm("autopilot.decide_checkpoint")

    @admin.action(description="Approve…", permissions=["decide"])
    def approve_chosen(self, request: HttpRequest, queryset: QuerySet[Checkpoint]) -> HttpResponse | None:
        """Show what approving the chosen ones would do."""
        return bulk.preview(self, request, list(queryset.values_list("pk", flat=True)[: bulk.MOST + 1]), "approve")

    @admin.action(description="Reject…", permissions=["decide"])
    def reject_chosen(self, request: HttpRequest, queryset: QuerySet[Checkpoint]) -> HttpResponse | None:
        """Show what rejecting the chosen ones would do."""
        return bulk.preview(self, request, list(queryset.values_list("pk", flat=True)[: bulk.MOST + 1]), "reject")

    def bulk(self, request: HttpRequest) -> HttpResponse:
        """Decide several, each on its own, and tell what became of each."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return bulk.decided(self, request)

    def page_context(self, request: HttpRequest, row: Checkpoint) -> dict[str, Any]:
        """Return what the review page shows."""
        trail = Trail.of(request.GET)
        before, after = reports.neighbors(row, trail.tab, staff(request), trail.kind)
        context = reviewing.context(row, staff(request), request.GET)
        return context | {
            "trail": trail,
            "trail_before": before,
            "trail_after": after,
            "shortcuts_on": shortcuts.are_on(request),
        }

    def decide(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take a verdict and go on to the next; what is refused is said on the same page, which keeps what was typed."""
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
        return self._onward(request, checkpoint, decision)

    def amend(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the form that amends, or make a new version of what is decided on."""
        checkpoint, back = self._readable(request, pk), Trail.of(request.GET).to(pk)
        refusal = reviewing.refusal_of(checkpoint, staff(request), editing=True)
        if refusal is not None or not is_amendable(checkpoint):
            text = str(refusal or "This checkpoint cannot be amended; approve or reject it.")
            self.message_user(request, text, messages.WARNING)
            return HttpResponseRedirect(back)
        page = amending.opened(checkpoint) if request.method != "POST" else amending.taken(request, checkpoint)
        if page.saved is not None:
            text = f"Saved as version {page.saved.version}. Another person must decide it now."
            self.message_user(request, text, messages.SUCCESS)
            return HttpResponseRedirect(back)
        crumbs = {"title": checkpoint.title, "subtitle": "Amend", "page": page}
        return self.page(request, checkpoint, "admin/autopilot/amend.html", page.status, **crumbs)

    def hand(self, request: HttpRequest, pk: UUID, *, name: str) -> HttpResponse:
        """Take in hand, put back, give to somebody, comment, or ask for changes."""
        checkpoint = self._readable(request, pk)
        handed = handing.take(name, staff(request), checkpoint, request.POST)
        if handed.shown is not None:
            checkpoint.refresh_from_db()
            return self.page(request, checkpoint, status=handed.status, **handed.shown)
        self.message_user(request, handed.told, messages.SUCCESS)
        return HttpResponseRedirect(Trail.of(request.GET).to(pk))

    def picture(self, request: HttpRequest, pk: UUID, number: int, place: int = 0) -> HttpResponse:
        """Show one page of what is decided on, to who may view checkpoints and documents."""
        checkpoint = self._readable(request, pk)
        if not request.user.has_perm("autopilot.view_document"):
            raise PermissionDenied
        return pictures.answer(request, checkpoint, number, place)

    def shortcuts(self, request: HttpRequest) -> HttpResponse:
        """Show the keys of the review page, and switch them on or off."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return shortcuts.page(self, request)

    def _path(self, route: str, view: Callable[..., HttpResponse], name: str, *, cacheable: bool = False) -> URLPattern:
        return path(route, self.admin_site.admin_view(view, cacheable=cacheable), name=f"checkpoint_{name}")

    def _readable(self, request: HttpRequest, pk: UUID) -> Checkpoint:
        checkpoint = get_object_or_404(Checkpoint.objects.select_related("job", "assignee"), pk=pk)
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

    def _onward(self, request: HttpRequest, checkpoint: Checkpoint, decision: Decision) -> HttpResponse:
        """Tell what was decided, and go on to what comes next where the person came from; if nothing does, stay."""
        trail = Trail.of(request.GET)
        _, following = reports.neighbors(checkpoint, trail.tab, staff(request), trail.kind)
        done, address = DONE[VERDICTS(decision.verdict)], trail.to(checkpoint.pk)
        self.message_user(
            request, format_html('{}: <a href="{}">{}</a>.', done, address, checkpoint.title), messages.SUCCESS
        )
        return HttpResponseRedirect(trail.to(following.pk) if following else address)

    def _refused(self, request: HttpRequest, pk: UUID, form: DecisionForm, refusal: DecisionRefused) -> HttpResponse:
        checkpoint = self._readable(request, pk)
        status = handing.STATUS_OF_REFUSAL.get(refusal.code, HTTPStatus.CONFLICT)
        typed = form.cleaned_data["comment"]
        again = decision_form(checkpoint)(checkpoint=checkpoint, comment=typed)
        missed = reviewing.missed(checkpoint, refusal, form.cleaned_data["version"])
        told = reviewing.Refusal(str(refusal), typed, missed)
        return self.page(request, checkpoint, status=status, decision_form=again, refusal=told)
