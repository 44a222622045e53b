"""Sign and decline an MOU in the portal; and what staff write about one."""

from django import forms

from programs import consents
from programs.models import Compensation
from programs.services.mous import Pen, Terms

DAY = forms.DateInput(attrs={"type": "date", "class": "medium"})
AREA = forms.Textarea(attrs={"rows": 3})
REASON_LENGTH = 1000


class PenForm(forms.Form):
    """What a signer types: name, title, consent; the document that was on the page goes with it."""

    name = forms.CharField(
        label="Your full name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Typed, it is your signature.",
    )  # fmt: skip
    title = forms.CharField(
        label="Your title", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
        help_text="By which you may sign for your organization.",
    )  # fmt: skip
    consent = forms.BooleanField(label="I consent to all of this, and sign electronically", required=False)
    consent_version = forms.CharField(widget=forms.HiddenInput, max_length=20, initial=consents.VERSION)
    document_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def pen(self, user_agent: str) -> Pen:
        """Return what was typed and shown."""
        said = self.cleaned_data
        return Pen(
            name=said["name"],
            title=said["title"],
            document_sha256=said["document_sha256"],
            consents_to=said["consent_version"] if said["consent"] else "",
            user_agent=user_agent,
        )


class SignForm(PenForm):
    """The same, with the code that was mailed."""

    code = forms.CharField(
        label="Code from our mail", max_length=20, help_text="Eight digits; ask for it above.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "short"}),
    )  # fmt: skip
    field_order = ["name", "title", "code", "consent"]


class ReasonForm(forms.Form):
    """Why something ends."""

    reason = forms.CharField(
        label="Reason", max_length=REASON_LENGTH, widget=AREA, help_text="The other party reads it."
    )


class TermsForm(forms.Form):
    """The terms of a draft; the service says what does not fit together."""

    compensation = forms.ChoiceField(choices=Compensation.choices)
    share = forms.DecimalField(
        label="Share, in percent", required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2,
        help_text="For a share of net program revenue.",
    )  # fmt: skip
    amount = forms.DecimalField(
        label="Amount, in dollars", required=False, min_value=0, max_digits=10, decimal_places=2,
        help_text="For a flat amount per month, or an amount per student.",
    )  # fmt: skip
    payment_days = forms.IntegerField(label="Days until payment", min_value=0, max_value=365, initial=30)
    effective_on = forms.DateField(
        label="In force from", required=False, widget=DAY, help_text="Empty: from the day of the last signature."
    )
    expires_on = forms.DateField(
        label="In force until", required=False, widget=DAY, help_text="The last day. Empty: until a party ends it."
    )

    def terms(self) -> Terms:
        """Return the terms that were written."""
        return Terms(**{name: self.cleaned_data[name] for name in Terms.__dataclass_fields__})


class PaperForm(forms.Form):
    """A scan of what the holder signed on paper."""

    scan = forms.FileField(label="Scan of the signed agreement", help_text="A PDF or a picture, all pages.")
    name = forms.CharField(label="Name under the signature", max_length=150)
    title = forms.CharField(label="Title under the signature", max_length=150)
    reason = forms.CharField(label="Why on paper", max_length=REASON_LENGTH, widget=AREA)


class ConfirmForm(forms.Form):
    """Who signed for the network on paper."""

    name = forms.CharField(label="Name under the network’s signature", max_length=150)
    title = forms.CharField(label="Title under the network’s signature", max_length=150)
