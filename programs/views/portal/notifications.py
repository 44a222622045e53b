"""What a member is told by mail, and what has happened lately."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from autopilot.models import OutboxMessage
from programs.models import MemberRole
from programs.portal import add_section
from programs.services.people import TOLD, choose_notices, notices, wants
from programs.views.portal.base import HolderView

add_section("Notifications", "portal:notifications", 95)
LATEST = 50


@dataclass(frozen=True)
class Choice:
    """A topic, and whether its mails are wanted."""

    topic: str
    title: str
    is_wanted: bool


@dataclass(frozen=True)
class Happening:
    """Something that happened to a holder."""

    title: str
    at: datetime


class Notifications(HolderView):
    """The latest events of a holder, and a member's own choice of mails; everybody chooses for themselves."""

    template_name = "programs/portal/notifications.html"
    writes = MemberRole.READ_ONLY

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show both."""
        titles = notices()
        sent = OutboxMessage.objects.filter(tenant_id=self.holder.pk, topic__in=titles).order_by("-created_at", "-id")
        latest = [Happening(titles[topic], at) for topic, at in sent.values_list("topic", "created_at")[:LATEST]]
        choices = [Choice(topic, title, wants(self.member, topic)) for topic, title in titles.items()]
        return self.show(choices=choices, latest=latest, is_told=self.member.role in TOLD)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the choice; what is no topic counts for nothing."""
        choose_notices(self.member, wanted=request.POST.getlist("wanted"), by=self.user)
        messages.success(request, "Saved.")
        return self.to("portal:notifications")
