"""The papers that a student is asked for: upload, and see what became of them."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from autopilot.documents import downloads
from programs.views.portal.refusals import show_refusal
from students.forms.papers import PaperForm
from students.me import Records, Todo, add_section, todo
from students.models import Student, StudentPaper
from students.services.papers import Asked, asked_of, submit_paper
from students.views.me.base import MeView

add_section("Documents", "me:papers", 20)


class Papers(MeView):
    """Everything that is asked for, and what was uploaded."""

    http_method_names = ["get", "head"]
    template_name = "students/me/papers.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return self.show(asked=[each for _, each in _all_asked(self.records)])


class OnePaper(MeView):
    """One paper: what is asked for, what stands for it, and the upload."""

    template_name = "students/me/paper.html"

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show it."""
        _, asked = self._found(slug)
        return self.show(asked=asked, form=PaperForm())

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Take the file in, for every record that it is asked of."""
        student, asked = self._found(slug)
        form = PaperForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                submit_paper(student, asked.paper, file=form.cleaned_data["file"], by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal) if hasattr(refusal, "error_dict") else form.add_error("file", refusal)
            else:
                messages.success(request, "We have your file. Somebody looks at it, and you hear from us.")
                return self.to("me:papers")
        return self.show(asked=asked, form=form)

    def _found(self, slug: str) -> tuple[Student, Asked]:
        found = next(((who, each) for who, each in _all_asked(self.records) if each.paper.pk == slug), None)
        if found is None:
            raise Http404
        return found


class PaperFile(MeView):
    """A file that the student uploaded."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, paper_id: UUID) -> HttpResponse:
        """Hand it out; another's is not there."""
        mine = StudentPaper.objects.select_related("document", "asked").filter(student__in=self.records)
        paper = get_object_or_404(mine, pk=paper_id)
        return downloads.as_file(paper.document, by=self.user, name=paper.asked.title)


@todo(20)
def to_upload(records: Records) -> list[Todo]:
    """Tell which papers are missing or were rejected."""
    return [
        Todo(f"We need a document from you: {each.paper.title}.", "Upload", reverse("me:paper", args=[each.paper.pk]))
        for _, each in _all_asked(records)
        if each.is_open
    ]


def _all_asked(records: Records) -> list[tuple[Student, Asked]]:
    return [(student, each) for student in records.order_by("created_at") for each in asked_of(student)]
