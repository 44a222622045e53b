"""The cohorts of a holder: planned, one of them with its calendar, and its form."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from autopilot import clock
from programs.calendars import WEEKDAYS
from programs.forms import CohortForm
from programs.models import Cohort, CohortStatus
from programs.services import cohorts
from programs.views.portal.base import HolderView
from programs.views.portal.months import last_of, month_of, sheet
from programs.views.portal.programs import ProgramView
from programs.views.portal.refusals import show_refusal

Deed = Callable[[Cohort, User, str], None]
DEEDS: dict[str, tuple[Deed, str]] = {
    "open": (lambda cohort, by, reason: cohorts.open_cohort(cohort, by=by), "Students may enroll now."),
    "close": (
        lambda cohort, by, reason: cohorts.move_cohort(cohort, CohortStatus.PLANNED, by=by),
        "It is closed for enrollment.",
    ),
    "start": (lambda cohort, by, reason: cohorts.move_cohort(cohort, CohortStatus.RUNNING, by=by), "It is running."),
    "complete": (
        lambda cohort, by, reason: cohorts.move_cohort(cohort, CohortStatus.COMPLETED, by=by),
        "The cohort is completed.",
    ),
    "cancel": (
        lambda cohort, by, reason: cohorts.cancel_cohort(cohort, by=by, reason=reason),
        "The cohort is cancelled.",
    ),
}


class NewCohort(ProgramView):
    """Plan a cohort of a program."""

    template_name = "programs/portal/cohort_form.html"

    def get(self, request: HttpRequest, program_id: UUID) -> HttpResponse:
        """Show the form."""
        program = self.found(program_id)
        form = CohortForm(holder=self.holder, initial={"capacity": program.capacity})
        return self.show(program=program, form=form)

    def post(self, request: HttpRequest, program_id: UUID) -> HttpResponse:
        """Store it, and go on with when it meets."""
        program = self.found(program_id)
        form = CohortForm(request.POST, holder=self.holder)
        if form.is_valid():
            try:
                cohort = cohorts.plan_cohort(program, said=form.cleaned_data, by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Planned. Say when it meets.")
                return self.to("portal:cohort_rules", cohort_id=cohort.pk)
        return self.show(program=program, form=form)


class CohortView(HolderView):
    """A page about one cohort of the holder."""

    def found(self, cohort_id: UUID) -> Cohort:
        """Return it; a cohort of another holder is not there."""
        rows = Cohort.objects.select_related("program__holder", "site").filter(program__holder=self.holder)
        return get_object_or_404(rows, pk=cohort_id)


class OneCohort(CohortView):
    """All about a cohort, with the calendar of its sessions, month by month."""

    template_name = "programs/portal/cohort.html"

    def get(self, request: HttpRequest, cohort_id: UUID) -> HttpResponse:
        """Show the month that is asked for, else this month, or the cohort's first where that is not now."""
        cohort = self.found(cohort_id)
        today = clock.today()
        now = today if cohort.starts_on <= today <= cohort.ends_on else cohort.starts_on
        first = month_of(request.GET.get("month", ""), now)
        sessions = cohort.sessions.filter(date__gte=first, date__lte=last_of(first)).order_by("date", "starts_at")
        return self.show(
            cohort=cohort,
            program=cohort.program,
            month=sheet(first, sessions),
            today=today,
            weekdays=[*WEEKDAYS[-1:], *WEEKDAYS[:-1]],
            rules=cohort.rules.all(),
            meetings=cohort.sessions.filter(cancelled_at=None).count(),
            is_over=cohort.status in cohorts.OVER,
        )

    def post(self, request: HttpRequest, cohort_id: UUID) -> HttpResponse:
        """Do what the button says."""
        cohort = self.found(cohort_id)
        deed, done = DEEDS.get(request.POST.get("action", ""), (None, ""))
        if deed is None:
            messages.error(request, "Choose one of the buttons.")
            return self.to("portal:cohort", cohort_id=cohort.pk)
        try:
            deed(cohort, self.user, request.POST.get("reason", "")[:500])
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, done)
        return self.to("portal:cohort", cohort_id=cohort.pk)


class EditCohort(CohortView):
    """Change a cohort."""

    template_name = "programs/portal/cohort_form.html"

    def get(self, request: HttpRequest, cohort_id: UUID) -> HttpResponse:
        """Show the form as it was stored."""
        cohort = self.found(cohort_id)
        form = CohortForm(instance=cohort, holder=self.holder)
        return self.show(cohort=cohort, program=cohort.program, form=form)

    def post(self, request: HttpRequest, cohort_id: UUID) -> HttpResponse:
        """Store it."""
        cohort = self.found(cohort_id)
        form = CohortForm(request.POST, instance=cohort, holder=self.holder)
        if form.is_valid():
            try:
                cohorts.edit_cohort(cohort, said=form.cleaned_data, by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved; its sessions follow its dates.")
                return self.to("portal:cohort", cohort_id=cohort.pk)
        return self.show(cohort=cohort, program=cohort.program, form=form)
