"""What every page of the portal does first: find the holder among the person's own, and ask for the role."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from programs import portal
from programs.access import memberships_of
from programs.models import Holder, Member, MemberRole

ORDER = (MemberRole.READ_ONLY, MemberRole.COORDINATOR, MemberRole.OWNER)


def may(member: Member, least: str) -> bool:
    """Return whether a member's role is at least another."""
    return ORDER.index(MemberRole(member.role)) >= ORDER.index(MemberRole(least))


@method_decorator(never_cache, name="dispatch")
class HolderView(View):
    """A page for the members of one holder; for everybody else there is no such page.

    `reads` and `writes` are the least roles that may open it and send its forms.
    """

    http_method_names = ["get", "head", "post"]
    template_name = ""
    reads: str = MemberRole.READ_ONLY
    writes: str = MemberRole.COORDINATOR
    member: Member

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let a member in whose role suffices."""
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        self.member = get_object_or_404(memberships_of(request.user), holder=kwargs.pop("holder_id"))
        if not may(self.member, self.writes if request.method == "POST" else self.reads):
            raise PermissionDenied("Your role does not allow this. Ask an owner of your organization.")
        return super().dispatch(request, *args, **kwargs)

    @property
    def holder(self) -> Holder:
        """The holder whose page it is."""
        return self.member.holder

    @property
    def user(self) -> User:
        """Who asks."""
        return self.member.user

    def show(self, template_name: str = "", status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        """Return the page, with the portal's navigation around it."""
        shell = {"holder": self.holder, "member": self.member, "may_write": may(self.member, self.writes)}
        shell["sections"] = self._sections()
        return render(self.request, template_name or self.template_name, shell | context, status=status)

    def to(self, view: str, **parameters: Any) -> HttpResponse:
        """Lead to another page of the same holder."""
        return HttpResponseRedirect(reverse(view, kwargs={"holder_id": self.holder.pk, **parameters}))

    def _sections(self) -> list[dict[str, Any]]:
        here = self.request.path
        found = []
        for section in portal.sections():
            address = reverse(section.view, kwargs={"holder_id": self.holder.pk})
            is_here = here == address or (section.position > 0 and here.startswith(address))
            found.append({"title": section.title, "address": address, "is_here": is_here})
        return found


def of_holder(holder_id: UUID, view: str) -> str:
    """Return the address of a page of a holder."""
    return reverse(view, kwargs={"holder_id": holder_id})
