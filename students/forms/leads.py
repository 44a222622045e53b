"""The forms by which staff work on leads."""

from typing import TYPE_CHECKING

from django import forms

from programs.models import Cohort, Program, ProgramStatus
from students.services import leads
from students.services.enrollments import TAKES_STUDENTS
from students.services.leads import LeadFacts

if TYPE_CHECKING:
    ProgramChoice = forms.ModelChoiceField[Program]
    CohortChoice = forms.ModelChoiceField[Cohort]
else:
    ProgramChoice = CohortChoice = forms.ModelChoiceField


def program_field() -> ProgramChoice:
    """Return a choice among the programs that are approved."""
    return ProgramChoice(Program.objects.filter(status=ProgramStatus.APPROVED).order_by("title"))


class LeadForm(forms.Form):
    """Somebody who may want a program."""

    program = program_field()
    first_name = forms.CharField(max_length=80)
    last_name = forms.CharField(max_length=80)
    email = forms.EmailField(label="E-mail", required=False)
    phone = forms.CharField(max_length=24, required=False)
    note = forms.CharField(max_length=leads.LONGEST_NOTE, required=False)

    def facts(self) -> LeadFacts:
        """Return what the form says of the person."""
        return LeadFacts(**{name: self.cleaned_data[name] for name in leads.COLUMNS})


class LeadFileForm(forms.Form):
    """A file of leads for one program."""

    program = program_field()
    file = forms.FileField(
        help_text="CSV or XLSX, up to 2,000 rows: first name, last name, e-mail, phone, note.",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )  # fmt: skip


class ConvertForm(forms.Form):
    """The cohort in which a lead is enrolled."""

    cohort = CohortChoice(Cohort.objects.filter(status__in=TAKES_STUDENTS).select_related("program"))


class NothingForm(forms.Form):
    """Nothing is asked."""


class CloseForm(forms.Form):
    """Why it ends."""

    reason = forms.CharField(max_length=leads.LONGEST_REASON)
