"""What operators do to jobs, each with its reason: cancel, hold, release, requeue."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from autopilot import canaries, engine
from autopilot.admin.deeds import Answers, Deed, ReasonForm
from autopilot.engine import Requeue
from autopilot.exceptions import ControlRefused
from autopilot.models import FINAL, Job, JobStatus

MODES = {
    Requeue.RESUME: "Go on where it stopped: finished steps are not done again",
    Requeue.FROM_STEP: "From a step on: that step and those after it are done again",
    Requeue.RESTART: "Start over: everything is done again, and people are asked again",
}


class RequeueForm(ReasonForm):
    """Why a job goes on, and from where; from a step only where one job was chosen that has stored some."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = self._steps()
        modes = [(mode, words) for mode, words in MODES.items() if steps or mode != Requeue.FROM_STEP]
        self.fields["mode"] = forms.ChoiceField(
            label="From where", widget=forms.RadioSelect, initial=Requeue.RESUME, choices=modes
        )
        if steps:
            self.fields["step"] = forms.ChoiceField(
                label="Step",
                required=False,
                choices=[("", "Choose a step"), *((key, key) for key in steps)],
                help_text="Only if it goes on from a step.",
            )

    def clean(self) -> Answers:
        """Ask for the step where one is needed."""
        entered: Answers = super().clean() or self.cleaned_data
        if entered.get("mode") == Requeue.FROM_STEP and "step" in entered and not entered["step"]:
            self.add_error("step", "Choose the step from which it goes on.")
        return entered

    def _steps(self) -> list[str]:
        if len(self.rows) != 1 or not isinstance(job := self.rows[0], Job):
            return []
        return list(job.steps.filter(generation=job.generation).order_by("pk").values_list("key", flat=True))


def _cancel(by: User, job: Job, answers: Answers) -> str:
    if job.status in FINAL:
        raise ControlRefused(f"It is {job.get_status_display().lower()} already.")
    status = engine.cancel(job.pk, actor=by, reason=answers["reason"])
    return "It stops at its next step." if status == JobStatus.RUNNING else "It is cancelled at once."


def _hold(by: User, job: Job, answers: Answers) -> str:
    engine.hold(job.pk, actor=by, reason=answers["reason"])
    return "Nobody runs it until it is released."


def _release(by: User, job: Job, answers: Answers) -> str:
    engine.release(job.pk, actor=by, reason=answers["reason"])
    return "It goes on."


def _retry(by: User, job: Job, answers: Answers) -> str:
    return _requeue(by, job, answers | {"mode": Requeue.RESUME, "step": ""})


def _foresee_retry(by: User, job: Job, answers: Answers) -> str:
    return f"{_retry(by, job, answers)}{_done_outside(job)}"


def _send_canary(by: User, job: Job, answers: Answers) -> str:
    canaries.send_canary(job, by=by, reason=answers["reason"])
    return "It is back in the queue."


def _requeue(by: User, job: Job, answers: Answers) -> str:
    mode = Requeue(answers["mode"])
    engine.requeue(job.pk, actor=by, reason=answers["reason"], mode=mode, step=answers.get("step", ""))
    return "It is back in the queue."


def _foresee_requeue(by: User, job: Job, answers: Answers) -> str:
    done = _done_outside(job)
    try:
        engine.requeue(job.pk, actor=by, reason=answers["reason"])
    except ControlRefused as refusal:
        engine.requeue(job.pk, actor=by, reason=answers["reason"], mode=Requeue.RESTART)
        return f"It can only start over. {refusal}{done}"
    return f"It can go on where it stopped, or start over.{done}"


def _done_outside(job: Job) -> str:
    outside = ", ".join(f"“{step.key}”" for step in engine.effects_done(job))
    return f" It has already done, or begun, outside: {outside}." if outside else ""


RETRY = Deed(
    "Retry",
    "Retried",
    "A job that failed or was cancelled goes on where it stopped, with fresh attempts. Finished steps are not done again.",
    _retry,
    foresee=_foresee_retry,
)
CANCEL = Deed(
    "Cancel",
    "Cancelled",
    "A job that nobody runs ends at once, with its parts and its open checkpoints. One that runs ends at its next step.",
    _cancel,
    danger=True,
)
HOLD = Deed("Hold", "Held", "A held job waits until an operator releases it. One that runs cannot be held.", _hold)
RELEASE = Deed("Release", "Released", "A released job goes on.", _release)
REQUEUE = Deed(
    "Requeue",
    "Requeued",
    "A job that failed or was cancelled goes on with fresh attempts.",
    _requeue,
    foresee=_foresee_requeue,
    form=RequeueForm,
)
CANARY = Deed(
    "Retry one",
    "Retried as a canary",
    "One job of the group goes on where it stopped. How it fares is told on the page of failures.",
    _send_canary,
    foresee=_foresee_retry,
)
DEEDS = {"retry": RETRY, "requeue": REQUEUE, "cancel": CANCEL, "hold": HOLD, "release": RELEASE}


def deeds_of(job: Job) -> list[tuple[str, Deed]]:
    """Return what can be done to a job as it stands, each by its name in addresses."""
    if job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
        names = ["retry", "requeue"]
    elif job.status in FINAL:
        names = []
    elif job.held_at:
        names = ["release", "cancel"]
    else:
        names = ["cancel"] if job.status == JobStatus.RUNNING else ["hold", "cancel"]
    return [(name, DEEDS[name]) for name in names]
