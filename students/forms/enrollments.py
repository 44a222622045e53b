"""The forms by which a holder enrolls students, one by one or by a file, and finds them again."""

from typing import TYPE_CHECKING, Any

from django import forms

from programs.models import Cohort, Holder
from students.access import cohorts_in
from students.facts import StudentFacts
from students.models import EnrollmentStatus, Funding
from students.services.enrollments import TAKES_STUDENTS

if TYPE_CHECKING:
    ModelChoiceField = forms.ModelChoiceField[Cohort]
else:
    ModelChoiceField = forms.ModelChoiceField


class CohortField(ModelChoiceField):
    """A choice among cohorts, each told with its program."""

    def label_from_instance(self, obj: Any) -> str:
        """Return program and name."""
        return f"{obj.program}: {obj}"


def open_cohorts(holder: Holder) -> CohortField:
    """Return a choice among the cohorts of a holder that take students."""
    return CohortField(cohorts_in(holder).filter(status__in=TAKES_STUDENTS), empty_label="Choose a cohort")


class EnrollForm(forms.Form):
    """A student, and the cohort to be enrolled in."""

    cohort = CohortField(Cohort.objects.none())
    first_name = forms.CharField(max_length=80)
    last_name = forms.CharField(max_length=80)
    email = forms.EmailField(label="E-mail", required=False, help_text="The same address is the same student.")
    phone = forms.CharField(max_length=24, required=False)
    funding = forms.ChoiceField(label="Who pays", choices=Funding.choices)
    reference = forms.CharField(max_length=120, required=False, help_text="Your own number for the enrollment.")

    def __init__(self, *args: Any, holder: Holder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort"] = open_cohorts(holder)

    def student(self) -> StudentFacts:
        """Return what the form says of the student."""
        return StudentFacts(**{name: self.cleaned_data[name] for name in ("first_name", "last_name", "email", "phone")})


class RosterForm(forms.Form):
    """A file of students for a cohort."""

    cohort = CohortField(Cohort.objects.none())
    file = forms.FileField(
        help_text="CSV or XLSX, up to 10,000 students.", widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"})
    )

    def __init__(self, *args: Any, holder: Holder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort"] = open_cohorts(holder)


class RosterFilter(forms.Form):
    """Which of a holder's students are listed."""

    cohort = CohortField(Cohort.objects.none(), required=False, empty_label="All cohorts")
    status = forms.ChoiceField(choices=[("", "Every status"), *EnrollmentStatus.choices], required=False)
    q = forms.CharField(label="Name", max_length=80, required=False)

    def __init__(self, *args: Any, holder: Holder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cohort"] = CohortField(cohorts_in(holder), required=False, empty_label="All cohorts")


class CohortChoice(forms.Form):
    """Which cohort a page is about."""

    cohort = CohortField(Cohort.objects.none(), required=False)

    def __init__(self, *args: Any, holder: Holder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cohorts = cohorts_in(holder).exclude(status__in=["planned", "cancelled"]).order_by("-starts_on", "name")
        self.fields["cohort"] = CohortField(self.cohorts, required=False, empty_label=None)

    def chosen(self) -> Cohort | None:
        """Return the cohort that is asked for, else the newest that runs, else the newest; None without any."""
        asked: Cohort | None = self.cleaned_data["cohort"] if self.is_valid() else None
        found = asked or self.cohorts.filter(status="running").first() or self.cohorts.first()
        self.data = {"cohort": found.pk} if found else {}
        return found
