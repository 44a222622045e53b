"""What a holder enters about cohorts, their weekly meetings and their sessions."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

from django import forms

from programs.calendars import TIME_ZONES, WEEKDAYS
from programs.forms.application import PrintableForm
from programs.models import Cohort, Holder, Session, SessionRule
from programs.services.cohorts import COLUMNS
from programs.services.sessions import Slot

MEETINGS_A_DAY = 2


def day_input() -> forms.DateInput:
    """Return the browser's own way to choose a day."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "short"})


def time_input() -> forms.TimeInput:
    """Return the browser's own way to choose an hour."""
    return forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "short"})


class CohortForm(PrintableForm):
    """When and where a group of students takes a program together."""

    time_zone = forms.ChoiceField(choices=list(TIME_ZONES.items()))

    class Meta:
        model = Cohort
        fields = list(COLUMNS)
        widgets = {
            "starts_on": day_input(),
            "ends_on": day_input(),
            "capacity": forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
            "name": forms.TextInput(attrs={"class": "medium"}),
        }
        labels = {"starts_on": "First day", "ends_on": "Last day", "capacity": "Seats"}
        help_texts = {"name": "As students know it: Winter 2027, evenings."}

    def __init__(self, *args: Any, holder: Holder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = self.fields["site"]
        site.queryset = holder.sites.filter(closed_at=None)  # type: ignore[attr-defined]
        site.empty_label = "Online, or not settled yet"  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.label = str(field.label or "Time zone")[:1].upper() + str(field.label or "Time zone")[1:]

    def _post_clean(self) -> None:
        # The service writes and checks the row; a form must not change the one that the page shows.
        return None


class RulesForm(forms.Form):
    """On which days of the week, from when to when, a cohort meets: up to twice a day."""

    def __init__(self, *args: Any, rules: list[SessionRule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self._names():
            self.fields[name] = forms.TimeField(required=False, label=label, widget=time_input())
        for weekday in range(len(WEEKDAYS)):
            of_day = [rule for rule in rules if rule.weekday == weekday][:MEETINGS_A_DAY]
            for number, rule in enumerate(of_day):
                self.initial[f"starts_{weekday}_{number}"] = rule.starts_at
                self.initial[f"ends_{weekday}_{number}"] = rule.ends_at

    def clean(self) -> dict[str, Any]:
        """Refuse half of a meeting."""
        cleaned = super().clean() or {}
        for weekday, number in self._places():
            starts, ends = cleaned.get(f"starts_{weekday}_{number}"), cleaned.get(f"ends_{weekday}_{number}")
            if (starts is None) != (ends is None) and not self.errors:
                lacking = f"ends_{weekday}_{number}" if ends is None else f"starts_{weekday}_{number}"
                self.add_error(lacking, f"Enter both hours of the meeting on {WEEKDAYS[weekday]}, or none.")
        return cleaned

    def slots(self) -> list[Slot]:
        """Return the meetings that a valid form names."""
        hours = (
            (day, self._hour("starts", day, number), self._hour("ends", day, number)) for day, number in self._places()
        )
        return [Slot(day, starts, ends) for day, starts, ends in hours if starts is not None and ends is not None]

    def days(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Yield each day of the week with its fields."""
        for weekday, day in enumerate(WEEKDAYS):
            names = [f"{end}_{weekday}_{number}" for number in range(MEETINGS_A_DAY) for end in ("starts", "ends")]
            yield day, [self[name] for name in names]

    def _hour(self, end: str, weekday: int, number: int) -> time | None:
        hour: time | None = self.cleaned_data.get(f"{end}_{weekday}_{number}")
        return hour

    @staticmethod
    def _places() -> Iterator[tuple[int, int]]:
        return ((weekday, number) for weekday in range(len(WEEKDAYS)) for number in range(MEETINGS_A_DAY))

    def _names(self) -> Iterator[tuple[str, str]]:
        for weekday, number in self._places():
            which = "" if number == 0 else ", second meeting"
            yield f"starts_{weekday}_{number}", f"{WEEKDAYS[weekday]}{which}, from"
            yield f"ends_{weekday}_{number}", f"{WEEKDAYS[weekday]}{which}, to"


class SessionForm(PrintableForm):
    """One meeting."""

    class Meta:
        model = Session
        fields = ["date", "starts_at", "ends_at", "topic"]
        widgets = {"date": day_input(), "starts_at": time_input(), "ends_at": time_input()}
        labels = {"date": "Day", "starts_at": "From", "ends_at": "To", "topic": "Topic"}

    def said(self) -> dict[str, Any]:
        """Return what a valid form says, as the services take it."""
        said = dict(self.cleaned_data)
        return {"day": said.pop("date"), **said}

    def _post_clean(self) -> None:
        return None


class ClosureForm(forms.Form):
    """A day on which the holder does not teach."""

    date = forms.DateField(label="Day", widget=day_input())
    name = forms.CharField(label="Why", max_length=80, widget=forms.TextInput(attrs={"class": "medium"}))


class YearForm(forms.Form):
    """A year, whose federal holidays are noted."""

    year = forms.TypedChoiceField(coerce=int)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, str(year)) for year in range(today.year, today.year + 3)]  # type: ignore[attr-defined]
