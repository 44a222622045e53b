"""What is asked of holders: data that staff edit, with the days from and to which it is asked."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from autopilot.admin.base import ConfigurationAdmin, staff
from autopilot.engine import enqueue
from autopilot.tenants import NETWORK
from programs.models import EntityType, RequirementType
from programs.models.requirements import REMINDER_DAYS, check_days

if TYPE_CHECKING:
    TypeModelForm = forms.ModelForm[RequirementType]
else:  # Django's own class takes no parameter when it runs
    TypeModelForm = forms.ModelForm


class RequirementTypeForm(TypeModelForm):
    """A type of requirement, with boxes for organizations and days that are written as people write them."""

    entity_types = forms.MultipleChoiceField(
        label="Asked of",
        choices=EntityType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Types of organization; none chosen: of all.",
    )
    reminder_days = forms.CharField(
        label="Reminders",
        required=False,
        help_text="Days before the expiry, separated by commas, as 60, 30, 15, 7, 1. Used where the proof expires.",
    )

    class Meta:
        model = RequirementType
        fields = ["title", "slug", "group", "instructions", "source", "entity_types", "per_program", "required", "expires",
                  "reminder_days", "position", "effective_from", "effective_to"]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = REMINDER_DAYS if self.instance._state.adding else self.instance.reminder_days
        self.initial["reminder_days"] = ", ".join(map(str, days))

    def clean_reminder_days(self) -> list[int]:
        """Return the days, the farthest first; refuse what is no day."""
        entered = [each for each in self.cleaned_data["reminder_days"].replace(",", " ").split() if each]
        if not all(each.isascii() and each.isdecimal() and len(each) < 4 for each in entered):
            raise ValidationError("Write whole days, as 60, 30, 15, 7, 1.", code="days")
        days = sorted({int(each) for each in entered}, reverse=True)
        check_days(days)
        return days


@admin.register(RequirementType)
class RequirementTypeAdmin(ConfigurationAdmin[RequirementType]):
    """The list of what is asked. What is asked no longer is given a last day, and never deleted."""

    form = RequirementTypeForm
    list_display = ["title", "group", "per_program", "required", "expires", "effective_from", "effective_to"]
    list_filter = ["group", "per_program", "required", "expires"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}

    def get_readonly_fields(self, request: HttpRequest, obj: RequirementType | None = None) -> tuple[str, ...]:
        """Keep what rows of holders are known by: the word, and whether it is asked once per program."""
        return ("slug", "per_program") if obj is not None else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: RequirementType | None = None) -> Any:
        """Make the word of the title for a new type alone."""
        return {} if obj is not None else self.prepopulated_fields

    def save_model(self, request: HttpRequest, obj: RequirementType, form: Any, change: bool) -> None:
        """Save the type, and have every holder's checklist brought up to date."""
        super().save_model(request, obj, form, change)
        enqueue("requirement.watch", tenant_id=NETWORK, requested_by=staff(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: it stands in the history of holders."""
        return False
