"""What a holder must prove: the checklist, one line of it with its files, and the files themselves."""

from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse

from autopilot.documents.downloads import as_file
from programs.compliance import Action, score_of
from programs.forms.requirements import ProofForm
from programs.models import Holder, HolderStatus, Requirement, RequirementStatus, RequirementType
from programs.portal import Stage, add_section, stage
from programs.services.requirements import MOU, asked, lacking, submit_proof
from programs.views.portal.base import HolderView
from programs.views.portal.refusals import show_refusal

add_section("Requirements", "portal:requirements", 20)
OPEN = (RequirementStatus.MISSING, RequirementStatus.REJECTED, RequirementStatus.EXPIRED)
GROUPS = dict(RequirementType.Group.choices)


class Requirements(HolderView):
    """The checklist by group, with how much of it is done."""

    http_method_names = ["get", "head"]
    template_name = "programs/portal/requirements.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        rows = asked(self.holder)
        groups = [(GROUPS[name], list(of)) for name, of in groupby(rows, key=lambda row: row.type.group)]
        needed = [row for row in rows if row.type.required]
        return self.show(
            groups=groups,
            needed=len(needed),
            accepted=sum(row.status == RequirementStatus.ACCEPTED for row in needed),
            score=score_of(self.holder),
        )


class OneRequirement(HolderView):
    """One line of the checklist: what is asked, where it stands, its files of today and before, and the upload."""

    template_name = "programs/portal/requirement.html"

    def get(self, request: HttpRequest, requirement_id: UUID) -> HttpResponse:
        """Show it."""
        requirement = self._found(requirement_id)
        return self._page(requirement, ProofForm(requirement=requirement))

    def post(self, request: HttpRequest, requirement_id: UUID) -> HttpResponse:
        """Take the files in."""
        requirement = self._found(requirement_id)
        form = ProofForm(request.POST, request.FILES, requirement=requirement)
        if form.is_valid():
            try:
                submit_proof(
                    requirement,
                    files=form.cleaned_data["files"],
                    by=self.user,
                    expires_on=form.cleaned_data.get("expires_on"),
                )
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "We have your files. A reviewer looks at them.")
                return self.to("portal:requirement", requirement_id=requirement.pk)
        return self._page(self._found(requirement_id), form)

    def _found(self, requirement_id: UUID) -> Requirement:
        rows = self.holder.requirements.select_related("type", "program", "holder")
        return get_object_or_404(rows, pk=requirement_id)

    def _page(self, requirement: Requirement, form: ProofForm) -> HttpResponse:
        files = requirement.uploads.select_related("document", "uploaded_by")
        return self.show(
            requirement=requirement,
            form=form,
            is_mou=requirement.type.slug == MOU,
            standing=files.filter(replaced_at=None).order_by("uploaded_at", "pk"),
            replaced=files.exclude(replaced_at=None).order_by("-uploaded_at", "pk"),
        )


class RequirementFile(HolderView):
    """A file of the holder's own, to keep."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, requirement_id: UUID, upload_id: UUID) -> HttpResponse:
        """Hand it out; a file of another holder is not there."""
        row = get_object_or_404(self.holder.requirements.select_related("type"), pk=requirement_id)
        upload = get_object_or_404(row.uploads.select_related("document"), pk=upload_id)
        return as_file(upload.document, by=self.user, name=row.type.title)


class Compliance(HolderView):
    """The compliance score, line by line, and what raises it."""

    http_method_names = ["get", "head"]
    template_name = "programs/portal/compliance.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        score = score_of(self.holder)
        return self.show(score=score, actions=[(action.text, self._address(action)) for action in score.actions])

    def _address(self, action: Action) -> str:
        try:
            return reverse(action.view, args=[self.holder.pk, *action.arguments]) if action.view else ""
        except NoReverseMatch:  # the floor above has no such page
            return ""


@stage(20)
def requirements_stage(holder: Holder) -> Stage:
    """Tell what of the checklist is open."""
    missing = lacking(holder)
    yours = [row for row in missing if row.status in OPEN and row.type.slug != MOU]
    if yours:
        some = ", ".join(row.type.title for row in yours[:3]) + (f" and {len(yours) - 3} more" if yours[3:] else "")
        line = f"We need a proof from you: {some}."
        return Stage("Requirements", "due", line, "Open the checklist", "portal:requirements")
    if any(row.type.slug != MOU for row in missing):
        return Stage("Requirements", "waiting", "We are reviewing what you have uploaded.")
    return Stage("Requirements", "done", "We have accepted every proof that we need.")


@stage(45)
def activation_stage(holder: Holder) -> Stage:
    """Tell whether the holder is active, which a person of staff decides."""
    if holder.status == HolderStatus.ACTIVE:
        return Stage("Membership", "done", "Your organization is active in the network.")
    if holder.status != HolderStatus.ONBOARDING:
        return Stage("Membership", "pending", f"Your organization is {holder.get_status_display().lower()}.")
    if lacking(holder):
        return Stage("Membership", "pending", "We make you active when everything that is required is accepted.")
    return Stage("Membership", "waiting", "Everything that is required is accepted. Our staff make you active.")
