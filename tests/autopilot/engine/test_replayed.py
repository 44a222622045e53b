"""The test helper that replays a handler: what a handler does outside its steps is told by name."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from autopilot import audit
from autopilot.engine import decide, enqueue
from autopilot.exceptions import HandlerMistake
from autopilot.models import Job, Step
from autopilot.testing import replayed
from config.env import ROOT
from tests.autopilot.engine.runs import again, job_of, keys

pytestmark = pytest.mark.django_db

PYPROJECT = ROOT / "pyproject.toml"


def steps(job):
    """A handler that keeps the rule."""
    job.tx("write", lambda: audit.record(None, "test.written", job._job) and None)
    files = job.call("read", lambda key: len(Path(__file__).read_text()))
    people = job.tx("count", lambda: User.objects.count())
    job.now()
    return [files > 0, people]


def test_it_runs_a_handler_from_the_top_after_every_step():
    job = job_of(steps)

    endings = replayed(job)

    assert endings == ["given_back"] * 3 + ["completed"]
    assert keys(job) == ["write", "read", "count", "now"]
    assert again(job).result == [True, 0]
    assert again(job).attempt == 1


def test_it_stops_where_the_job_waits_and_goes_on_after(alice, bob):
    def handle(job):
        job.tx("before", lambda: None)
        job.approval("review", title="Fine?", payload={}, reviewers="Reviewer")
        job.tx("after", lambda: None)

    job = job_of(handle, requested_by=alice)
    assert replayed(job) == ["given_back", "suspended"]

    decide(job.checkpoints.get().pk, actor=bob, verdict="approve", version=1)

    assert replayed(job) == ["completed"]


OUTSIDE = {
    "writes": (lambda job: User.objects.create(username="x"), "asks the database: INSERT INTO"),
    "reads": (lambda job: User.objects.count(), "asks the database: SELECT COUNT"),
    "reads a file": (lambda job: PYPROJECT.read_text(encoding="utf-8"), f"open {PYPROJECT}"),
    "writes a file": (lambda job: Path("/tmp/never-written").write_text("x"), "open /tmp/never-written"),
    "connects": (lambda job: socket.create_connection(("127.0.0.1", 1)), "socket."),
    "looks up a name": (lambda job: socket.getaddrinfo("localhost", 80), "socket.getaddrinfo localhost"),
    "starts a process": (lambda job: subprocess.run([sys.executable, "-V"], check=True), "subprocess.Popen"),
    "makes a folder": (lambda job: Path("/tmp/never-made").mkdir(), "os.mkdir /tmp/never-made"),
}


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("swallows", [False, True])
def test_it_tells_by_name_when_a_handler_outside_its_steps(name, swallows):
    deed, message = OUTSIDE[name]

    def handle(job):
        job.tx("inside", lambda: None)
        try:
            deed(job)
        except HandlerMistake:
            if not swallows:
                raise

    with pytest.raises(HandlerMistake, match=r"Outside a step, the handler of test\.handler") as caught:
        replayed(job_of(handle))

    assert message in str(caught.value)


def test_it_lets_a_handler_import_and_log(caplog):
    def handle(job):
        job.tx("inside", lambda: None)
        __import__("this_module_is_not_there") if job.attempt > 1 else __import__("wave")
        return "imported"

    job = job_of(handle)

    replayed(job)

    assert again(job).result == "imported"


def test_it_watches_nobody_once_the_run_is_over():
    job = job_of(steps)
    replayed(job)

    assert Path(__file__).read_text(encoding="utf-8")
    assert Step.objects.filter(job=job).exists()


def test_it_guards_one_job_at_a_time(tenant):
    enqueue("sample.simple", tenant_id=tenant, subject="first", priority=10)
    job = job_of(steps)

    with pytest.raises(AssertionError, match="is not the next due job"):
        replayed(job)

    assert Job.objects.filter(status="running").count() == 1
