"""The people of a holder: who they are, inviting others, their roles."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from programs.forms import InviteForm
from programs.models import MemberRole
from programs.portal import add_section
from programs.services.members import change_role, invite, remove_member, revoke_invitation
from programs.views.portal.base import HolderView, may

add_section("Members", "portal:members", 90)
MOST = 200


class Members(HolderView):
    """The list of members and open invitations; owners invite."""

    template_name = "programs/portal/members.html"
    writes = MemberRole.OWNER

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show everybody."""
        return self._page(InviteForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Invite somebody."""
        form = InviteForm(request.POST)
        if form.is_valid():
            try:
                invite(self.holder, email=form.cleaned_data["email"], role=form.cleaned_data["role"], by=self.user)
            except ValidationError as refusal:
                form.add_error("email", refusal)
            else:
                messages.success(request, "The invitation is on its way. Its link is open for 14 days.")
                return self.to("portal:members")
        return self._page(form)

    def _page(self, form: InviteForm) -> HttpResponse:
        members = self.holder.members.select_related("user").filter(left_at=None)[:MOST]
        invitations = self.holder.invitations.filter(accepted_at=None, revoked_at=None)[:MOST]
        return self.show(
            members=members, invitations=invitations, form=form, roles=MemberRole.choices,
            may_manage=may(self.member, MemberRole.OWNER),
        )  # fmt: skip


class ChangeMember(HolderView):
    """Change the role of a member, or end the membership."""

    http_method_names = ["post"]
    writes = MemberRole.OWNER

    def post(self, request: HttpRequest, member_id: UUID) -> HttpResponse:
        """Do what the button says."""
        member = get_object_or_404(self.holder.members.filter(left_at=None), pk=member_id)
        try:
            if request.POST.get("action") == "remove":
                remove_member(member, by=self.user)
            else:
                change_role(member, role=request.POST.get("role", ""), by=self.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, "Saved.")
        return self.to("portal:members")


class WithdrawInvitation(HolderView):
    """Withdraw an invitation."""

    http_method_names = ["post"]
    writes = MemberRole.OWNER

    def post(self, request: HttpRequest, invitation_id: UUID) -> HttpResponse:
        """Withdraw it; its link opens nothing any more."""
        revoke_invitation(get_object_or_404(self.holder.invitations, pk=invitation_id), by=self.user)
        messages.success(request, "The invitation is withdrawn.")
        return self.to("portal:members")
