"""The form with which a holder records that a student has done a milestone."""

from django import forms

from autopilot.uploads import PROOF
from students.services.milestones import LONGEST_EVIDENCE

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CompletionForm(forms.Form):
    """When it was done, and what shows it."""

    on = forms.DateField(
        label="Done on", widget=DAY, error_messages={"required": "Enter the day on which it was done."}
    )
    evidence = forms.CharField(
        label="What shows it",
        max_length=LONGEST_EVIDENCE,
        help_text="Such as “Final exam, 92 of 100 points”.",
        error_messages={"required": "Say what shows it, such as an exam’s score sheet."},
    )
    file = forms.FileField(
        label="Its scan",
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(each for kind in PROOF for each in kind.extensions)}),
        help_text="A PDF or a picture, if there is one.",
    )
