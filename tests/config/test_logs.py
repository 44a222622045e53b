"""What stands in the log, and what never does."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from autopilot.scrubbing import MASK
from autopilot.trace import tracing
from config import logs
from config.env import ROOT
from tests.config.leaks import PATHS, SSN, leaked

FIELDS = ["time", "level", "logger", "message", "request_id", "job_id", "process"]
FORMATS = {"json": logs.JsonLines, "text": logs.TextLines}


class Log:
    """A log, as the console would show it."""

    def __init__(self, form: str) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(FORMATS[form]())

    @property
    def text(self) -> str:
        """All of it."""
        return self.stream.getvalue()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its lines, which are JSON."""
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log(request) -> Iterator[Log]:
    """The log of this test, as JSON unless it says otherwise."""
    log = Log(getattr(request, "param", "json"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(log.handler)
    root.setLevel(logging.INFO)
    yield log
    root.removeHandler(log.handler)
    root.setLevel(before)


@pytest.mark.django_db
@pytest.mark.parametrize("log", ["json", "text"], indirect=True)
@pytest.mark.parametrize("go_wrong", PATHS.values(), ids=PATHS)
def test_it_tells_what_went_wrong_and_nothing_of_people(go_wrong, log, leaking):
    go_wrong()

    assert any(word in log.text for word in ("Leak", "Error", "Forbidden", MASK, "u2022"))
    assert leaked(log.text) == []


@pytest.mark.once
def test_it_writes_one_json_object_a_line(log):
    with tracing(request_id="request-1", job_id="job-1"):
        logging.getLogger("a.b").warning("one\ntwo %s", 3, extra={"request": "GET /?secret=1"})

    (row,) = (row for row in log.rows if row["logger"] == "a.b")
    assert list(row) == FIELDS
    assert (row["level"], row["logger"], row["message"]) == ("WARNING", "a.b", "one\ntwo 3")
    assert (row["request_id"], row["job_id"]) == ("request-1", "job-1")


@pytest.mark.once
def test_it_tells_the_traceback_of_an_error(log):
    try:
        raise ValueError(f"No {SSN}.")
    except ValueError:
        logging.getLogger("a.b").exception("failed")

    (row,) = (row for row in log.rows if row["logger"] == "a.b")
    assert row["exception"].startswith("Traceback")
    assert row["exception"].endswith(f"ValueError: No {MASK}.")


@pytest.mark.once
@pytest.mark.parametrize("log", ["text"], indirect=True)
def test_it_ends_a_line_of_text_with_the_ids(log):
    with tracing(request_id="request-1", job_id="job-1"):
        logging.getLogger("a.b").info("done")

    assert log.text.endswith(" INFO a.b done [request request-1] [job job-1]\n")


@pytest.mark.django_db
def test_it_knows_the_request_and_the_job_an_error_belongs_to(log, leaking):
    PATHS["ask_with_a_form"]()
    PATHS["run_a_handler"]()

    failed = [row for row in log.rows if row["level"] == "ERROR"]
    assert [bool(row["request_id"]) for row in failed] == [True, False]
    assert [bool(row["job_id"]) for row in failed] == [False, True]


@pytest.mark.once
def test_it_leaves_no_handler_to_django_that_would_mail_requests():
    names = ("django", "django.server", "django.request")

    assert [logging.getLogger(name).handlers for name in names] == [[], [], []]
    assert all(logging.getLogger(name).propagate for name in names)


@pytest.mark.once
def test_it_logs_what_ends_a_command_as_json():
    program = f"import django; django.setup(); raise ValueError('No room for {SSN}')"
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings", "PROVOST_ENVIRONMENT": "test", "LOG_FORMAT": "json"}

    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )

    row = json.loads(ended.stderr)
    assert (ended.returncode, row["level"], row["message"]) == (1, "CRITICAL", "ended by ValueError")
    assert row["exception"].endswith(f"ValueError: No room for {MASK}")
