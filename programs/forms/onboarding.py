"""The forms of the onboarding's first three steps."""

from typing import Any

from django import forms

from programs.forms.application import PrintableForm
from programs.forms.programs import ProgramForm
from programs.models import Holder
from programs.services.onboarding import COLUMNS

OF_THE_PROGRAM = (
    "title", "type", "description", "cip_code", "occupations", "credential", "credential_type", "credential_issuer",
    "leads_to_license", "approving_agency", "delivery", "clock_hours", "weeks", "sites",
)  # fmt: skip


class OrganizationForm(PrintableForm):
    """Step 1: what the network and the public should know of the organization."""

    website = forms.URLField(label="Website", required=False, max_length=200, assume_scheme="https")

    class Meta:
        model = Holder
        fields = list(COLUMNS)
        widgets = {
            "description": forms.Textarea(attrs={"rows": 5}),
            "established_on": forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d"),
            "contact_phone": forms.TextInput(attrs={"autocomplete": "tel", "class": "short"}),
        }
        labels = {"description": "About your organization", "established_on": "Established on"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = str(field.label)[:1].upper() + str(field.label)[1:]

    def _post_clean(self) -> None:
        # The service writes and checks the row; a form must not change the one that the page shows.
        return None


class FirstProgramForm(ProgramForm):
    """Step 2: the first program, in its main facts; the rest stands under Programs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() - set(OF_THE_PROGRAM):
            del self.fields[name]
        self.order_fields(list(OF_THE_PROGRAM))

    def said(self) -> dict[str, Any]:
        """Return what a valid form says, as the services take it."""
        said = {name: self.cleaned_data[name] for name in self.fields}
        return said | {"sites": list(said["sites"])}


class CurriculumForm(forms.Form):
    """Step 3: the syllabus, and what students should know before they come."""

    file = forms.FileField(
        label="Syllabus",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf,.png,.jpg,.jpeg"}),
        help_text="Units, hours and objectives, as a PDF of up to 10 MB. It goes to our reviewers as your curriculum.",
    )
    instructions = forms.CharField(
        label="Instructions for students",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What to bring, where to park, whom to ask.",
    )
