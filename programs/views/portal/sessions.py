"""When cohorts meet: weekly, one by one, and not on the holder's holidays."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from autopilot import clock
from programs.forms import ClosureForm, RulesForm, SessionForm, YearForm
from programs.models import Session
from programs.services import sessions
from programs.views.portal.base import HolderView
from programs.views.portal.cohorts import CohortView
from programs.views.portal.lists import page_of
from programs.views.portal.refusals import show_refusal


class Rules(CohortView):
    """On which days of the week a cohort meets."""

    template_name = "programs/portal/cohort_rules.html"

    def get(self, request: HttpRequest, cohort_id: UUID) -> HttpResponse:
        """Show the week."""
        cohort = self.found(cohort_id)
        return self.show(cohort=cohort, form=RulesForm(rules=list(cohort.rules.all())))

    def post(self, request: HttpRequest, cohort_id: UUID) -> HttpResponse:
        """Store it, and make the sessions."""
        cohort = self.found(cohort_id)
        form = RulesForm(request.POST, rules=[])
        if form.is_valid():
            try:
                made = sessions.set_rules(cohort, slots=form.slots(), by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"Saved: {made.made} sessions made, {made.removed} removed.")
                return self.to("portal:cohort", cohort_id=cohort.pk)
        return self.show(cohort=cohort, form=form)


class NewSession(CohortView):
    """Add one meeting."""

    template_name = "programs/portal/session_form.html"

    def get(self, request: HttpRequest, cohort_id: UUID) -> HttpResponse:
        """Show the form."""
        return self.show(cohort=self.found(cohort_id), form=SessionForm())

    def post(self, request: HttpRequest, cohort_id: UUID) -> HttpResponse:
        """Store it."""
        cohort = self.found(cohort_id)
        form = SessionForm(request.POST)
        if form.is_valid():
            try:
                sessions.add_session(cohort, **form.said(), by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The session is added.")
                return self.to("portal:cohort", cohort_id=cohort.pk)
        return self.show(cohort=cohort, form=form)


class OneSession(HolderView):
    """One meeting: hold it at another time, or not at all."""

    template_name = "programs/portal/session_form.html"

    def get(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """Show it, and whether it may be changed."""
        session = self._found(session_id)
        return self._page(session, SessionForm(instance=session))

    def post(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """Do what the button says."""
        session = self._found(session_id)
        form = SessionForm(request.POST, instance=session)
        if request.POST.get("action") == "cancel":
            return self._cancelled(session)
        if form.is_valid():
            try:
                sessions.move_session(session, **form.said(), by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved.")
                return self.to("portal:cohort", cohort_id=session.cohort_id)
        return self._page(self._found(session_id), form)

    def _cancelled(self, session: Session) -> HttpResponse:
        try:
            sessions.cancel_session(session, by=self.user)
        except ValidationError as refusal:
            messages.error(self.request, " ".join(refusal.messages))
        else:
            messages.success(self.request, "The session is cancelled.")
        return self.to("portal:cohort", cohort_id=session.cohort_id)

    def _page(self, session: Session, form: SessionForm) -> HttpResponse:
        is_held = bool(sessions.held_among([session.pk]))
        return self.show(session=session, cohort=session.cohort, form=form, is_held=is_held)

    def _found(self, session_id: UUID) -> Session:
        rows = Session.objects.select_related("cohort__program").filter(cohort__program__holder=self.holder)
        return get_object_or_404(rows, pk=session_id)


class Closures(HolderView):
    """The days on which the holder does not teach."""

    template_name = "programs/portal/closures.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show those to come, and the forms."""
        return self._page(ClosureForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Note a day, or the federal holidays of a year."""
        if request.POST.get("action") == "holidays":
            return self._holidays()
        form = ClosureForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            try:
                sessions.close_day(self.holder, day=said["date"], name=said["name"], by=self.user)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Noted; no session is held on that day.")
                return self.to("portal:closures")
        return self._page(form)

    def _holidays(self) -> HttpResponse:
        form = YearForm(self.request.POST, today=clock.today())
        if not form.is_valid():
            messages.error(self.request, "Choose one of the years.")
            return self.to("portal:closures")
        try:
            noted = sessions.close_holidays(self.holder, year=form.cleaned_data["year"], by=self.user)
        except ValidationError as refusal:
            messages.error(self.request, " ".join(refusal.messages))
        else:
            messages.success(self.request, f"Holidays noted: {noted}.")
        return self.to("portal:closures")

    def _page(self, form: ClosureForm) -> HttpResponse:
        coming = self.holder.closures.filter(date__gte=clock.today()).order_by("date")
        return self.show(page=page_of(coming, self.request), form=form, years=YearForm(today=clock.today()))


class ReopenDay(HolderView):
    """Teach on a day after all."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, closure_id: UUID) -> HttpResponse:
        """Forget the closure; its sessions are made again."""
        sessions.reopen_day(
            get_object_or_404(self.holder.closures.select_related("holder"), pk=closure_id), by=self.user
        )
        messages.success(request, "Removed; sessions are held on that day.")
        return self.to("portal:closures")
