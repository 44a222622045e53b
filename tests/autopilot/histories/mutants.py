"""The engine with one rule forgotten at a time: what the scenarios must notice, or they prove nothing."""

import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import pytest

from autopilot.engine import checkpoints, controls, decisions, fences, signals, steps, waits
from autopilot.engine.prepared import Prepared
from autopilot.engine.statements import postgresql, sqlite
from autopilot.sweep import expiry, leases


class Surgeon:
    """Changes the text of functions and of statements until the test is over."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self._bases: list[tuple[type, tuple[type, ...]]] = []

    def change(self, function: Callable[..., Any], *edits: tuple[str, str]) -> None:
        """Let a function run with something else where it says something, for everybody who ever imported it."""
        inner = inspect.unwrap(function)
        assert isinstance(inner, FunctionType)
        text = textwrap.dedent(inspect.getsource(inner))
        for before, after in edits:
            text = _replaced(text, before, after)
        names = dict(inner.__globals__)
        exec(text, names)
        self.monkeypatch.setattr(inner, "__code__", inspect.unwrap(names[inner.__name__]).__code__)

    def change_text(self, module: ModuleType, name: str, before: str, after: str) -> None:
        """Let a constant of a module say `after` where it says `before`."""
        constant = getattr(module, name)
        is_prepared = isinstance(constant, Prepared)
        text = _replaced(constant.text if is_prepared else constant, before, after)
        self.monkeypatch.setattr(module, name, constant._replace(text=text) if is_prepared else text)

    def change_base(self, subject: type, base: type) -> None:
        """Let a class inherit from another one."""
        self._bases.append((subject, subject.__bases__))
        subject.__bases__ = (base,)

    def restore_bases(self) -> None:
        """Undo what monkeypatch cannot."""
        for subject, bases in self._bases:
            subject.__bases__ = bases


def _replaced(text: str, before: str, after: str) -> str:
    assert text.count(before) == 1, (
        f"This mutant fits the engine no more: {before!r} stands there {text.count(before)}×."
    )
    return text.replace(before, after)


Mutant = Callable[[Surgeon], None]


def settles_without_the_epoch(surgeon: Surgeon) -> None:
    surgeon.change_text(sqlite, "OWNED", "epoch = ?", "epoch >= ?")
    surgeon.change_text(postgresql, "SETTLE", "AND epoch = done_epoch ", "")


def fences_without_the_epoch(surgeon: Surgeon) -> None:
    surgeon.change(fences.renew, ("epoch=job.epoch, ", ""))
    surgeon.change_text(fences, "STATE", " AND epoch = %s", " AND epoch >= %s")


def fences_without_the_lease(surgeon: Surgeon) -> None:
    surgeon.change(fences.renew, (", lease_until__gt=DatabaseNow()", ""))


def fences_by_status_alone(surgeon: Surgeon) -> None:
    surgeon.change(fences.renew, ("epoch=job.epoch, lease_until__gt=DatabaseNow()", ""))
    surgeon.change_text(fences, "STATE", " AND epoch = %s", " AND epoch >= %s")


def fences_and_settles_without_the_epoch(surgeon: Surgeon) -> None:
    fences_by_status_alone(surgeon)
    settles_without_the_epoch(surgeon)


def suspends_by_an_ordinary_exception(surgeon: Surgeon) -> None:
    surgeon.change_base(signals.RunEnded, Exception)


def calls_without_an_intent(surgeon: Surgeon) -> None:
    surgeon.change(
        steps.Memo.intend,
        (
            'return self._insert(key, Effect.ONCE, {"round": round_number}, Step.State.STARTED)',
            'return Step(epoch=self.job.epoch, output={"round": round_number})',
        ),
    )
    surgeon.change(
        steps.Memo.finish,
        ("self._steps().filter(key=key).update(", "self.store(key, Effect.ONCE, stored)\n        dict("),
    )


def decides_and_wakes_in_two_transactions(surgeon: Surgeon) -> None:
    surgeon.change(decisions.decide, ("with counted_denials(), transaction.atomic():", "if True:"))


def forgets_four_eyes(surgeon: Surgeon) -> None:
    surgeon.change(decisions.require_entitled, ("if not editing and reviewer.person", "if False and reviewer.person"))


def forgets_four_eyes_in_the_database_too(surgeon: Surgeon) -> None:
    forgets_four_eyes(surgeon)
    surgeon.change(
        decisions._record,
        ("requester_id=checkpoint.requester_id,", ""),
        ("last_editor_id=checkpoint.last_editor_id,", ""),
    )


def stores_the_memo_after_the_effect(surgeon: Surgeon) -> None:
    surgeon.change(
        steps.run_transaction,
        (
            """\
        output = memo.store(key, Effect.TRANSACTION, memo.perform(name, function))
        reach("tx.before_commit")
