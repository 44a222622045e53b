"""The milestones of programs as staff edit them: added from a day on, and ended; nothing changes for who began before."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from autopilot import clock
from autopilot.admin.archive_deeds import told
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.admin.deeds import Deed, ReasonForm, offer
from programs.models import Program, ProgramStatus
from programs.views.portal.refusals import show_refusal
from students.access import milestones_of
from students.models import Milestone
from students.services import milestones

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ProgramField(forms.ModelChoiceField):  # type: ignore[type-arg]  # which takes none when it runs
    """A program, named with its holder."""

    def label_from_instance(self, obj: Any) -> str:
        """Return its title and whose it is."""
        return f"{obj.title}, {obj.holder}"


class MilestoneForm(forms.Form):
    """A new milestone of a program."""

    program = ProgramField(Program.objects.exclude(status=ProgramStatus.RETIRED).select_related("holder"))
    title = forms.CharField(max_length=120)
    description = forms.CharField(
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What counts as having done it.",
    )
    effective_from = forms.DateField(
        label="Holds from",
        initial=clock.today,
        widget=DAY,
        help_text="It is asked of students whose training begins on this day or later.",
    )
    position = forms.IntegerField(
        label="Place in the list", min_value=1, max_value=999, initial=1, widget=forms.NumberInput({"class": "short"})
    )
    required = forms.BooleanField(
        label="Required for the certificate", required=False, initial=True, help_text="No certificate without it."
    )


class EndForm(ReasonForm):
    """The last day of a milestone."""

    on = forms.DateField(
        label="Last day",
        initial=clock.today,
        widget=DAY,
        help_text="It is still asked of whoever begins on this day.",
    )
    field_order = ["on", "reason"]


END = Deed(
    "End",
    "Ended",
    "It is asked of nobody who begins after its last day. Whoever began before owes it on.",
    told(milestones.end_milestone, "Nobody who begins later is asked for it."),
    form=EndForm,
    danger=True,
)


@admin.register(Milestone)
class MilestoneAdmin(PageAdmin[Milestone]):
    """The list of milestones, one of them, and a page to add another."""

    list_display = ["title", "program", "holder", "counts", "position", "effective_from", "effective_to"]
    list_select_related = ["program__holder"]
    list_filter = ["required", "effective_from"]
    search_fields = ["title", "program__title", "program__holder__legal_name"]
    search_help_text = "A part of its title, of the program’s or of the holder’s name"
    page_template = "students/admin/milestone.html"
    actions = ["end_milestones"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Milestone]:
        """Return the milestones this person may read."""
        return milestones_of(staff(request))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Return whether this person may add milestones."""
        return request.user.has_perm(milestones.CONTROL)

    def has_control_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may end milestones."""
        return request.user.has_perm(milestones.CONTROL)

    @admin.display(description="Holder")
    def holder(self, milestone: Milestone) -> str:
        """Show whose program it is."""
        return str(milestone.program.holder)

    @admin.display(description="Counts", ordering="required")
    def counts(self, milestone: Milestone) -> str:
        """Show whether a certificate waits for it."""
        return badge("approved", "Required") if milestone.required else badge("pending", "Voluntary")

    @admin.action(description="End…", permissions=["control"])
    def end_milestones(self, request: HttpRequest, rows: QuerySet[Milestone]) -> HttpResponse | None:
        """Ask for the last day and why, and end the chosen ones."""
        return offer(self, request, rows, END)

    def page_context(self, request: HttpRequest, row: Milestone) -> dict[str, Any]:
        """Show how often it was done, and the way to end it."""
        done = row.completions.aggregate(done=Count("pk", filter=Q(withdrawn_at=None)))["done"]
        may_end = row.effective_to is None and self.has_control_permission(request)
        return {"done": done, "counts": self.counts(row), "deeds": [("end_milestones", "End…")] if may_end else []}

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a new milestone, and add it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = MilestoneForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and (made := _added(form, request)):
            self.message_user(request, f"Added: {made}.", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:students_milestone_change", args=[made.pk]))
        context = {**self.admin_site.each_context(request), "title": "Add a milestone", "opts": self.opts, "form": form}
        context["back"] = reverse("admin:students_milestone_changelist")
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return TemplateResponse(request, "students/admin/milestone_add.html", context, status=status)


def _added(form: MilestoneForm, request: HttpRequest) -> Milestone | None:
    said = dict(form.cleaned_data)
    try:
        return milestones.add_milestone(said.pop("program"), by=staff(request), **said)
    except ValidationError as refusal:
        show_refusal(form, refusal)
        return None
