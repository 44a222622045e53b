"""What a holder enters about a program and a site."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from programs import codes
from programs.forms.application import PrintableForm
from programs.models import Holder, Program, Site
from programs.services.programs import COLUMNS, FREE, MOST_OCCUPATIONS
from programs.services.sites import FIELDS

MONEY = ("tuition", "fees", "books", "supplies", "other_costs")
PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What it is", ("title", "type", "description", "prerequisites")),
    ("What it leads to", (
        "cip_code", "occupations", "credential", "credential_type", "credential_issuer", "leads_to_license",
        "approving_agency", "in_demand_proof",
    )),
    ("How it is taught", (
        "delivery", "clock_hours", "weeks", "capacity", "languages", "evening", "childcare", "sites", "instructions",
    )),
    ("What it costs a student, in dollars", MONEY),
    ("Catalog", ("listed",)),
)  # fmt: skip


class ProgramForm(PrintableForm):
    """All that is said about a program; of an approved one only what may change without a new approval."""

    occupations = forms.CharField(
        label="SOC codes of occupations",
        required=False,
        help_text=f"Up to {MOST_OCCUPATIONS}, each as 51-4121, from the 2018 edition; separate them by commas.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "51-4121, 47-2221"}),
    )

    class Meta:
        model = Program
        fields = [*COLUMNS, "sites"]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 5}),
            "prerequisites": forms.Textarea(attrs={"rows": 2}),
            "instructions": forms.Textarea(attrs={"rows": 3}),
            "in_demand_proof": forms.Textarea(attrs={"rows": 2}),
            "cip_code": forms.TextInput(attrs={"class": "short", "placeholder": "48.0508", "autocomplete": "off"}),
            "sites": forms.CheckboxSelectMultiple,
            **{name: forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"})
               for name in ("clock_hours", "weeks", "capacity")},
            **{name: forms.NumberInput(attrs={"class": "short", "step": "0.01", "inputmode": "decimal"})
               for name in MONEY},
        }  # fmt: skip
        help_texts = {
            "description": "What is taught and for whom, in a few sentences. It stands in the public catalog.",
            "approving_agency": "Who approves it, with the number; needed where it leads to a license.",
            "instructions": "What to bring, where to park, whom to ask.",
            "in_demand_proof": "A list of the state, or letters of employers.",
        }
        error_messages = {
            "title": {"required": "Enter the title of the program."},
            "cip_code": {"required": "Enter the CIP code, six digits in the form 12.0402."},
            "credential": {"required": "Enter what a student holds at the end."},
            "clock_hours": {"required": "Enter the clock hours of the whole program."},
        }

    def __init__(self, *args: Any, holder: Holder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].queryset = holder.sites.filter(closed_at=None)  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.label = str(field.label)[:1].upper() + str(field.label)[1:]
        if self.instance.pk and self.instance.approved_at and self.instance.status == "approved":
            for name in self.fields.keys() - FREE:
                self.fields[name].disabled = True
        if not self.instance._state.adding:
            self.initial["occupations"] = ", ".join(each.soc_code for each in self.instance.occupations.all())

    def clean_occupations(self) -> list[str]:
        """Return the codes; refuse what has not their form."""
        entered = re.findall(r"[^\s,;]+", self.cleaned_data["occupations"])
        if wrong := [each for each in entered if not codes.has_form(codes.SOC_PATTERN, each)]:
            raise ValidationError(f"Enter six digits in the form 31-1131 for: {', '.join(wrong)[:100]}.", code="soc")
        return list(dict.fromkeys(entered))

    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in PARTS]

    def said(self) -> dict[str, Any]:
        """Return what a valid form says, as the services take it."""
        return {name: self.cleaned_data[name] for name in [*COLUMNS, "occupations"]} | {
            "sites": list(self.cleaned_data["sites"])
        }

    def _post_clean(self) -> None:
        # The service writes and checks the row; a form must not change the one that the page shows.
        return None


class SiteForm(PrintableForm):
    """A place where a holder trains."""

    class Meta:
        model = Site
        fields = list(FIELDS)
        widgets = {
            "street": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "city": forms.TextInput(attrs={"autocomplete": "address-level2", "class": "medium"}),
            "state": forms.Select(attrs={"autocomplete": "address-level1"}),
            "zip": forms.TextInput(attrs={"autocomplete": "postal-code", "class": "short"}),
            "accessibility": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {"name": "As students know it: Main campus, Gary workshop."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = str(field.label)[:1].upper() + str(field.label)[1:]

    def _post_clean(self) -> None:
        return None
