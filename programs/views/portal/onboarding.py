"""The onboarding of a holder: four steps, each stored as it is sent, in any order and on any day."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse

from programs.forms.onboarding import CurriculumForm, FirstProgramForm, OrganizationForm
from programs.models import Holder, HolderStatus
from programs.portal import Stage, stage
from programs.services import onboarding
from programs.views.portal.base import HolderView
from programs.views.portal.refusals import show_refusal

STEPS = ("Organization", "Program", "Curriculum", "Review")


class Onboarding(HolderView):
    """One of the four steps."""

    template_name = "programs/portal/onboarding.html"

    def get(self, request: HttpRequest, step: int) -> HttpResponse:
        """Show the step as it was stored."""
        return self._page(step, self._form(step))

    def post(self, request: HttpRequest, step: int) -> HttpResponse:
        """Store the step and go on to the next, or stay and come back later."""
        form = self._form(step, request.POST, request.FILES)
        if form is not None and not form.is_valid():
            return self._page(step, form)
        try:
            self._store(step, form)
        except ValidationError as refusal:
            if form is None:
                for text in refusal.messages:
                    messages.error(request, text)
                return self.to("portal:onboarding", step=step)
            show_refusal(form, refusal)
            return self._page(step, form)
        return self._onward(step)

    def _onward(self, step: int) -> HttpResponse:
        if step == onboarding.REVIEW:
            messages.success(self.request, "Onboarding is complete. We review your program and your proofs.")
            return self.to("portal:dashboard")
        messages.success(self.request, "Saved.")
        if self.request.POST.get("action") == "later":
            return self.to("portal:dashboard")
        return self.to("portal:onboarding", step=step + 1)

    def _form(self, step: int, *sent: Any) -> Any:
        if not 1 <= step <= len(STEPS):
            raise Http404
        program = onboarding.program_of(self.holder)
        if step == onboarding.ORGANIZATION:
            return OrganizationForm(*sent, instance=self.holder)
        if step == onboarding.PROGRAM:
            return FirstProgramForm(*sent, instance=program, holder=self.holder)
        if step == onboarding.CURRICULUM:
            known = {"instructions": program.instructions if program else ""}
            return CurriculumForm(*sent, initial=known)  # type: ignore[misc]  # data and files come first
        return None

    def _store(self, step: int, form: Any) -> None:
        if step == onboarding.ORGANIZATION:
            onboarding.save_organization(self.holder, said=form.cleaned_data, by=self.user)
        elif step == onboarding.PROGRAM:
            onboarding.save_program(self.holder, said=form.said(), by=self.user)
        elif step == onboarding.CURRICULUM:
            said = form.cleaned_data
            onboarding.save_curriculum(self.holder, file=said["file"], instructions=said["instructions"], by=self.user)
        else:
            onboarding.finish_onboarding(self.holder, by=self.user)

    def _page(self, step: int, form: BaseForm | None) -> HttpResponse:
        program = onboarding.program_of(self.holder)
        return self.show(
            step=step,
            title=STEPS[step - 1],
            steps=[(number, title, number <= self.holder.onboarding_step) for number, title in enumerate(STEPS, 1)],
            form=form,
            program=program,
            is_open=self.holder.status == HolderStatus.ONBOARDING,
            open_points=onboarding.open_points(self.holder, program) if form is None else [],
        )


@stage(15)
def onboarding_stage(holder: Holder) -> Stage:
    """Tell how far the holder has come in its onboarding."""
    if holder.onboarded_at or holder.status != HolderStatus.ONBOARDING:
        return Stage("Onboarding", "done", "We know your organization and your first program.")
    line = f"Tell us about your organization and your first program: step {holder.onboarding_step} of {len(STEPS)}."
    return Stage("Onboarding", "due", line, "Go on with onboarding", "portal:onboarding_now")


class OnboardingNow(HolderView):
    """Lead to the step where the holder left off."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead there."""
        return self.to("portal:onboarding", step=self.holder.onboarding_step)
