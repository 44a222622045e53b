"""The first pages of the portal: which holder, and where it stands with what to do next."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from programs.access import memberships_of
from programs.models import ApplicationStatus, Holder
from programs.portal import Stage, add_section, stage, stages
from programs.standing import standing_of
from programs.views.portal.base import HolderView

add_section("Overview", "portal:dashboard", 0)
MOST = 50
APPLIED: dict[str, str] = {ApplicationStatus.STATE_APPROVED: "done", ApplicationStatus.STATE_DENIED: "due"}


@never_cache
@require_safe
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Lead a member of one holder to its dashboard; let a member of several choose."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    mine = list(memberships_of(request.user).order_by("holder__legal_name")[:MOST])
    if len(mine) == 1:
        return redirect("portal:dashboard", holder_id=mine[0].holder_id)
    return render(request, "programs/portal/choose.html", {"memberships": mine})


class Dashboard(HolderView):
    """Every stage of the holder's way: where it stands, and the next action."""

    http_method_names = ["get", "head"]
    template_name = "programs/portal/dashboard.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the stages."""
        found = stages(self.holder)
        return self.show(stages=found, due=[each for each in found if each.state == "due"])


@stage(10)
def application_stage(holder: Holder) -> Stage:
    """Tell where the application stands by which the holder came."""
    if holder.application is None:
        return Stage("Application", "done", "Your organization was entered by our staff.")
    standing = standing_of(holder.application.status)
    return Stage("Application", APPLIED.get(holder.application.status, "waiting"), standing.line)
