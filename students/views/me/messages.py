"""Messages between a student and their schools, one conversation for each enrollment."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from programs.views.portal.refusals import show_refusal
from students.forms.conversations import MessageForm
from students.me import Records, Todo, add_section, todo
from students.services.conversations import mark_read, send_message, unread_for
from students.views.me.base import MeView

add_section("Messages", "me:messages", 30)
MOST = 100


class Conversations(MeView):
    """All of them, each with what is new."""

    http_method_names = ["get", "head"]
    template_name = "students/me/conversations.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        new = Count("conversation", filter=Q(conversation__by_student=False, conversation__read_at=None))
        rows = self.enrollments.annotate(new=new, last=Max("conversation__sent_at"))
        return self.show(enrollments=rows[:MOST])


class Conversation(MeView):
    """One of them, with an answer."""

    template_name = "students/me/conversation.html"

    def get(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Show what was written, the newest last."""
        return self._page(enrollment_id, MessageForm())

    def post(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Send a message to the school, and note that what it wrote was read."""
        enrollment, form = self.enrollment(enrollment_id), MessageForm(request.POST)
        if "read" in request.POST:
            mark_read(enrollment, as_student=True)
            return self.to("me:conversation", enrollment.pk)
        if form.is_valid():
            try:
                send_message(enrollment, text=form.cleaned_data["text"], by=self.user, by_student=True)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                mark_read(enrollment, as_student=True)
                messages.success(request, "Sent.")
                return self.to("me:conversation", enrollment.pk)
        return self._page(enrollment_id, form)

    def _page(self, enrollment_id: UUID, form: MessageForm) -> HttpResponse:
        enrollment = self.enrollment(enrollment_id)
        written = list(enrollment.conversation.order_by("-sent_at", "-id")[:MOST])[::-1]
        is_new = any(each.read_at is None and not each.by_student for each in written)
        return self.show(enrollment=enrollment, written=written, is_new=is_new, form=form)


@todo(30)
def to_read(records: Records) -> list[Todo]:
    """Tell whether there are messages that were not read."""
    count = unread_for(records)
    if not count:
        return []
    line = f"You have {count} new message{'' if count == 1 else 's'} from your school."
    return [Todo(line, "Read", reverse("me:messages"))]
