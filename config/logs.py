"""How log lines are written: as text for people or as JSON for machines, and never with personal data or secrets.

Whatever goes wrong is masked at the last moment, in the finished line, so that no message, argument, traceback or
library can pass by.
"""

import logging
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from autopilot import trace
from autopilot.scrubbing import scrubbed

logger = logging.getLogger(__name__)


class TextLines(logging.Formatter):
    """One line of text a message, with the ids of the request and the job it belongs to."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line without its traceback."""
        known = trace.current()
        ids = {"request": known.request_id, "job": known.job_id}
        return super().formatMessage(record) + "".join(f" [{name} {each}]" for name, each in ids.items() if each)

    def format(self, record: logging.LogRecord) -> str:
        """Return the whole message, scrubbed."""
        return scrubbed(super().format(record))


class JsonLines(JsonFormatter):
    """One JSON object a line: time, level, logger, message, request_id, job_id, process, and exception if there is one.

    What a library attaches to its messages beside is left out: it may be a whole request.
    """

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Fill the object."""
        known = trace.current()
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["message"] = scrubbed(record.getMessage())
        log_data["request_id"] = known.request_id
        log_data["job_id"] = known.job_id
        log_data["process"] = record.process
        if told := "\n".join(str(message_dict[name]) for name in ("exc_info", "stack_info") if name in message_dict):
            log_data["exception"] = scrubbed(told)


def log_uncaught() -> None:
    """Have errors that end a process or a thread logged like all others, instead of printed as they are.

    The hook of a debugger or a test runner stays.
    """
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = report
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = report_thread


def report(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
    """Log what ends this process; Ctrl-C is no error."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, frames)
    else:
        logger.critical("ended by %s", kind.__name__, exc_info=(kind, error, frames))


def report_thread(ended: threading.ExceptHookArgs) -> None:
    """Log what ends a thread."""
    if ended.exc_value is not None and not issubclass(ended.exc_type, SystemExit):
        report(ended.exc_type, ended.exc_value, ended.exc_traceback)
