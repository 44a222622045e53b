"""The keys of the review page: what they do, and how to switch them off."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

if TYPE_CHECKING:
    from autopilot.admin.inbox import InboxAdmin

COOKIE, OFF = "review_shortcuts", "off"
A_YEAR = 365 * 24 * 3600
KEYS = [
    ("j", "Go to the next checkpoint of the list you came from"),
    ("k", "Go to the previous one"),
    ("a", "Go to the button that approves"),
    ("r", "Go to the reason of a rejection, and from there to its button"),
    ("c", "Write a comment"),
    ("e", "Edit the fields"),
    ("?", "Open this page"),
]


def are_on(request: HttpRequest) -> bool:
    """Return whether this browser's keys are on, as they are until somebody switches them off."""
    return request.COOKIES.get(COOKIE) != OFF


def page(shown_by: "InboxAdmin", request: HttpRequest) -> HttpResponse:
    """Show the keys; by POST, switch them on or off for this browser."""
    if request.method == "POST":
        return _switched(shown_by, request)
    context: dict[str, Any] = {
        **shown_by.admin_site.each_context(request),
        "title": "Keyboard shortcuts",
        "opts": shown_by.opts,
        "keys": KEYS,
        "are_on": are_on(request),
    }
    return TemplateResponse(request, "admin/autopilot/shortcuts.html", context)


def _switched(shown_by: "InboxAdmin", request: HttpRequest) -> HttpResponse:
    answer = HttpResponseRedirect(request.path)
    if request.POST.get("switch") == OFF:
        secure = settings.SESSION_COOKIE_SECURE
        answer.set_cookie(COOKIE, OFF, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
        shown_by.message_user(request, "The shortcuts are off in this browser.", messages.SUCCESS)
    else:
        answer.delete_cookie(COOKIE, samesite="Lax")
        shown_by.message_user(request, "The shortcuts are on in this browser.", messages.SUCCESS)
    return answer
