"""At most once, then ask: an outside that knows no idempotency is never called blindly a second time."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from autopilot import restores
from autopilot.engine import checkpoints, waits
from autopilot.engine.checkpoints import Request
from autopilot.engine.faults import reach
from autopilot.engine.steps import Memo
from autopilot.engine.waits import Suspend
from autopilot.exceptions import HandlerMistake, Invalid, Retryable, Snooze
from autopilot.models.checkpoints import Checkpoint
from autopilot.models.jobs import Job, Step, WaitReason

HAPPENED = Checkpoint.Status.HAPPENED
OPERATORS = ("Operator",)
CUT_OFF = "The process or the connection ended before the other side had answered."
RESTORED = (
    "This installation was restored from a backup. Of what was done after the backup was made nothing is known, and "
    "this may be among it."
)
Call = Callable[[], object]


def run_once(memo: Memo, suspend_for: Suspend, name: str, function: Call, probe: Call | None) -> Any:
    """Return what the call returned, now or in an earlier run, or what a person found out about it.

    An intent is stored before the call. A later run that finds an unfinished intent does not call: it probes, and
    where that tells nothing a person says whether it happened. The first call of a job that is older than a restore
    from a backup is in doubt in the same way, even though no intent of it was kept.
    """
    key = memo.key(name, Step.Effect.ONCE)
    step = _begin(memo, suspend_for, key)
    if step.state == Step.State.DONE:
        return step.output
    begun: dict[str, int] = step.output or {}
    # An intent of this very run was not followed by a call yet: not by one that our books know of.
    is_new = step.epoch == memo.job.epoch and not _is_in_doubt(memo.job, begun["round"])
    go_on = _attempt if is_new else _resolve
    return go_on(memo, suspend_for, key, begun["round"], function, probe)


def _is_in_doubt(job: Job, number: int) -> bool:
    """Return whether the call may have happened in the time that a restore took from our books; asked once, not again."""
    return number == 1 and restores.is_in_doubt(job.created_at)


def _begin(memo: Memo, suspend_for: Suspend, key: str) -> Step:
    step = memo.find(key, Step.Effect.ONCE)
    if step is None:
        renamed = memo.unvisited_once()
        return _migrate(memo, suspend_for, key, renamed) if renamed else _begin_anew(memo, key)
    if step.state != Step.State.DONE:
        memo.look()
    return step


def _begin_anew(memo: Memo, key: str) -> Step:
    with memo.fenced():
        step = _intend(memo, key)
    reach("once.after_intent")
    return step


def _intend(memo: Memo, key: str) -> Step:
    # A question that was answered already is about an earlier call: each call that is in doubt has its own.
    return memo.intend(key, checkpoints.count(memo, _question_key(key, "")) + 1)


def _attempt(memo: Memo, suspend_for: Suspend, key: str, number: int, function: Call, probe: Call | None) -> Any:
    reach("once.before_call")
    try:
        result = memo.perform(key, function)
    except (Retryable, Invalid, Snooze):
        # The other side said no, or was never reached: there is nothing to find out.
        memo.forget(key)
        raise
    except Exception:  # noqa: BLE001 (whatever else went wrong, nobody knows what the other side did)
        return _resolve(memo, suspend_for, key, number, function, probe)
    reach("once.after_call")
    output = memo.finish(key, result)
    reach("once.after_commit")
    return output


def _resolve(memo: Memo, suspend_for: Suspend, key: str, number: int, function: Call, probe: Call | None) -> Any:
    found = _found(memo, key, probe) if probe is not None else None
    if found is not None:
        return memo.finish(key, found)
    checkpoint = checkpoints.reconcile(memo, suspend_for, _question_key(key, number), _question(memo.job, key, number))
    if checkpoint.status == HAPPENED:
        return memo.finish(key, _told(checkpoint))
    memo.begin_again(key, number + 1)
    return _attempt(memo, suspend_for, key, number + 1, function, probe)


def _found(memo: Memo, key: str, probe: Call) -> object:
    try:
        return memo.perform(key, probe)
    except Snooze:
        # The other side is not asked just now; to look again later costs no attempt.
        raise
    except Exception as error:
        if memo.job.attempt < memo.job.max_attempts and not isinstance(error, Invalid | HandlerMistake):
            raise
        # The other side cannot be asked, and no attempt is left for it: a person can find out.
        return None


def ask_after_the_last_crash(job: Job, guard: Mapping[str, Any], error: str) -> bool:
    """Let a running job wait for a person, instead of failing, if its process died with a call in doubt.

    `guard` describes the run that died, `error` is for its attempt. Returns whether the job waits.
    """
    step = Step.objects.filter(job=job, generation=job.generation, state=Step.State.STARTED).first()
    if step is None:
        return False
    begun: dict[str, int] = step.output or {}
    key, question = _question_key(step.key, begun["round"]), _question(job, step.key, begun["round"])
    try:
        with transaction.atomic():
            waits_now = waits.put_down(job, WaitReason.CHECKPOINT, guard, attempt_error=error)
            asked = waits_now and checkpoints.ask(job, key, question)
            transaction.set_rollback(not asked)
    except HandlerMistake:
        # There are no operators to ask.
        return False
    return asked


def _migrate(memo: Memo, suspend_for: Suspend, key: str, renamed: list[str]) -> Step:
    question = Request(
        title=f"Is “{key}” the step that was called “{renamed[0]}”?",
        payload={"step": key, "older_steps": renamed, "handler_version": memo.job.handler_version},
        reviewers=OPERATORS,
        summary="The code changed while this job waited, and a step that must not happen twice has another name now. "
        "“It happened” says that it is the same step, whose outcome counts; “It did not happen” runs the new one.",
    )
    checkpoint = checkpoints.reconcile(memo, suspend_for, f"{key}:migrate", question)
    with memo.fenced():
        return memo.take_over(renamed[0], key) if checkpoint.status == HAPPENED else _intend(memo, key)


def _question_key(key: str, number: int | str) -> str:
    return f"{key}:reconcile:{number}"


def _question(job: Job, key: str, number: int) -> Request:
    why = RESTORED if _is_in_doubt(job, number) else CUT_OFF
    return Request(
        title=f"Did “{key}” happen?",
        payload={"step": key, "round": number, "kind": job.kind, "subject": job.payload},
        reviewers=OPERATORS,
        summary=f"{why} Look there, and say what you found. If it happened, write down its receipt; if it did not, it "
        "is done again.",
    )


def _told(checkpoint: Checkpoint) -> dict[str, Any]:
    outcome = checkpoint.outcome or {}
    return {"number": outcome.get("data", {}).get("number", ""), "confirmed_by": outcome.get("by_label", "")}
