"""The forms of billing in the portal: a period, and bank details."""

from typing import Any

from django import forms

from autopilot import clock

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PeriodForm(forms.Form):
    """From which day to which."""

    since = forms.DateField(label="First day", widget=DAY)
    until = forms.DateField(label="Last day", widget=DAY)

    @staticmethod
    def this_year() -> dict[str, str]:
        """Return the period that is shown when none is asked for: the year until today."""
        today = clock.today()
        return {"since": today.replace(month=1, day=1).isoformat(), "until": today.isoformat()}


class BankForm(forms.Form):
    """Where to pay; the numbers are never shown again, not even in a form that came back."""

    account_holder = forms.CharField(
        max_length=150,
        label="Name on the account",
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "medium"}),
    )
    routing_number = forms.CharField(
        max_length=20,
        help_text="Nine digits, at the bottom left of a check.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric", "class": "short"}),
    )
    account_number = forms.CharField(
        max_length=30,
        help_text="4 to 17 digits, to the right of the routing number.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric", "class": "short"}),
    )
    account_number_again = forms.CharField(
        max_length=30,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric", "class": "short"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two account numbers that differ."""
        cleaned: dict[str, Any] = super().clean() or {}
        again = cleaned.pop("account_number_again", None)
        if again is not None and cleaned.get("account_number") not in (None, again):
            self.add_error("account_number_again", "The two account numbers differ. Enter the same one twice.")
        return cleaned
