"""The forms by which staff record a service that a student received, and take one back."""

from typing import Any

from django import forms

from students.models import ExitReason, PerformanceTarget, Student, WioaProgram
from students.services.participation import LONGEST_REASON
from students.wioa.indicators.rules import RATED
from students.wioa.programs import Program
from students.wioa.services import SERVICES

SEPARATOR = ":"
DAY = forms.DateInput(attrs={"type": "date", "class": "medium"})


def service_choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Return the services that each program offers, under its name."""
    found: list[tuple[str, str | list[tuple[str, str]]]] = [("", "Choose a service")]
    found += [
        (
            program.label.capitalize(),
            [
                (f"{program.value}{SEPARATOR}{service.code}", service.name)
                for service in SERVICES.values()
                if program in service.programs
            ],
        )
        for program in Program
    ]
    return found


class OfStudentForm(forms.Form):
    """What staff enter about a student; whose it is comes from the page of the student."""

    student = forms.ModelChoiceField(Student.objects.none(), widget=forms.HiddenInput)

    def facts(self) -> dict[str, Any]:
        """Return what was entered, as the service takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "student"}


class ReadinessForm(OfStudentForm):
    """Since when somebody can become a participant of a program."""

    program = forms.ChoiceField(choices=WioaProgram.choices)
    eligible_on = forms.DateField(label="Found eligible", widget=DAY, help_text="The day of the determination.")
    assessed_on = forms.DateField(
        label="Objective assessment", widget=DAY, required=False, help_text="For youth; it may be entered later."
    )
    planned_on = forms.DateField(
        label="Service strategy", widget=DAY, required=False, help_text="For youth; it may be entered later."
    )


class HindranceForm(OfStudentForm):
    """Since when, and why, somebody could not go on."""

    code = forms.ChoiceField(label="Reason (923)", choices=ExitReason.choices)
    since = forms.DateField(
        label="Since", widget=DAY, help_text="It counts for a period whose last service was up to 90 days before."
    )


class ServiceForm(OfStudentForm):
    """A service, its day, and whether it is planned only."""

    kind = forms.ChoiceField(label="Service", choices=service_choices)
    day = forms.DateField(label="Day", widget=DAY, help_text="On which it was received, or for which it is planned.")
    planned = forms.BooleanField(
        label="It is planned, and the plan is documented", required=False,
        help_text="A planned service keeps the period of participation open until its day.",
    )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """Return what was entered, as the service takes it."""
        program, _, service = self.cleaned_data["kind"].partition(SEPARATOR)
        return {
            "program": program,
            "service": service,
            "day": self.cleaned_data["day"],
            "planned": self.cleaned_data["planned"],
        }


class WithdrawForm(forms.Form):
    """Why a service that was recorded is taken back."""

    reason = forms.CharField(
        label="Why it was a mistake", max_length=LONGEST_REASON, widget=forms.Textarea({"rows": 2})
    )


class TargetForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no parameter when it runs
    """A negotiated level of one of the six indicators."""

    indicator = forms.ChoiceField(choices=[(each.value, each.label) for each in RATED])

    class Meta:
        model = PerformanceTarget
        fields = ["year", "program", "indicator", "level"]
