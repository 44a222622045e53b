"""What anybody may open: the application form, its confirmation, its status, and its correction."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from programs import assurances
from programs.access import applications_by_reference
from programs.forms import Entry
from programs.forms.pickers import code_lists
from programs.models import Application
from programs.services.applications import facts_of, submit_application
from programs.services.corrections import correct_application, find_correctable
from programs.standing import standing_of
from programs.views.throttle import HOUR, is_too_fast

ADD, REMOVE = "add-", "remove-"
LINK_CODES = {"link_unknown", "link_expired"}


@method_decorator(never_cache, name="dispatch")
class Apply(View):
    """Apply for the first time."""

    http_method_names = ["get", "head", "post"]
    template_name = "programs/public/apply.html"

    def opening(self) -> Entry:
        """Return the form as the page first shows it."""
        return Entry.blank()

    def store(self, entry: Entry, by: User | None) -> Application:
        """Take in a valid form; raises ValidationError."""
        return submit_application(facts=entry.facts(), form_key=entry.key, by=by)

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """Show the form."""
        return self.show(self.opening())

    def post(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """Add or remove a row, or take the form in."""
        action = request.POST.get("action", "")
        if action.startswith(ADD):
            return self.show(Entry.reshaped(request.POST, add=action.removeprefix(ADD)))
        if action.startswith(REMOVE):
            return self.show(Entry.reshaped(request.POST, remove=action.removeprefix(REMOVE)))
        return self._take(request, Entry.sent(request.POST))

    def show(self, entry: Entry) -> HttpResponse:
        """Show the form as it stands.

        Also a refused one is shown with 200: Django logs the address of a 4xx, and a correction link is a secret.
        """
        context = {
            "entry": entry,
            "statements": assurances.STATEMENTS[assurances.VERSION],
            "code_lists": code_lists(),
            **self.more(),
        }
        return render(self.request, self.template_name, context)

    def more(self) -> dict[str, Any]:
        """Return what else the page needs."""
        return {}

    def _take(self, request: HttpRequest, entry: Entry) -> HttpResponse:
        if not entry.is_valid() or entry.ein_to_confirm:
            return self.show(entry)
        if is_too_fast(request):
            return _slow_down(request)
        by = request.user if isinstance(request.user, User) else None
        try:
            application = self.store(entry, by)
        except ValidationError as refusal:
            if getattr(refusal, "code", None) in LINK_CODES:
                raise
            entry.refuse(refusal)
            return self.show(entry)
        return redirect("programs:received", reference=application.reference)


class Correct(Apply):
    """Correct a rejected application, by the link that was mailed."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say so when the link is used, expired or incomplete."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except ValidationError as refusal:
            context = {"refusal": " ".join(refusal.messages)}
            response = render(request, "programs/public/link_closed.html", context, status=HTTPStatus.GONE)
        return _private(response)

    def opening(self) -> Entry:
        """Return the form with what the application says now."""
        return Entry.blank(facts_of(find_correctable(self.kwargs["token"])))

    def store(self, entry: Entry, by: User | None) -> Application:
        """Submit the next revision."""
        return correct_application(token=self.kwargs["token"], facts=entry.facts(), form_key=entry.key, by=by)

    def more(self) -> dict[str, Any]:
        """Add the reason why the application came back."""
        return {"correcting": find_correctable(self.kwargs["token"])}


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
    }
    return _private(render(request, "programs/public/status.html", context))


def _private(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _slow_down(request: HttpRequest) -> HttpResponse:
    response = render(request, "programs/public/slow_down.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(HOUR)
    return response
