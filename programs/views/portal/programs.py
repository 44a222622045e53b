"""The programs of a holder: the list, one of them, and its form."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from autopilot.documents import archive
from autopilot.uploads import receive
from programs.forms import ProgramForm
from programs.models import Holder, Program, ProgramStatus
from programs.portal import Stage, add_section, stage
from programs.services import programs
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of
from programs.views.portal.refusals import show_refusal

add_section("Programs", "portal:programs", 40)
KINDS = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}
OPEN = Q(cohorts__status__in=["planned", "open", "running"])

Deed = Callable[[Program, User], None]
DEEDS: dict[str, tuple[Deed, str]] = {
    "submit": (lambda program, by: programs.submit_program(program, by=by), "The reviewers have it now."),
    "withdraw": (lambda program, by: programs.withdraw_program(program, by=by), "It is a draft again."),
    "reopen": (
        lambda program, by: programs.reopen_program(program, by=by),
        "It is a draft again, and out of the catalog until it is approved anew.",
    ),
    "retire": (lambda program, by: programs.retire_program(program, by=by), "The program is retired."),
}


class Programs(HolderView):
    """Everything a holder offers."""

    http_method_names = ["get", "head"]
    template_name = "programs/portal/programs.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of it."""
        rows = self.holder.programs.annotate(open_cohorts=Count("cohorts", filter=OPEN)).order_by("title", "id")
        return self.show(page=page_of(rows, request))


class NewProgram(HolderView):
    """Begin a program."""

    template_name = "programs/portal/program_form.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self.show(form=ProgramForm(holder=self.holder))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store a draft."""
        form = ProgramForm(request.POST, holder=self.holder)
        if form.is_valid():
            try:
                program = programs.create_program(self.holder, said=form.said(), by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Stored as a draft. Send it for review when it is complete.")
                return self.to("portal:program", program_id=program.pk)
        return self.show(form=form)


class ProgramView(HolderView):
    """A page about one program of the holder."""

    def found(self, program_id: UUID) -> Program:
        """Return it; a program of another holder is not there."""
        return get_object_or_404(self.holder.programs.select_related("syllabus"), pk=program_id)


class OneProgram(ProgramView):
    """All about a program: where it stands, its facts and its cohorts; what can be done with it."""

    template_name = "programs/portal/program.html"

    def get(self, request: HttpRequest, program_id: UUID) -> HttpResponse:
        """Show it."""
        program = self.found(program_id)
        return self.show(
            program=program,
            missing=list(programs.missing(program)) if program.status == ProgramStatus.DRAFT else [],
            occupations=program.occupations.all(),
            sites=program.sites.all(),
            listings=program.listings.order_by("-created_at")[:5],
            page=page_of(program.cohorts.order_by("-starts_on", "name"), request),
        )

    def post(self, request: HttpRequest, program_id: UUID) -> HttpResponse:
        """Do what the button says."""
        program = self.found(program_id)
        deed, done = DEEDS.get(request.POST.get("action", ""), (None, ""))
        if deed is None:
            messages.error(request, "Choose one of the buttons.")
            return self.to("portal:program", program_id=program.pk)
        try:
            deed(program, self.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, done)
        return self.to("portal:program", program_id=program.pk)


class EditProgram(ProgramView):
    """Change a program."""

    template_name = "programs/portal/program_form.html"

    def get(self, request: HttpRequest, program_id: UUID) -> HttpResponse:
        """Show the form as it was stored."""
        program = self.found(program_id)
        return self.show(program=program, form=ProgramForm(instance=program, holder=self.holder))

    def post(self, request: HttpRequest, program_id: UUID) -> HttpResponse:
        """Store it."""
        program = self.found(program_id)
        form = ProgramForm(request.POST, instance=program, holder=self.holder)
        if form.is_valid():
            try:
                programs.edit_program(program, said=form.said(), by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved.")
                return self.to("portal:program", program_id=program.pk)
        return self.show(program=program, form=form)


class Syllabus(ProgramView):
    """The syllabus of a program: download it, or give another one."""

    def get(self, request: HttpRequest, program_id: UUID) -> HttpResponse:
        """Return the file, to be kept and not shown."""
        syllabus = self.found(program_id).syllabus
        if syllabus is None:
            raise Http404
        return HttpResponse(
            archive.read(syllabus),
            content_type=syllabus.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="syllabus{KINDS.get(syllabus.media_type, "")}"',
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def post(self, request: HttpRequest, program_id: UUID) -> HttpResponse:
        """Check the file and archive it."""
        program = self.found(program_id)
        try:
            self._attach(program)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, "The syllabus is stored.")
        return self.to("portal:program", program_id=program.pk)

    def _attach(self, program: Program) -> None:
        file = self.request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            raise ValidationError("Choose a file first.", code="no_file")
        programs.require_editable(program, {"syllabus"})
        document = receive(file, title=f"Syllabus of {program.title}", tenant_id=self.holder.pk)
        programs.attach_syllabus(program, document, by=self.user)


@stage(40)
def programs_stage(holder: Holder) -> Stage:
    """Tell whether the holder has a program that students may take."""
    found = dict(holder.programs.values_list("status").annotate(Count("pk")).order_by())
    if found.get(ProgramStatus.APPROVED):
        return Stage("Programs", "done", f"Approved programs: {found[ProgramStatus.APPROVED]}.")
    if found.get(ProgramStatus.IN_REVIEW):
        return Stage("Programs", "waiting", "We are reviewing your program.")
    line = "Complete a program and send it for review, so that students can take it."
    return Stage("Programs", "due", line, "Set up a program", "portal:programs")
