"""What anybody may open: the application form, its confirmation, its status, and its correction."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from programs import assurances
from programs.access import applications_by_reference
from programs.facts import ApplicationFacts
from programs.forms import Entry
from programs.forms.pickers import code_lists
from programs.models import Application
from programs.services.applications import facts_of, submit_application
from programs.services.attachments import kinds, reference_to, tenant_of_form
from programs.services.corrections import correct_application, find_correctable
from programs.services.drafts import close_draft, draft_token, find_draft
from programs.standing import stages_of, standing_of
from programs.views.entered import KIND, UPLOAD, Attached, changes_of, keep_draft, opened_draft
from programs.views.throttle import HOUR, UPLOADS_PER_HOUR, is_too_fast

ADD, REMOVE, ATTACH, DETACH, SAVE = "add-", "remove-", "attach", "detach-", "save"
LINK_CODES = {"link_unknown", "link_expired"}


@method_decorator(never_cache, name="dispatch")
class Apply(View):
    """Apply for the first time."""

    http_method_names = ["get", "head", "post"]
    template_name = "programs/public/apply.html"
    may_save = True

    def opening(self) -> Entry:
        """Return the form as the page first shows it."""
        return Entry.blank()

    def store(self, facts: ApplicationFacts, key: UUID, by: User | None) -> Application:
        """Take in a valid form; raises ValidationError."""
        tenant_id = self.tenant() if facts.attachments else None
        return submit_application(facts=facts, form_key=key, by=by, tenant_id=tenant_id)

    def tenant(self) -> UUID:
        """Return whose the documents are: the tenant that this form will bring in."""
        return tenant_of_form(self.request.POST.get("form_key", ""))

    def draft(self) -> str:
        """Return the token of the draft that is open, if one is."""
        return ""

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """Show the form."""
        return self.show(self.opening())

    def post(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """Add or remove a row or a document, save a draft, or take the form in; a document that was chosen is kept."""
        action, attached = request.POST.get("action", ""), Attached.posted(request.POST)
        if request.FILES:
            if is_too_fast(request, "upload", UPLOADS_PER_HOUR):
                return _slow_down(request)
            attached.receive(request.FILES.getlist(UPLOAD), request.POST.get(KIND, ""), self.tenant())
        if action.startswith(DETACH):
            attached.remove(action.removeprefix(DETACH))
        if attached.refusals or action == ATTACH or action.startswith((ADD, REMOVE, DETACH)):
            return self.show(Entry.reshaped(request.POST, attached.kept, **changes_of(action)), attached.refusals)
        if action == SAVE and self.may_save:
            return self._save(request, attached)
        return self._take(request, Entry.sent(request.POST, attached.kept))

    def show(self, entry: Entry, refusals: Sequence[str] = ()) -> HttpResponse:
        """Show the form as it stands.

        Also a refused one is shown with 200: Django logs the address of a 4xx, and a correction link is a secret.
        """
        context = {
            "entry": entry,
            "refusals": refusals,
            "attachments": [(each, reference_to(each)) for each in entry.attachments],
            "kinds": kinds(),
            "may_save": self.may_save,
            "statements": assurances.STATEMENTS[assurances.VERSION],
            "code_lists": code_lists(),
            **self.more(),
        }
        return render(self.request, self.template_name, context)

    def more(self) -> dict[str, Any]:
        """Return what else the page needs."""
        return {}

    def _save(self, request: HttpRequest, attached: Attached) -> HttpResponse:
        if is_too_fast(request):
            return _slow_down(request)
        try:
            draft = keep_draft(request.POST, attached.kept, self.draft())
        except ValidationError as refusal:
            return self.show(Entry.reshaped(request.POST, attached.kept), refusal.messages)
        return redirect(f"{reverse('programs:continue', args=[draft_token(draft)])}?saved")

    def _take(self, request: HttpRequest, entry: Entry) -> HttpResponse:
        if not entry.is_valid() or entry.ein_to_confirm:
            return self.show(entry)
        if is_too_fast(request):
            return _slow_down(request)
        by = request.user if isinstance(request.user, User) else None
        try:
            application = self.store(entry.facts(), entry.key, by)
        except ValidationError as refusal:
            if getattr(refusal, "code", None) in LINK_CODES:
                raise
            entry.refuse(refusal)
            return self.show(entry)
        return redirect("programs:received", reference=application.reference)


class ByLink(Apply):
    """The form, opened by a link that was mailed."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say so when the link is used, expired or incomplete."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except ValidationError as refusal:
            context = {"refusal": " ".join(refusal.messages)}
            response = render(request, "programs/public/link_closed.html", context, status=HTTPStatus.GONE)
        return _private(response)


class Correct(ByLink):
    """Correct a rejected application, by the link that was mailed."""

    may_save = False  # the link itself stays open for as long

    def opening(self) -> Entry:
        """Return the form with what the application says now."""
        return Entry.blank(facts_of(find_correctable(self.kwargs["token"])))

    def store(self, facts: ApplicationFacts, key: UUID, by: User | None) -> Application:
        """Submit the next revision."""
        return correct_application(token=self.kwargs["token"], facts=facts, form_key=key, by=by)

    def tenant(self) -> UUID:
        """Return the tenant of the application."""
        return find_correctable(self.kwargs["token"]).tenant_id

    def more(self) -> dict[str, Any]:
        """Add the reason why the application came back."""
        return {"correcting": find_correctable(self.kwargs["token"])}


class Continue(ByLink):
    """Go on with an application that was saved, by the link that was mailed."""

    def opening(self) -> Entry:
        """Return the form as it was typed."""
        return opened_draft(find_draft(self.kwargs["token"]))

    def store(self, facts: ApplicationFacts, key: UUID, by: User | None) -> Application:
        """Take in the form, and forget its draft."""
        with transaction.atomic():
            application = super().store(facts, key, by)
            close_draft(self.kwargs["token"])
        return application

    def draft(self) -> str:
        """Return the token; blank when the draft is gone, so that saving again makes a new one."""
        try:
            find_draft(self.kwargs["token"])
        except ValidationError:
            return ""
        return str(self.kwargs["token"])

    def more(self) -> dict[str, Any]:
        """Add the draft, and whether it was saved just now."""
        if self.request.method == "POST":
            return {}
        return {"draft": find_draft(self.kwargs["token"]), "saved": "saved" in self.request.GET}


@never_cache
@require_safe
def received(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Confirm an application by its reference, and say what happens next; nothing else is shown."""
    application = get_object_or_404(applications_by_reference(reference))
    return _private(render(request, "programs/public/received.html", {"reference": application.reference}))


@never_cache
@require_safe
def status(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Say in words where an application stands, to whoever holds its reference; nothing else is shown."""
    application = get_object_or_404(applications_by_reference(reference))
    context = {
        "reference": application.reference,
        "status": application.get_status_display(),
        "standing": standing_of(application.status),
        "stages": stages_of(application.status),
    }
    return _private(render(request, "programs/public/status.html", context))


def _private(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _slow_down(request: HttpRequest) -> HttpResponse:
    response = render(request, "programs/public/slow_down.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(HOUR)
    return response
