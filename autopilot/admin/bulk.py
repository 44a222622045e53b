"""Decide several checkpoints: a page that shows each with what bars from it, then one decision for each on its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from autopilot import engine, reports
from autopilot.admin.base import staff
from autopilot.admin.fields import TextField
from autopilot.admin.inbox import what_changed
from autopilot.admin.reviewing import refusal_of
from autopilot.admin.trails import Trail
from autopilot.engine import Origin
from autopilot.engine.reviewers import Reviewer
from autopilot.exceptions import DecisionRefused, FormInvalid
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint
from autopilot.requests import origin_of

if TYPE_CHECKING:
    from autopilot.admin.inbox import InboxAdmin

MOST = 100
LONGEST_REASON = 1000
BUTTONS = {"approve": "Approve", "reject": "Reject"}
DONE = {"approve": "Approved", "reject": "Rejected"}
OTHER_QUESTION = "It asks whether something happened; answer that on its own page."


class ReasonForm(forms.Form):
    """What is said with every decision that has no reason of its own."""

    comment = TextField(
        label="Reason for all",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with each decision. Whoever asked for it is told. A rejection needs one.",
    )

    def __init__(self, data: Any = None, *, verdict: str) -> None:
        super().__init__(data)
        self.fields["comment"].required = verdict == "reject"
        self.fields["comment"].error_messages["required"] = "Say why they are rejected."


@dataclass(frozen=True)
class Item:
    """One checkpoint of several: the version that is shown, what that changed, and what bars from deciding it."""

    checkpoint: Checkpoint
    version: int
    changes: str
    refusal: str
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one checkpoint."""

    checkpoint: Checkpoint
    text: str
    done: bool


def preview(shown_by: "InboxAdmin", request: HttpRequest, chosen: Sequence[UUID], verdict: str) -> HttpResponse | None:
    """Show each chosen checkpoint with what bars from it, and ask for reasons; None, with a message, if too many."""
    if len(chosen) > MOST:
        shown_by.message_user(request, f"Choose at most {MOST} checkpoints at a time.", messages.WARNING)
        return None
    return _page(shown_by, request, _items(staff(request), chosen, verdict), verdict, ReasonForm(verdict=verdict))


def decided(shown_by: "InboxAdmin", request: HttpRequest) -> HttpResponse:
    """Decide each posted checkpoint in its own transaction, in the version that was shown, and tell what came of it."""
    verdict, chosen = request.POST.get("verdict", ""), _chosen(request)
    if verdict not in BUTTONS or not chosen or len(chosen) > MOST:
        shown_by.message_user(request, f"Choose 1 to {MOST} checkpoints, and what to do.", messages.WARNING)
        return HttpResponseRedirect(Trail.of(request.GET).inbox)
    form = ReasonForm(request.POST, verdict=verdict)
    if not form.is_valid():
        items = [replace(item, reason=_reason(request, item)) for item in _items(staff(request), chosen, verdict)]
        return _page(shown_by, request, items, verdict, form, status=422)
    origin = replace(origin_of(request), bulk_id=uuid7())
    found = {row.pk: row for row in Checkpoint.objects.filter(pk__in=chosen).defer("payload")}
    rows = [found[pk] for pk in chosen if pk in found]
    results = [_decide(request, row, verdict, form.cleaned_data["comment"], origin) for row in rows]
    return _page(shown_by, request, [], verdict, form, results=results)


def _decide(request: HttpRequest, row: Checkpoint, verdict: str, common: str, origin: Origin) -> Result:
    own = request.POST.get(f"reason-{row.pk}", "").strip()[:LONGEST_REASON]
    version = request.POST.get(f"version-{row.pk}", "")
    seen = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else 0
    try:
        decision = engine.decide(
            row.pk, actor=staff(request), verdict=verdict, version=seen, comment=own or common, origin=origin
        )
    except FormInvalid as refusal:
        return Result(row, " ".join(refusal.errors.values()) or str(refusal), done=False)
    except DecisionRefused as refusal:
        return Result(row, str(refusal), done=False)
    return Result(row, f"{DONE[verdict]} in version {decision.payload_version}.", done=True)


def _items(person: User, chosen: Sequence[UUID], verdict: str) -> list[Item]:
    reviewer = Reviewer(person)
    rows = list(Checkpoint.objects.filter(pk__in=chosen).defer("payload").prefetch_related("reviewers"))
    told = reports.tell(rows)
    return [
        Item(row, row.payload_version, what_changed(row, told[row.pk]), _refusal(row, reviewer, verdict))
        for row in rows
    ]


def _refusal(row: Checkpoint, reviewer: Reviewer, verdict: str) -> str:
    if row.kind == Checkpoint.Kind.RECONCILE:
        return OTHER_QUESTION
    return str(refusal_of(row, reviewer, verdict=verdict) or "")


def _chosen(request: HttpRequest) -> list[UUID]:
    found = []
    for text in request.POST.getlist("checkpoint"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue  # no page of ours sends such an id
    return list(dict.fromkeys(found))


def _reason(request: HttpRequest, item: Item) -> str:
    return request.POST.get(f"reason-{item.checkpoint.pk}", "")


def _page(
    shown_by: "InboxAdmin", request: HttpRequest, items: list[Item], verdict: str, form: ReasonForm, **more: Any
) -> TemplateResponse:
    status = more.pop("status", 200)
    trail = Trail.of(request.GET)
    context = {
        **shown_by.admin_site.each_context(request),
        "title": f"{BUTTONS[verdict]} several checkpoints"
        if items
        else f"What became of them: {DONE[verdict].lower()}",
        "opts": shown_by.opts,
        "items": items,
        "possible": sum(not item.refusal for item in items),
        "verdict": verdict,
        "button": BUTTONS[verdict],
        "longest_reason": LONGEST_REASON,
        "form": form,
        "trail": trail,
        **more,
    }
    return TemplateResponse(request, "admin/autopilot/bulk.html", context, status=status)
