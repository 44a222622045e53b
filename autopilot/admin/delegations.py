"""Who stands in for whom: the list, the page that makes a delegation, and the deed that ends one."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from autopilot import clock, delegations
from autopilot.admin.base import ReadOnlyAdmin, badge, staff
from autopilot.admin.deeds import Answers, Deed, offer
from autopilot.engine.reviewers import able_people
from autopilot.exceptions import DelegationRefused
from autopilot.models import Delegation
from autopilot.reports.moments import brief

A_DAY = timedelta(days=1)


def _people(label: str) -> "forms.ModelChoiceField[User]":
    return forms.ModelChoiceField(User.objects.none(), label=label, empty_label="Choose a reviewer")


def _day(label: str, hint: str) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "medium"})
    return forms.DateField(label=label, widget=widget, help_text=hint)


class DelegationForm(forms.Form):
    """Who stands in for whom, from which day to which, and why."""

    delegator = _people("Whose reviews")
    delegate = _people("Who stands in")
    starts = _day("First day", "Holds from the beginning of this day.")
    ends = _day("Last day", "Holds to the end of this day.")
    reason = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say why; those who come after you read it."},
    )

    def __init__(self, data: Any = None, *, by: User) -> None:
        super().__init__(data, initial={"starts": clock.today()})
        self.by = by
        people: Any = self.fields
        people["delegate"].queryset = able_people().exclude(pk=by.pk).order_by("username")
        if by.has_perm(delegations.OF_OTHERS):
            people["delegator"].queryset = able_people().order_by("username")
            people["delegate"].queryset = people["delegator"].queryset
            self.initial["delegator"] = by.pk
        else:
            del self.fields["delegator"]

    def clean_starts(self) -> date:
        """Refuse a day that is over: what was reviewed then was reviewed without it."""
        first: date = self.cleaned_data["starts"]
        if first < clock.today():
            raise forms.ValidationError("This day is over; begin today or later.")
        return first

    def clean_ends(self) -> date:
        """Refuse a day so far away that no calendar goes on after it."""
        last: date = self.cleaned_data["ends"]
        if last > clock.today() + 2 * delegations.LONGEST:
            raise forms.ValidationError("A delegation lasts a year at most.")
        return last

    def made(self) -> Delegation | None:
        """Make the delegation; None, with the refusal beside its field, if it is refused."""
        said = self.cleaned_data
        try:
            return delegations.create(
                delegator=said.get("delegator", self.by),
                delegate=said["delegate"],
                starts_at=_midnight(said["starts"]),
                ends_at=_midnight(said["ends"] + A_DAY),
                reason=said["reason"],
                by=self.by,
            )
        except DelegationRefused as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
            return None


def _end(by: User, delegation: Delegation, answers: Answers) -> str:
    delegations.end(delegation, by=by, reason=answers["reason"])
    return "It ends at once."


END = Deed(
    "End",
    "Ended",
    "Whoever stands in can decide nothing more by it from the next request on. What was decided stays.",
    _end,
    danger=True,
)


@admin.register(Delegation)
class DelegationAdmin(ReadOnlyAdmin[Delegation]):
    """Who stands in for whom."""

    list_display = ["delegator", "delegate", "begins", "until", "state", "reason"]
    list_select_related = ["delegator", "delegate"]
    fields = ["delegator", "delegate", "starts_at", "ends_at", "reason", "created_by", "created_at"]
    actions = ["end_delegations"]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Return whether the person may delegate: own reviews, or those of others."""
        return request.user.has_perm(delegations.OWN) or request.user.has_perm(delegations.OF_OTHERS)

    @admin.display(description="From", ordering="starts_at")
    def begins(self, delegation: Delegation) -> str:
        """Show when it begins."""
        return brief(delegation.starts_at)

    @admin.display(description="Until", ordering="ends_at")
    def until(self, delegation: Delegation) -> str:
        """Show when it ends."""
        return brief(delegation.ends_at)

    @admin.display(description="Status")
    def state(self, delegation: Delegation) -> str:
        """Show whether it holds now."""
        now = clock.now()
        if delegation.ends_at <= now:
            return badge("cancelled", "Over")
        return badge("pending", "To come") if delegation.starts_at > now else badge("approved", "Holds")

    @admin.action(description="End…", permissions=["add"])
    def end_delegations(self, request: HttpRequest, queryset: QuerySet[Delegation]) -> HttpResponse | None:
        """End the chosen ones, with a reason."""
        return offer(self, request, queryset.select_related("delegator", "delegate"), END)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form, or make a delegation of what was entered."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = DelegationForm(request.POST if request.method == "POST" else None, by=staff(request))
        if form.is_valid() and (made := form.made()) is not None:
            text = f"Delegated: {made.delegate} stands in for {made.delegator} until {brief(made.ends_at)}"
            self.message_user(request, text, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:autopilot_delegation_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Delegate reviews",
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, "admin/autopilot/delegate.html", context, status=422 if form.errors else 200)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
