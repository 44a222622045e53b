"""The switches of the sandbox portal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

DECISIONS = ("approved", "denied", "refused")
MOST = 1_000_000


@dataclass(frozen=True)
class Behavior:
    """How the portal treats what comes next.

    honors_idempotency: whether a repeated Idempotency-Key is taken once.
    delay_ms: milliseconds between storing a packet and answering.
    fail_times: how many further packets are answered with `fail_status` and not stored.
    fail_status, retry_after: that status, 400 to 599, and the seconds of its Retry-After; null for none.
    drop_times: how many further packets are stored and then left without an answer, the connection cut.
    hang: whether packets are neither stored nor answered while this is on.
    refuse_reasons: if any, packets are refused with them.
    accept_after: seconds after which a received packet counts as accepted for examination; null for never.
    decide_after: seconds after which a packet without a decision gets one; null for never.
    decision, decision_reasons: that decision (approved, denied or refused) and its reasons.
    callback: whether decisions are called out, where a callback address was given.
    """

    honors_idempotency: bool = True
    delay_ms: int = 0
    fail_times: int = 0
    fail_status: int = 500
    retry_after: int | None = None
    drop_times: int = 0
    hang: bool = False
    refuse_reasons: list[str] = field(default_factory=list)
    accept_after: float | None = None
    decide_after: float | None = None
    decision: str = "approved"
    decision_reasons: list[str] = field(default_factory=list)
    callback: bool = True


def changed(behavior: Behavior, changes: object) -> Behavior:
    """Return a behavior with the named switches set; raise ValueError, naming the switch, for what does not fit."""
    if not isinstance(changes, Mapping):
        raise ValueError("Send a JSON object of switches.")
    unknown = sorted(set(changes) - {switch.name for switch in fields(Behavior)})
    if unknown:
        raise ValueError(f"There is no switch named {', '.join(unknown)}.")
    for name, value in changes.items():
        allows, wanted = RULES[name]
        if not allows(value):
            raise ValueError(f"{name} must be {wanted}.")
    return replace(behavior, **changes)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST


def _is_seconds(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and 0 <= value <= MOST)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 50 and all(isinstance(text, str) and text for text in value)


Rule = tuple[Callable[[Any], bool], str]
FLAG: Rule = (_is_flag, "true or false")
COUNT: Rule = (_is_count, f"a whole number from 0 to {MOST}")
SECONDS: Rule = (_is_seconds, f"null or a number of seconds from 0 to {MOST}")
TEXTS: Rule = (_is_texts, "a list of at most 50 texts")
RULES: Mapping[str, Rule] = {
    "honors_idempotency": FLAG,
    "delay_ms": COUNT,
    "fail_times": COUNT,
    "fail_status": (lambda value: _is_count(value) and 400 <= value <= 599, "a status from 400 to 599"),
    "retry_after": (lambda value: value is None or _is_count(value), "null or a whole number of seconds"),
    "drop_times": COUNT,
    "hang": FLAG,
    "refuse_reasons": TEXTS,
    "accept_after": SECONDS,
    "decide_after": SECONDS,
    "decision": (lambda value: value in DECISIONS, f"one of {', '.join(DECISIONS)}"),
    "decision_reasons": TEXTS,
    "callback": FLAG,
}
