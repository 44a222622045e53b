"""The pages about one's own sign-in that the library does not have as we want them."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from autopilot import clock
from autopilot.admin.base import staff as signed_in
from config.signin import sessions
from config.signin.devices import device_of

OTHERS = "others"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Show where one is signed in, and end one of these sessions, or all others."""
    person = signed_in(request)
    if request.method == "POST":
        _end(request, person)
        return HttpResponseRedirect(reverse("usersessions_list"))
    shown = [(session, device_of(session.user_agent)) for session in sessions.sessions_of(person)]
    return render(request, "usersessions/own_sessions.html", {"sessions": shown, "others": OTHERS})


def _end(request: HttpRequest, person: User) -> None:
    chosen = request.POST.get("session", "")
    if chosen == OTHERS:
        count = sessions.end_all(person, actor=person, but=request.session.session_key)
        messages.success(request, f"You are signed out elsewhere: {count}.")
        return
    mine = UserSession.objects.filter(user=person).exclude(session_key=request.session.session_key)
    session = get_object_or_404(mine, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0)
    sessions.end(session, actor=person)
    messages.success(request, "That session is ended.")


@never_cache
@login_required
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Count as a sign of the person, and tell in how many seconds the session ends now."""
    sessions.see(request.session)
    left = sessions.ends_at(request.session) - clock.now()
    return JsonResponse({"seconds_left": int(left.total_seconds())})
