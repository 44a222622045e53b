"""Forms of requirements: the upload of a proof, and the reviewer's verdict."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from programs.models import Requirement
from programs.services.requirements import MOST_FILES

ACCEPT = ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"


class SeveralFilesInput(forms.ClearableFileInput):
    """A field that takes several files."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Several files, as a list; what is wrong with one of them is for the service to say."""

    widget = SeveralFilesInput(attrs={"accept": ACCEPT, "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """Return the files that were chosen; raises ValidationError if none was."""
        chosen = data if isinstance(data, list | tuple) else [data] if data else []
        if not chosen:
            super().clean(None, initial)
        return list(chosen)


class ProofForm(forms.Form):
    """Files, and the last day on which they are good where the type expires."""

    files = SeveralFilesField(  # type: ignore[assignment]  # Django's forms have their own `files` beside the fields
        help_text=f"PDF, PNG or JPEG, up to {MOST_FILES} files of 10 MB each.",
        error_messages={"required": "Choose at least one file."},
    )
    expires_on = forms.DateField(
        label="Good until",
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}),
        help_text="The last day on which it is good, as it stands on the document.",
        error_messages={"required": "Enter the last day on which it is good; it stands on the document."},
    )

    def __init__(self, *args: Any, requirement: Requirement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not requirement.type.expires:
            del self.fields["expires_on"]


class VerdictForm(forms.Form):
    """What a reviewer says of a proof; `seen` names the newest file that was on the page."""

    seen = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": "Nothing has been uploaded yet."})
    expires_on = forms.DateField(
        label="Good until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}),
        help_text="As it stands on the document; needed to accept it.",
    )
    remark = forms.CharField(
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The holder reads it. Needed to send the proof back: what is wrong, and what to send instead.",
    )

    def __init__(self, *args: Any, requirement: Requirement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not requirement.type.expires:
            del self.fields["expires_on"]
