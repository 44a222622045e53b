"""Invite a member, and join as one."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare

from programs.models import MemberRole


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off", "class": "medium"})
    )
    role = forms.ChoiceField(choices=MemberRole.choices, initial=MemberRole.COORDINATOR)


class JoinForm(forms.Form):
    """A new account: name and password; its address is the one that was invited."""

    first_name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "given-name"}))
    last_name = forms.CharField(max_length=150, widget=forms.TextInput(attrs={"autocomplete": "family-name"}))
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=" ".join(password_validators_help_texts()),
    )
    password_again = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False)

    def clean(self) -> dict[str, Any]:
        """Refuse passwords that differ or that anybody could guess; return the account's facts."""
        cleaned: dict[str, Any] = super().clean() or {}
        password, again = cleaned.get("password"), cleaned.pop("password_again", None)
        if password and again and not constant_time_compare(password, again):
            self.add_error("password_again", "The two passwords differ. Enter the same one twice.")
        if password:
            self._check_strength(password, cleaned)
        return cleaned

    def _check_strength(self, password: str, cleaned: dict[str, Any]) -> None:
        about = User(first_name=cleaned.get("first_name", ""), last_name=cleaned.get("last_name", ""))
        try:
            validate_password(password, about)
        except ValidationError as refusal:
            self.add_error("password", refusal)