""",
            """\
        output = memo.perform(name, function)
    reach("tx.before_commit")
    with memo.fenced():
        output = memo.store(key, Effect.TRANSACTION, output)
""",
        ),
    )


def lets_a_second_decision_overwrite_the_first(surgeon: Surgeon) -> None:
    surgeon.change(decisions.require_entitled, ("if not checkpoint.is_pending:", "if False:"))
    surgeon.change(decisions._close, ("Checkpoint.objects.pending().filter(", "Checkpoint.objects.filter("))


def counts_votes_for_older_versions(surgeon: Surgeon) -> None:
    surgeon.change(decisions._final_status, ("payload_version=checkpoint.payload_version, ", ""))


def expires_without_waking(surgeon: Surgeon) -> None:
    surgeon.change(expiry.expire, ("_move_job(checkpoint)", "pass"))


def reaps_the_living(surgeon: Surgeon) -> None:
    surgeon.change(leases.reap, (', "lease_until__lte": DatabaseNow()', ""))


def reaps_without_the_epoch(surgeon: Surgeon) -> None:
    surgeon.change(leases.reap, ('"epoch": job.epoch, ', ""))


def suspends_after_an_old_look(surgeon: Surgeon) -> None:
    surgeon.change(
        checkpoints._decided,
        (
            """\
        if checkpoint.is_pending:
            suspend_for(""",
            """\
    waits.reach("suspend.after_the_look")
    with memo.fenced():
        if checkpoint.is_pending:
            suspend_for(""",
        ),
    )


def overlooks_an_answer_while_it_asks(surgeon: Surgeon) -> None:
    surgeon.change(waits.await_answer, ("overlooked = _answers(memo.job) != seen", "overlooked = False"))


def claims_whatever_the_status(surgeon: Surgeon) -> None:
    # The queue's index holds pending jobs alone, and SQLite refuses to look for others in it.
    surgeon.change_text(sqlite, "CANDIDATES", "INDEXED BY job_claim ", "")
    surgeon.change_text(sqlite, "CANDIDATES", "WHERE job.status = 'pending' AND", "WHERE")
    surgeon.change_text(postgresql, "CLAIM", "WHERE job.status = 'pending' AND", "WHERE")


def claims_a_lost_job_together_with_others(surgeon: Surgeon) -> None:
    surgeon.change(sqlite._is_sociable, ("crashes == 0 and ", ""))
    surgeon.change_text(postgresql, "CLAIM", "AND job.crashes = 0 ", "")


def cancels_and_leaves_the_question(surgeon: Surgeon) -> None:
    surgeon.change(controls.close_checkpoints, ("Checkpoint.objects.pending()", "Checkpoint.objects.none()"))


MUTANTS: tuple[Mutant, ...] = (
    settles_without_the_epoch,
    fences_without_the_epoch,
    fences_without_the_lease,
    fences_by_status_alone,
    fences_and_settles_without_the_epoch,
    suspends_by_an_ordinary_exception,
    calls_without_an_intent,
    decides_and_wakes_in_two_transactions,
    forgets_four_eyes_in_the_database_too,
    stores_the_memo_after_the_effect,
    lets_a_second_decision_overwrite_the_first,
    counts_votes_for_older_versions,
    expires_without_waking,
    reaps_the_living,
    reaps_without_the_epoch,
    suspends_after_an_old_look,
    overlooks_an_answer_while_it_asks,
    claims_whatever_the_status,
    claims_a_lost_job_together_with_others,
    cancels_and_leaves_the_question,
)
