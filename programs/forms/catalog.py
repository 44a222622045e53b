"""What anybody looks for in the catalog, and asks about a program."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from programs import codes
from programs.forms.application import STALE_FORM, TRAP_SPRUNG, PhoneField, PrintableForm
from programs.models import CredentialType, Delivery, Enquiry, ProgramType

ANY = ("", "Any")
COSTS = (("0", "Free"), ("1000", "Up to $1,000"), ("3000", "Up to $3,000"), ("6000", "Up to $6,000"),
         ("12000", "Up to $12,000"))  # fmt: skip


class SearchForm(forms.Form):
    """What a person looks for. What is no choice narrows nothing."""

    q = forms.CharField(label="What do you want to learn?", required=False, max_length=100)
    type = forms.ChoiceField(label="Field", required=False, choices=[ANY, *ProgramType.choices])
    state = forms.ChoiceField(required=False, choices=[ANY, *codes.STATES.items()])
    city = forms.CharField(required=False, max_length=100)
    delivery = forms.ChoiceField(label="How it is taught", required=False, choices=[ANY, *Delivery.choices])
    credential = forms.ChoiceField(label="What you earn", required=False, choices=[ANY, *CredentialType.choices])
    cost = forms.ChoiceField(label="Cost", required=False, choices=[ANY, *COSTS])
    evening = forms.BooleanField(label="Evenings or weekends", required=False)

    def wanted(self) -> dict[str, Any]:
        """Return what was asked for, by name; only what is a valid choice and not empty."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None, False)}

    @staticmethod
    def dollars(cost: str) -> Decimal:
        """Return the most that a choice of cost allows."""
        return Decimal(cost)


class EnquiryForm(PrintableForm):
    """Who asks, and what."""

    phone = PhoneField(label="Phone", max_length=40, required=False)
    form_key = forms.CharField(widget=forms.HiddenInput, required=False)
    leave_empty = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"})
    )

    class Meta:
        model = Enquiry
        fields = ["name", "email", "phone", "message"]
        labels = {"name": "Your name", "email": "Your e-mail", "message": "Your question"}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "message": forms.Textarea(attrs={"rows": 4}),
        }
        error_messages = {
            "name": {"required": "Enter your name."},
            "email": {
                "required": "Enter your e-mail address, so that the school can answer.",
                "invalid": "Enter a complete e-mail address, for example name@mail.org.",
            },
        }

    def clean_leave_empty(self) -> str:
        """Refuse what only a program fills in."""
        if self.cleaned_data["leave_empty"]:
            raise ValidationError(TRAP_SPRUNG, code="trap")
        return ""

    def clean_phone(self) -> str:
        """Refuse what is no phone number; none is needed."""
        phone = str(self.cleaned_data["phone"])
        if phone and not codes.has_form(codes.PHONE_PATTERN, phone):
            raise ValidationError("Enter ten digits with area code, or nothing.", code="phone")
        return phone

    def clean(self) -> dict[str, Any]:
        """Refuse a page that has lost its key."""
        cleaned = super().clean()
        try:
            cleaned["form_key"] = UUID(str(cleaned.get("form_key", "")))
        except ValueError:
            self.add_error(None, ValidationError(STALE_FORM, code="form_key"))
        return cleaned

    def said(self) -> dict[str, Any]:
        """Return what a valid form says, as the service takes it."""
        return {name: self.cleaned_data[name] for name in [*self.Meta.fields, "form_key"]}

    def _post_clean(self) -> None:
        # The service writes and checks the row.
        return None
