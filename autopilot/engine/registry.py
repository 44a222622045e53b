"""What the apps bring: handlers by kind, review forms by name, messages by topic."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.core.mail import EmailMessage

from autopilot.engine.payloads import PayloadSignature, Schema, signature_of
from autopilot.exceptions import HandlerMistake, UnknownKind
from autopilot.models.jobs import GREATEST_PRIORITY, LEAST_PRIORITY, ORDINARY_PRIORITY

Function = TypeVar("Function", bound=Callable[..., Any])
Payload = dict[str, Any]

KIND = re.compile(r"[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]*)+")
LONGEST_KIND = 100


@dataclass(frozen=True)
class Handler:
    """The function that performs a kind, and how the engine treats its jobs."""

    kind: str
    function: Callable[..., Any]
    signature: PayloadSignature
    version: int
    max_attempts: int
    max_crashes: int
    priority: int
    timeout: timedelta
    slots: int
    result: Schema
    requestable: bool
    alone: bool

    @property
    def worker(self) -> str:
        """The family the kind belongs to."""
        return worker_of(self.kind)


@dataclass(frozen=True)
class ReviewForm:
    """What a reviewer may amend about a checkpoint's payload, and how the rest follows from it."""

    name: str
    schema: dict[str, Any]
    complete: Callable[[Payload], Payload]


_handlers: dict[str, Handler] = {}
_forms: dict[str, ReviewForm] = {}
_messages: dict[str, Callable[..., EmailMessage]] = {}
_told_outside: dict[str, bool] = {}


def worker_of(kind: str) -> str:
    """Return the family of a kind: what stands before its first dot."""
    return kind.partition(".")[0]


def handler(
    kind: str,
    *,
    version: int = 1,
    max_attempts: int = 3,
    max_crashes: int = 3,
    priority: int = ORDINARY_PRIORITY,
    timeout: timedelta = timedelta(minutes=10),
    slots: int = 1,
    result: Schema | None = None,
    requestable: bool = False,
    alone: bool = False,
) -> Callable[[Function], Function]:
    """Register the function that performs a kind.

    `max_attempts` counts executions, `max_crashes` the processes that died in it, `timeout` bounds one attempt,
    `slots` is how many of its jobs with one `concurrency_key` may run at once. `result` is the JSON Schema of what it
    returns: what is marked writeOnly there, or annotated SENSITIVE in its parameters, is shown to nobody. `requestable`
    lets a tenant ask for such jobs itself. One that is to be `alone` is never claimed together with others, however
    short its runs are.
    Raises HandlerMistake for a kind that is malformed or taken, for an option out of its range, and for parameters that
    cannot be stored.
    """
    _check_kind(kind)
    if not LEAST_PRIORITY <= priority <= GREATEST_PRIORITY:
        raise HandlerMistake(f"The priority of {kind} must be {LEAST_PRIORITY} to {GREATEST_PRIORITY}.")
    if min(version, max_attempts, max_crashes, slots) < 1 or timeout < timedelta(seconds=1):
        raise HandlerMistake(f"version, max_attempts, max_crashes, slots and seconds of {kind} must be at least 1.")

    def register(function: Function) -> Function:
        if kind in _handlers and _handlers[kind].function is not function:
            raise HandlerMistake(f"The kind {kind} has two handlers.")
        _handlers[kind] = Handler(
            kind,
            function,
            signature_of(function),
            version,
            max_attempts,
            max_crashes,
            priority,
            timeout,
            slots,
            result or {},
            requestable,
            alone,
        )
        return function

    return register


def _check_kind(kind: str) -> None:
    if not KIND.fullmatch(kind) or len(kind) > LONGEST_KIND:
        raise HandlerMistake(f"{kind!r} is no kind: write worker.verb, in small letters.")


def find_handler(kind: str) -> Handler:
    """Return the handler of a kind; raises UnknownKind, naming the nearest known ones."""
    if kind not in _handlers:
        raise UnknownKind(f"No handler is registered for the kind {kind!r}. Known: {', '.join(kinds()) or 'none'}.")
    return _handlers[kind]


def may_share(kind: str) -> bool:
    """Return whether jobs of a kind may be claimed together with others."""
    return kind in _handlers and not _handlers[kind].alone


def kinds() -> list[str]:
    """Return every registered kind, sorted."""
    return sorted(_handlers)


def workers() -> list[str]:
    """Return every family that has a kind, sorted."""
    return sorted({worker_of(kind) for kind in _handlers})


def review_form(name: str, *, schema: dict[str, Any], complete: Callable[[Payload], Payload] = dict) -> ReviewForm:
    """Register a form for amending checkpoints.

    `schema` is the JSON Schema (an object with properties) of the fields a reviewer may edit; `complete` makes what
    follows from them, as a rendered document's digest. It runs outside a transaction and must be safe to repeat.
    """
    _forms[name] = ReviewForm(name, schema, complete)
    return _forms[name]


def find_form(name: str) -> ReviewForm:
    """Return a registered form; raises HandlerMistake for an unknown one."""
    if name not in _forms:
        raise HandlerMistake(f"No review form is registered as {name!r}.")
    return _forms[name]


def message(topic: str, *, webhook: bool = False) -> Callable[[Function], Function]:
    """Register the function that builds the mail of a topic from the ids that were emitted with it.

    `webhook`: whether the tenant's webhooks are told of it too, ids alone. What is between members of staff is not.
    """

    def register(function: Function) -> Function:
        _messages[topic] = function
        _told_outside[topic] = webhook
        return function

    return register


def find_message(topic: str) -> Callable[..., EmailMessage]:
    """Return the builder of a topic's mail; raises HandlerMistake for an unknown topic."""
    if topic not in _messages:
        raise HandlerMistake(f"No message is registered for the topic {topic!r}.")
    return _messages[topic]


def topics() -> list[str]:
    """Return every registered topic, sorted."""
    return sorted(_messages)


def webhook_topics() -> list[str]:
    """Return the topics that webhooks may be told of, sorted."""
    return sorted(topic for topic, told in _told_outside.items() if told)


@contextmanager
def registered_for_test() -> Iterator[None]:
    """Forget, at the end of a block, whatever was registered in it."""
    registries: tuple[dict[str, Any], ...] = (_handlers, _forms, _messages, _told_outside)
    kept = [dict(registry) for registry in registries]
    try:
        yield
    finally:
        for registry, before in zip(registries, kept, strict=True):
            registry.clear()
            registry.update(before)
