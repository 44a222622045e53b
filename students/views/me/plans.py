"""A student's individual plan: read it, and sign it."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from students.me import Panel, Records, Todo, panel, todo
from students.models import IndividualPlan, PlanSignature, PlanStatus
from students.services.plans import LONGEST_NAME, digest_of, sign_plan
from students.views.me.base import MeView


class PlanForm(forms.Form):
    """The typed name; the digest of what is on the page goes with it."""

    name = forms.CharField(
        label="Your full name", max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Typed, it is your signature.",
    )  # fmt: skip
    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)


class Plan(MeView):
    """One plan."""

    template_name = "students/me/plan.html"

    def get(self, request: HttpRequest, plan_id: UUID) -> HttpResponse:
        """Show it."""
        plan = self._found(plan_id)
        return self._page(plan, PlanForm(initial={"shown": digest_of(plan)}))

    def post(self, request: HttpRequest, plan_id: UUID) -> HttpResponse:
        """Sign it."""
        plan, form = self._found(plan_id), PlanForm(request.POST)
        if form.is_valid():
            try:
                sign_plan(plan, by=self.user, **form.cleaned_data)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.success(request, "You have signed your plan.")
                return self.to("me:plan", plan.pk)
        return self._page(plan, form)

    def _found(self, plan_id: UUID) -> IndividualPlan:
        return get_object_or_404(IndividualPlan, student__in=self.records, pk=plan_id)

    def _page(self, plan: IndividualPlan, form: PlanForm) -> HttpResponse:
        signatures = list(plan.signatures.all())
        mine = any(each.party == PlanSignature.Party.STUDENT for each in signatures)
        to_sign = plan.status == PlanStatus.DRAFT and not mine
        return self.show(plan=plan, form=form, signatures=signatures, to_sign=to_sign, steps=plan.steps.splitlines())


@todo(15)
def to_sign(records: Records) -> list[Todo]:
    """Tell which plan waits for the student's signature."""
    drafts = IndividualPlan.objects.filter(student__in=records, status=PlanStatus.DRAFT)
    waiting = drafts.exclude(signatures__party=PlanSignature.Party.STUDENT)
    return [Todo("Read and sign your individual plan.", "Read and sign", reverse("me:plan", args=[each.pk]))
            for each in waiting]  # fmt: skip


@panel(30)
def plan_panel(records: Records) -> Panel | None:
    """Tell the goal of the plan in force, and when it is looked at again."""
    plan = IndividualPlan.objects.filter(student__in=records, status=PlanStatus.ACTIVE).first()
    if plan is None:
        return None
    lines = (f"Your goal: {plan.goal}", f"We look at it with you again by {plan.review_on:%B %-d, %Y}.")
    return Panel("Your plan", lines, "Open it", reverse("me:plan", args=[plan.pk]))
