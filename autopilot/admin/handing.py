"""What a reviewer does at a checkpoint besides deciding: take it in hand, put it back, give it, say something."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from autopilot import engine
from autopilot.admin.fields import TextField
from autopilot.engine.reviewers import DECIDE, possible_reviewers
from autopilot.exceptions import AssignmentRefused, DecisionRefused, FormInvalid
from autopilot.models import Checkpoint

ASSIGN = "autopilot.assign_checkpoint"
STATUS_OF_REFUSAL = {
    "not_allowed": HTTPStatus.FORBIDDEN,
    "four_eyes": HTTPStatus.FORBIDDEN,
    "form_invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
}
Answers = dict[str, Any]


class CheckpointForm(forms.Form):
    """A form about one checkpoint; as it stands, it only asks to be sent."""

    def __init__(self, data: Any = None, *, checkpoint: Checkpoint) -> None:
        super().__init__(data, auto_id=f"id_{type(self).__name__.lower()}_%s")
        self.checkpoint = checkpoint


class ReleaseForm(CheckpointForm):
    """Why somebody else's checkpoint is put back."""

    reason = forms.CharField(required=False, max_length=200, help_text="Kept with your name.")


class AssignForm(CheckpointForm):
    """To whom a checkpoint is given, and why; and who had it when the page was opened."""

    to = forms.ModelChoiceField(
        User.objects.none(),
        label="Give it to",
        empty_label="Choose a reviewer",
        error_messages={
            "required": "Choose who gets it.",
            "invalid_choice": "This person could not decide it. Choose somebody else.",
        },
    )
    reason = forms.CharField(max_length=200, error_messages={"required": "Say why; those who come after you read it."})
    held_by = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, checkpoint: Checkpoint) -> None:
        super().__init__(data, checkpoint=checkpoint)
        self.initial = {"held_by": checkpoint.assignee_id}
        chosen: Any = self.fields["to"]
        chosen.queryset = possible_reviewers(checkpoint).exclude(pk=checkpoint.assignee_id or 0)


class CommentForm(CheckpointForm):
    """What somebody says about the version at hand."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    text = TextField(
        label="To your colleagues",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what you want to say."},
    )

    def __init__(self, data: Any = None, *, checkpoint: Checkpoint) -> None:
        super().__init__(data, checkpoint=checkpoint)
        self.initial = {"version": checkpoint.payload_version}


def _claim(by: User, checkpoint: Checkpoint, answers: Answers) -> str:
    engine.claim(checkpoint.pk, actor=by)
    return "You have it in hand. Others still may decide it."


def _release(by: User, checkpoint: Checkpoint, answers: Answers) -> str:
    engine.release_claim(checkpoint.pk, actor=by, reason=answers["reason"])
    return "It is free for everybody again."


def _assign(by: User, checkpoint: Checkpoint, answers: Answers) -> str:
    to, reason = answers["to"], answers["reason"]
    engine.assign(checkpoint.pk, actor=by, to=to, reason=reason, held_by=answers["held_by"])
    return f"Given to {to.get_username()}."


def _comment(by: User, checkpoint: Checkpoint, answers: Answers) -> str:
    engine.comment(checkpoint.pk, actor=by, text=answers["text"])
    return "Your comment is kept with the checkpoint."


def _ask_for_changes(by: User, checkpoint: Checkpoint, answers: Answers) -> str:
    engine.ask_for_changes(checkpoint.pk, actor=by, version=answers["version"], text=answers["text"])
    return f"Changes are asked for. Nobody else can approve version {answers['version']} now."


@dataclass(frozen=True)
class Handing:
    """A deed: the form it needs, the name under which the page shows it, and the service that does it.

    `needs` is the permission without which the form is not even read; the service asks for all that is needed.
    """

    form: type[CheckpointForm]
    shown_as: str
    do: Callable[[User, Checkpoint, Answers], str]
    needs: str = "autopilot.view_checkpoint"


HANDINGS = {
    "claim": Handing(CheckpointForm, "claim_form", _claim),
    "release": Handing(ReleaseForm, "release_form", _release),
    "assign": Handing(AssignForm, "assign_form", _assign, ASSIGN),
    "comment": Handing(CommentForm, "comment_form", _comment, DECIDE),
    "changes": Handing(CommentForm, "comment_form", _ask_for_changes, DECIDE),
}


@dataclass(frozen=True)
class Handed:
    """What came of a deed: what to tell when it was done, else the status and the form with what was refused."""

    told: str = ""
    status: HTTPStatus = HTTPStatus.OK
    shown: Mapping[str, Any] | None = None


def take(name: str, by: User, checkpoint: Checkpoint, posted: Any) -> Handed:
    """Do a deed by its name with what was posted; what is refused is said in its form.

    Raises PermissionDenied for who may not do it at any checkpoint.
    """
    handing = HANDINGS[name]
    if not by.has_perm(handing.needs):
        raise PermissionDenied
    form = handing.form(posted, checkpoint=checkpoint)
    if not form.is_valid():
        return Handed("", HTTPStatus.UNPROCESSABLE_ENTITY, {handing.shown_as: form})
    try:
        return Handed(handing.do(by, checkpoint, form.cleaned_data))
    except FormInvalid as refusal:
        for field, message in (refusal.errors or {"": str(refusal)}).items():
            form.add_error(field if field in form.fields else None, message)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    except (DecisionRefused, AssignmentRefused) as refusal:
        form.add_error(None, str(refusal))
        status = STATUS_OF_REFUSAL.get(getattr(refusal, "code", ""), HTTPStatus.CONFLICT)
    return Handed("", status, {handing.shown_as: form})


def offered(checkpoint: Checkpoint, by: User, *, may_decide: bool) -> dict[str, Any]:
    """Return the forms of what a person may do at a checkpoint besides deciding; None for what is not offered."""
    pending, mine = checkpoint.is_pending, checkpoint.assignee_id == by.pk
    held, assigns = checkpoint.assignee_id is not None, by.has_perm(ASSIGN)
    offers = {
        "claim_form": pending and may_decide and not held,
        "release_form": pending and held and (mine or assigns),
        "assign_form": pending and assigns,
        "comment_form": by.has_perm(DECIDE),
    }
    made = {handing.shown_as: handing.form for handing in HANDINGS.values()}
    return {name: made[name](checkpoint=checkpoint) if offer else None for name, offer in offers.items()}
