"""What a holder enters about a program and a site."""

from typing import Any

from django import forms

from programs.forms.application import PrintableForm
from programs.forms.pickers import CipField, OccupationsField, code_lists
from programs.models import Holder, Program, Site
from programs.services.programs import COLUMNS, FREE
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
    ("What the enrollment agreement says", ("attendance_percent", "cancel_days", "refund_policy")),
    ("Catalog", ("listed",)),
)  # fmt: skip


class ProgramForm(PrintableForm):
    """All that is said about a program; of an approved one only what may change without a new approval."""

    cip_code = CipField()
    occupations = OccupationsField(
        label="Occupations it trains for",
        required=False,
        help_text="Up to three, by SOC code of 2018 or by words of the title.",
    )

    class Meta:
        model = Program
        fields = [*COLUMNS, "sites"]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 5}),
            "prerequisites": forms.Textarea(attrs={"rows": 2}),
            "instructions": forms.Textarea(attrs={"rows": 3}),
            "in_demand_proof": forms.Textarea(attrs={"rows": 2}),
            "refund_policy": forms.Textarea(attrs={"rows": 3}),
            "sites": forms.CheckboxSelectMultiple,
            **{name: forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"})
               for name in ("clock_hours", "weeks", "capacity", "attendance_percent", "cancel_days")},
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
            self.initial["occupations"] = [each.soc_code for each in self.instance.occupations.all()]

    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in PARTS]

    @property
    def code_lists(self) -> dict[str, Any]:
        """The lists behind the fields of codes, which the page prints once."""
        return dict(code_lists())

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
