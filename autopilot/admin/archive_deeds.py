"""What staff do to archived documents, each with its reason: hold, lift the hold, propose and decide a disposal."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from autopilot import clock
from autopilot.admin.deeds import Answers, Deed, Do, ReasonForm
from autopilot.documents import disposal, retention
from autopilot.exceptions import ControlRefused


class ReportForm(ReasonForm):
    """When the final report was submitted, and how one knows."""

    submitted_on = forms.DateField(
        label="Submitted on",
        initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The day on which the award’s final financial report was submitted.",
    )


def told(deed: Callable[..., Any], outcome: str) -> Do:
    """Return a service as a deed of a list: its refusals are told row by row."""

    def do(by: User, row: Any, answers: Answers) -> str:
        try:
            deed(row, by=by, **answers)
        except ValidationError as refusal:
            raise ControlRefused(" ".join(refusal.messages)) from refusal
        return outcome

    return do


def _foresee_approval(by: User, row: Any, answers: Answers) -> str:
    """Say what an approval would do; a look ahead must not destroy a file."""
    if row.decided_at is not None:
        raise ControlRefused("It was decided already.")
    if row.proposed_by_id == by.pk:
        raise ControlRefused("Who proposed it cannot decide it; another person must.")
    try:
        disposal.require_over(row.document)
    except ValidationError as refusal:
        raise ControlRefused(" ".join(refusal.messages)) from refusal
    return "Its file is destroyed for good."


HOLD = Deed(
    "Set legal hold",
    "Held",
    "A held document is kept, whatever its retention says, until somebody lifts the hold.",
    told(retention.set_hold, "It is kept until the hold is lifted."),
)
LIFT = Deed(
    "Lift legal hold",
    "Released",
    "Without the hold, a document is kept as long as its retention says.",
    told(retention.lift_hold, "Its retention counts again."),
)
PROPOSE = Deed(
    "Propose disposal",
    "Proposed",
    "A second person decides. Only the file is destroyed; what it was stays in the record.",
    told(disposal.propose, "Another person decides about it."),
    danger=True,
)
APPROVE = Deed(
    "Destroy the file of",
    "Destroyed",
    "The file is destroyed for good. What it was stays in the record and in the ledger.",
    told(disposal.approve, "Its file is destroyed."),
    foresee=_foresee_approval,
    danger=True,
)
REFUSE = Deed(
    "Refuse disposal of",
    "Refused",
    "The file is kept; its disposal may be proposed again.",
    told(disposal.refuse, "Its file is kept."),
)
REPORT = Deed(
    "Record final report of",
    "Recorded",
    "From that day the years run for which the award’s records must be kept (2 CFR 200.334). It cannot be changed later.",
    told(retention.record_final_report, "The years run from that day."),
    form=ReportForm,
)
