"""Tell Sentry of errors: where they happened and of what type, and nothing of the people they happened with.

What is sent is chosen, not sorted out: of a request its method and path, of an exception its frames without their
variables and its message without what looks personal. Sending is done by a thread of its own; an outage drops events
and delays nothing.
"""

import logging
from collections.abc import Iterable
from typing import Any

import sentry_sdk
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.utils import BadDsn

from autopilot import __version__, trace
from autopilot.scrubbing import scrubbed, scrubbed_all

Event = dict[str, Any]
Hint = dict[str, Any]

LONGEST_FAREWELL = 1.0
KEPT = (
    "event_id", "timestamp", "start_timestamp", "platform", "level", "logger", "environment", "release", "type",
    "transaction", "transaction_info", "sdk", "fingerprint",
)  # fmt: skip
KEPT_OF_FRAMES = ("filename", "function", "module", "lineno", "in_app")
KEPT_OF_BREADCRUMBS = ("type", "category", "level", "timestamp")
KEPT_OF_SPANS = (
    "trace_id", "span_id", "parent_span_id", "same_process_as_parent", "op", "status", "origin",
    "start_timestamp", "timestamp",
)  # fmt: skip


def start(**options: Any) -> None:
    """Begin to tell Sentry of errors, unless SENTRY_DSN is empty; raises ImproperlyConfigured for one that is none.

    `options` are those of the SDK that shall differ, as the transport in a test.
    """
    if not settings.SENTRY_DSN:
        return
    try:
        sentry_sdk.init(**{**_options(), **options})
    except BadDsn:
        told = "SENTRY_DSN is not the address of a Sentry project. Write https://KEY@HOST/NUMBER, or leave it empty."
        raise ImproperlyConfigured(told) from None


def _options() -> dict[str, Any]:
    return {
        "dsn": settings.SENTRY_DSN,
        "environment": settings.ENVIRONMENT,
        "release": __version__,
        # The SDK calls the old name deprecated; not to send what is personal is its default.
        "spotlight": False,
        "include_local_variables": False,
        "include_source_context": False,
        "max_request_body_size": "never",
        "traces_sample_rate": min(settings.SENTRY_TRACES_PERCENT, 100) / 100,
        "trace_propagation_targets": [],
        "before_send": scrub_event,
        "before_send_transaction": scrub_event,
        "before_breadcrumb": scrub_breadcrumb,
        "shutdown_timeout": LONGEST_FAREWELL,
        "auto_session_tracking": False,
        "enable_backpressure_handling": False,
        # Named one by one: others would send the command line, the installed packages, or calls to the outside.
        "default_integrations": False,
        "auto_enabling_integrations": False,
        "integrations": [
            DjangoIntegration(middleware_spans=False, signals_spans=False),
            LoggingIntegration(level=logging.INFO, event_level=logging.ERROR),
            DedupeIntegration(),
            AtexitIntegration(callback=_leave_quietly),
        ],
    }


def _leave_quietly(pending: int, timeout: float) -> None:
    """Say nothing while the last events are sent."""


def scrub_event(event: Event, hint: Hint) -> Event:
    """Return what of an event is told, with the ids of the request and the job it belongs to."""
    told = {name: scrubbed_all(event[name]) for name in KEPT if name in event}
    told["tags"] = _tags()
    if "request" in event:
        told["request"] = _request(event["request"])
    if "logentry" in event:
        told["logentry"] = {"message": _text(event["logentry"].get("formatted") or event["logentry"].get("message"))}
    if "message" in event:
        told["message"] = _text(event["message"])
    if "exception" in event:
        told["exception"] = {"values": [_exception(each) for each in _values(event["exception"])]}
    if "breadcrumbs" in event:
        told["breadcrumbs"] = {"values": [_breadcrumb(each) for each in _values(event["breadcrumbs"])]}
    if "spans" in event:
        told["spans"] = [_span(each) for each in _values(event["spans"])]
    told["contexts"] = {"trace": _span((event.get("contexts") or {}).get("trace") or {})}
    return told


def scrub_breadcrumb(breadcrumb: Event, hint: Hint) -> Event:
    """Return what of a breadcrumb is kept until an error needs it."""
    return _breadcrumb(breadcrumb)


def _tags() -> dict[str, str]:
    known = trace.current()
    tags = {"request_id": known.request_id, "job_id": known.job_id, "kind": known.kind}
    return {name: value for name, value in tags.items() if value}


def _request(request: Event) -> Event:
    return {"method": request.get("method", ""), "url": _text(str(request.get("url", "")).partition("?")[0])}


def _exception(exception: Event) -> Event:
    frames = (exception.get("stacktrace") or {}).get("frames") or []
    return {
        "type": exception.get("type"),
        "module": exception.get("module"),
        "value": _text(exception.get("value")),
        "mechanism": _chosen(exception.get("mechanism") or {}, ("type", "handled", "exception_id", "parent_id")),
        "stacktrace": {"frames": [_chosen(frame, KEPT_OF_FRAMES) for frame in frames]},
    }


def _breadcrumb(breadcrumb: Event) -> Event:
    return {**_chosen(breadcrumb, KEPT_OF_BREADCRUMBS), "message": _text(breadcrumb.get("message"))}


def _span(span: Event) -> Event:
    return {**_chosen(span, KEPT_OF_SPANS), "description": _text(span.get("description"))}


def _chosen(values: Event, names: Iterable[str]) -> Event:
    return {name: values[name] for name in names if name in values}


def _text(value: object) -> str:
    return scrubbed(str(value)) if value else ""


def _values(container: Any) -> list[Event]:
    """Return the items of what the SDK holds now as a list and now as an object or a value that says it left some out."""
    values = getattr(container, "value", container)
    found = values.get("values") if isinstance(values, dict) else values
    return [each for each in getattr(found, "value", found) or [] if isinstance(each, dict)]
