"""Upload a paper."""

from django import forms


class PaperForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label="File", help_text="A PDF, or a picture from your phone; up to 10 MB.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )  # fmt: skip
