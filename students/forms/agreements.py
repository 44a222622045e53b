"""The forms of a student's agreement: what is acknowledged first, and the signature."""

from typing import Any

from django import forms

from students import consents
from students.services.agreements import LONGEST_NAME, Pen


class NoticeForm(forms.Form):
    """The notice that was received, and whether records may be given to the agencies."""

    ferpa = forms.ChoiceField(
        label="May we give these records to the agencies that pay for your training?",
        choices=[("yes", "Yes, I consent"), ("no", "No, I do not consent")], widget=forms.RadioSelect,
    )  # fmt: skip
    notice = forms.BooleanField(
        label="I have received the notice “Equal Opportunity Is the Law”", required=True,
        error_messages={"required": "Read the notice above, and tick the box."},
    )  # fmt: skip
    notice_version = forms.CharField(widget=forms.HiddenInput, max_length=20, initial=consents.VERSION)
    field_order = ["notice", "ferpa"]

    def answers(self) -> dict[str, Any]:
        """Return what was answered, as the service takes it."""
        said = self.cleaned_data
        return {"consents_to_disclosure": said["ferpa"] == "yes", "notice_version": said["notice_version"]}


class SignForm(forms.Form):
    """The typed name and the consent; the digest of the file on the page goes with them."""

    name = forms.CharField(
        label="Your full name", max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Typed, it is your signature.",
    )  # fmt: skip
    consent = forms.BooleanField(label="I consent to all of this, and sign electronically", required=False)
    consent_version = forms.CharField(widget=forms.HiddenInput, max_length=20, initial=consents.VERSION)
    document_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def pen(self, user_agent: str) -> Pen:
        """Return what was typed and shown."""
        said = self.cleaned_data
        consents_to = said["consent_version"] if said["consent"] else ""
        return Pen(said["name"], said["document_sha256"], consents_to, user_agent)
