"""A decision after a long sign-in: it waits, with all that was typed, until its person has proved who it is."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.reauthentication import stash_and_reauthenticate
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from autopilot import clock
from config.signin import sessions

# Names of the addresses at which people decide, amend, decide on many, or send something out once more.
DECISIONS = {
    "admin:checkpoint_decide",
    "admin:checkpoint_amend",
    "admin:checkpoint_bulk",
    "admin:mou_sign",
    "admin:mou_confirm",
    "admin:autopilot_outboxmessage_changelist",
    "admin:payoutbatch_approve",
    "admin:payoutbatch_pay",
    "admin:bankaccount_reveal",
    "admin:student_details_reveal",
}
NOT_KEPT = "What you sent a while ago was not carried out. If you still want it, please send it again."


def is_decision(request: HttpRequest) -> bool:
    """Tell whether a request would decide something."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    return request.method == "POST" and name in DECISIONS


def keep_and_ask(request: HttpRequest) -> HttpResponse:
    """Keep what was sent in the session, and lead to the page that asks who it is; nothing is decided."""
    back = _page_of(request)
    kept = {
        "path": request.get_full_path(),
        "post": request.POST.urlencode(),
        "back": back,
        "at": clock.now().timestamp(),
    }
    asked = stash_and_reauthenticate(request, kept, "config.signin.decisions.carry_out")
    return HttpResponseRedirect(f"{asked.url}?{urlencode({'next': back})}")


def carry_out(request: HttpRequest, kept: dict[str, Any]) -> HttpResponse:
    """Do what was kept, now that its person is confirmed; what is too old, or was left behind meanwhile, is forgotten."""
    age = clock.now().timestamp() - kept["at"]
    if age > sessions.JUST_NOW.total_seconds() or request.POST.get("next") != kept["back"]:
        messages.warning(request, NOT_KEPT)
        return HttpResponseRedirect(get_next_redirect_url(request) or kept["back"])
    split = urlsplit(kept["path"])
    request.path = request.path_info = split.path
    request.META["PATH_INFO"], request.META["QUERY_STRING"] = split.path, split.query
    request.GET, request.POST = QueryDict(split.query), QueryDict(kept["post"])
    request.resolver_match = resolve(split.path)
    view, arguments, named = request.resolver_match
    response: HttpResponse = view(request, *arguments, **named)
    return response


def _page_of(request: HttpRequest) -> str:
    """Return the page on which the form was, to come back to."""
    page = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        split = urlsplit(page)
        return split.path + (f"?{split.query}" if split.query else "")
    return reverse("admin:index")
