"""The forms of a determination: the facts that the law asks for, a proof for the locker, and a reason."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms

from autopilot import clock
from programs import codes
from students.models import EvidenceKind, IncomeFigure
from students.services.evidence import LONGEST_REASON
from students.wioa.documentation import TOPICS
from students.wioa.eligibility import RULES, Facts, Sex

UNKNOWN = ("", "Not known")
ANSWERS = [UNKNOWN, ("yes", "Yes"), ("no", "No")]
LONGEST_WEEKS, LARGEST_FAMILY = 2600, 30
EARLIEST_BIRTH = date(1900, 1, 1)


class FactsForm(forms.Form):
    """Every fact of a determination; what is left open stays unknown."""

    def __init__(self, data: Any = None, *, facts: Facts) -> None:
        super().__init__(data, initial=_initial(facts))
        for each in fields(Facts):
            self.fields[each.name] = _field(each.name, _kind(each.name), each.metadata, getattr(facts, each.name))

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        grouped = groupby(fields(Facts), key=lambda each: each.metadata["group"])
        return [(title, [self[each.name] for each in members]) for title, members in grouped]

    def clean(self) -> dict[str, Any]:
        """Refuse days that cannot be."""
        given = super().clean() or {}
        for name in self.fields:
            value = given.get(name)
            if isinstance(value, date) and name != "workplace_closes_on" and value > clock.today():
                self.add_error(name, "Enter a day that is not in the future.")
        announced, closes = given.get("closure_announced_on"), given.get("workplace_closes_on")
        if announced and closes and closes < announced:
            self.add_error("workplace_closes_on", "It cannot close before that was announced.")
        born = given.get("date_of_birth")
        if born and born < EARLIEST_BIRTH:
            self.add_error("date_of_birth", "Look at the year again.")
        return given

    def facts(self) -> Facts:
        """Return what was entered."""
        given = self.cleaned_data
        return Facts(**{name: _read(_kind(name), given[name]) for name in self.fields})


class EvidenceForm(forms.Form):
    """One proof for a student's locker."""

    topic = forms.ChoiceField(label="What it proves")
    kind = forms.ChoiceField(label="How", choices=EvidenceKind.choices, initial=EvidenceKind.DOCUMENT)
    description = forms.CharField(label="Which document", max_length=120, required=False)
    obtained_on = forms.DateField(label="Signed, seen or received on", widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField(
        label="File", required=False, help_text="PDF, PNG or JPEG, up to 10 MB. None for what is only seen."
    )
    reason = forms.CharField(
        label="Why nothing else can be had", required=False, max_length=LONGEST_REASON,
        help_text="For a self-attestation: which other sources were tried.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = {rule.evidence for rule in RULES.values()}
        named = sorted((topic.name, key) for key, topic in TOPICS.items() if key in wanted)
        known: Any = self.fields["topic"]
        known.choices = [("", "Choose"), *((key, name) for name, key in named)]


def _kind(name: str) -> Any:
    return Facts.kind_of(name)


def _field(name: str, kind: Any, told: Any, value: Any) -> forms.Field:
    common = {"label": told["label"], "help_text": told["help"], "required": False}
    if kind is bool:
        return forms.ChoiceField(choices=ANSWERS, **common)
    if kind is Sex:
        return forms.ChoiceField(choices=[UNKNOWN, *((each.value, each.value.title()) for each in Sex)], **common)
    if kind is date:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}), **common)
    if kind is Decimal:
        return forms.DecimalField(min_value=0, max_digits=9, decimal_places=2, **common)
    if kind is int:
        least, most = (1, LARGEST_FAMILY) if name == "family_size" else (0, LONGEST_WEEKS)
        return forms.IntegerField(min_value=least, max_value=most, **common)
    return forms.ChoiceField(choices=[UNKNOWN, *_choices(name, value)], **common)


def _choices(name: str, value: str | None) -> list[tuple[str, str]]:
    """Return the states, or the areas there are figures for; what was chosen before stays."""
    if name == "state":
        return [(code, title) for code, title in codes.STATES.items()]
    standards = IncomeFigure.objects.filter(measure=IncomeFigure.Measure.STANDARD)
    areas = set(standards.values_list("place", flat=True)) | ({value} if value else set())
    return [(area, area) for area in sorted(areas)]


def _initial(facts: Facts) -> dict[str, Any]:
    answers = {True: "yes", False: "no"}
    return {name: answers[value] if isinstance(value, bool) else value for name, value in vars(facts).items()}


def _read(kind: Any, given: Any) -> Any:
    if given in ("", None):
        return None
    if kind is bool:
        return given == "yes"
    return kind(given) if kind is Sex else given
