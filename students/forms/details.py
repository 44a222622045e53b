"""The forms by which staff enter what is sensitive about a student, and ask to read it."""

from typing import Any

from django import forms

from students.models.details import Answer, Immigration, Race, Sex
from students.services.details import COLUMNS, LONGEST_REASON, title_of

LEAVE = [("", "Leave as it is")]


def choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    """Return a question that may be left as it is."""
    return forms.ChoiceField(label=label, choices=LEAVE + choices, required=False)


class DetailsForm(forms.Form):
    """What is known of a student; the form never shows what is on file, and what is left blank stays as it is."""

    ssn = forms.CharField(
        label="Social Security number", required=False, max_length=11,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "class": "short"}),
        help_text="Nine digits. Nobody must give it.",
    )  # fmt: skip
    ssn_declined = forms.BooleanField(label="The student was asked, and does not give it", required=False)
    birth_date = forms.CharField(
        label="Date of birth", required=False, max_length=10,
        widget=forms.TextInput(attrs={"type": "date", "autocomplete": "off", "class": "medium"}),
    )  # fmt: skip
    sex = choice("Sex", Sex.choices)
    ethnicity = choice("Hispanic or Latino", Answer.choices)
    races = forms.MultipleChoiceField(
        label="Race", choices=Race.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="All that apply. Without any it stays as it is.",
    )  # fmt: skip
    disability = choice("Disability", Answer.choices)
    justice = choice("Arrested or convicted of a crime", Answer.choices)
    immigration = choice("Work authorization", Immigration.choices)

    def facts(self) -> dict[str, str]:
        """Return what was entered, as the service takes it."""
        said: dict[str, Any] = self.cleaned_data
        return {name: ",".join(said[name]) if name == "races" else said[name] for name in COLUMNS}


class RevealForm(forms.Form):
    """What somebody needs to read in full, and why."""

    names = forms.MultipleChoiceField(
        label="What you need to read", choices=[(name, title_of(name)) for name in COLUMNS], required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    reason = forms.CharField(
        max_length=LONGEST_REASON, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Recorded with your name in the audit.",
    )  # fmt: skip
