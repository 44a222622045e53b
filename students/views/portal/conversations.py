"""What a holder and a student write to each other."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from programs.views.portal.base import HolderView
from programs.views.portal.refusals import show_refusal
from students.access import enrollments_in
from students.forms.conversations import MessageForm
from students.models import Enrollment
from students.services.conversations import mark_read, send_message

MOST = 100


class Conversation(HolderView):
    """One conversation, with an answer."""

    template_name = "students/portal/conversation.html"

    def get(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Show what was written, the newest last."""
        return self._page(self._found(enrollment_id), MessageForm())

    def post(self, request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
        """Send a message to the student, or note that what was written is read."""
        enrollment, form = self._found(enrollment_id), MessageForm(request.POST)
        if "read" in request.POST:
            mark_read(enrollment, as_student=False)
            return self.to("portal:conversation", enrollment_id=enrollment.pk)
        if form.is_valid():
            try:
                send_message(enrollment, text=form.cleaned_data["text"], by=self.user, by_student=False)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                mark_read(enrollment, as_student=False)
                messages.success(request, "Sent.")
                return self.to("portal:conversation", enrollment_id=enrollment.pk)
        return self._page(enrollment, form)

    def _found(self, enrollment_id: UUID) -> Enrollment:
        return get_object_or_404(enrollments_in(self.holder), pk=enrollment_id)

    def _page(self, enrollment: Enrollment, form: MessageForm) -> HttpResponse:
        written = list(enrollment.conversation.order_by("-sent_at", "-id")[:MOST])[::-1]
        is_new = any(each.read_at is None and each.by_student for each in written)
        return self.show(enrollment=enrollment, written=written, is_new=is_new, form=form)
