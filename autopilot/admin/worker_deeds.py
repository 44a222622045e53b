"""What operators do to workers and schedules, each with its reason: pause, resume, run now."""

from django import forms
from django.contrib.auth.models import User

from autopilot import schedules, workers
from autopilot.admin.deeds import Answers, Deed, ReasonForm
from autopilot.models import Schedule, Worker


class PauseForm(ReasonForm):
    """Why a worker is paused, and what becomes of the jobs that run."""

    mode = forms.ChoiceField(
        label="Jobs that run now",
        widget=forms.RadioSelect,
        initial=Worker.Pause.DRAIN,
        choices=[(Worker.Pause.DRAIN, "Finish"), (Worker.Pause.STOP, "Stop at their next step, and go on later")],
    )


def _pause(by: User, worker: Worker, answers: Answers) -> str:
    workers.pause(worker, by=by, reason=answers["reason"], mode=answers["mode"])
    return "None of its jobs is started until somebody resumes it."


def _resume(by: User, worker: Worker, answers: Answers) -> str:
    workers.resume(worker, by=by, reason=answers["reason"])
    return "Its jobs are started again."


def _run_worker(by: User, worker: Worker, answers: Answers) -> str:
    count = len(workers.run_now(worker, by=by, reason=answers["reason"]))
    wait = "" if worker.enabled else " It is paused: they wait until somebody resumes it."
    return f"{count} of its schedules {'is' if count == 1 else 'are'} enqueued.{wait}"


def _run_schedule(by: User, schedule: Schedule, answers: Answers) -> str:
    schedules.run_now(schedule, by=by, reason=answers["reason"])
    wait = "" if schedule.worker.enabled else " Its worker is paused: the job waits until somebody resumes it."
    return f"A job of {schedule.kind} is enqueued.{wait}"


def _pause_schedule(by: User, schedule: Schedule, answers: Answers) -> str:
    schedules.pause(schedule, by=by, reason=answers["reason"])
    return "The calendar passes it by until somebody enables it."


def _enable_schedule(by: User, schedule: Schedule, answers: Answers) -> str:
    schedules.enable(schedule, by=by, reason=answers["reason"])
    return "It runs at its times again. If one has passed meanwhile, it catches up once."


PAUSE = Deed("Pause", "Paused", "Jobs of a paused worker wait, and lose nothing.", _pause, form=PauseForm)
RESUME = Deed("Resume", "Resumed", "Jobs of a resumed worker are started again.", _resume)
RUN_WORKER = Deed(
    "Run now", "Run", "Each enabled schedule of the worker is enqueued once, now; its own times stay.", _run_worker
)
RUN_SCHEDULE = Deed("Run now", "Run", "It is enqueued once, now; its own times stay.", _run_schedule)
PAUSE_SCHEDULE = Deed("Pause", "Paused", "A paused schedule enqueues nothing by itself.", _pause_schedule)
ENABLE_SCHEDULE = Deed("Enable", "Enabled", "An enabled schedule enqueues at its times.", _enable_schedule)
