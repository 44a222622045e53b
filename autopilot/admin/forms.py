"""What a person enters at a checkpoint."""

from typing import Any

from django import forms

from autopilot.admin.fields import TextField
from autopilot.models import Checkpoint


class DecisionForm(forms.Form):
    """A person's verdict, on the version that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    comment = TextField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="A rejection needs a reason. Whoever asked for this is told it.",
    )

    def __init__(self, data: Any = None, *, checkpoint: Checkpoint, comment: str = "") -> None:
        super().__init__(data, initial={"version": checkpoint.payload_version, "comment": comment})

    def found(self) -> dict[str, str]:
        """Return what was found out besides the verdict: nothing at an approval."""
        return {}


class ReconcileForm(DecisionForm):
    """What a person found out about an effect of which nobody knows whether it happened."""

    number = forms.CharField(
        required=False,
        max_length=100,
        label="Receipt number",
        widget=forms.TextInput(attrs={"class": "medium", "autocomplete": "off"}),
        help_text="As the other side shows it. Needed if it happened.",
    )
    field_order = ["version", "number", "comment"]

    def __init__(self, data: Any = None, *, checkpoint: Checkpoint, comment: str = "") -> None:
        super().__init__(data, checkpoint=checkpoint, comment=comment)
        self.fields["comment"].help_text = "What you looked at, for those who read this later."
        if "older_steps" in checkpoint.payload:  # whether a renamed step is the same one has no number
            del self.fields["number"]

    def found(self) -> dict[str, str]:
        """Return the number, if one was found."""
        number = self.cleaned_data.get("number", "")
        return {"number": number} if number else {}


def decision_form(checkpoint: Checkpoint) -> type[DecisionForm]:
    """Return the form of a checkpoint's kind."""
    return ReconcileForm if checkpoint.kind == Checkpoint.Kind.RECONCILE else DecisionForm
