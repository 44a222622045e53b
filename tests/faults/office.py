"""An office: a database, a cluster that serves it, and the people who decide."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import modify_settings

from autopilot.engine import enqueue, registry
from autopilot.identifiers import uuid7
from autopilot.models.jobs import Job, JobStatus
from autopilot.models.workers import Worker
from config.env import ROOT
from tests.faults.cluster import Cluster, eventually
from tests.faults.databases import SETTINGS, Databases, connected_to

# Everything that takes its time in service takes little here.
QUICK = {"AUTOPILOT_LEASE_SECONDS": "4", "AUTOPILOT_WATCHDOG_SECONDS": "6", "AUTOPILOT_SWEEP_SECONDS": "2"}


class Office:
    """One installation, in whose database this process works too."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.tenant = uuid7()
        self.requester = User.objects.create_user("requester", "requester@example.org")
        self.reviewer = User.objects.create_user("reviewer", "reviewer@example.org")
        self.reviewer.groups.set(Group.objects.filter(name__in=["Reviewer", "Operator"]))
        # What failed several times would wait for longer than a test.
        Worker.objects.filter(name="faults").update(retry_base_seconds=1, retry_cap_seconds=5)

    @property
    def name(self) -> str:
        """The name of its database."""
        return self.url.rpartition("/")[2]

    def cluster(self, name: str = "cluster", workers: int = 2, **environment: str) -> Cluster:
        """Return a cluster, not yet started, that serves this office."""
        folder = self.folder / name
        folder.mkdir()
        files = {"AUTOPILOT_JOB_FILES": str(folder / "jobs"), "EMAIL_FILE_PATH": str(folder / "mail")}
        return Cluster(folder, SETTINGS | QUICK | files | {"DATABASE_URL": self.url} | environment, workers)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | SETTINGS | {"DATABASE_URL": self.url},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def enqueue(self, kind: str, **payload: Any) -> Job:
        """Put a job in the queue."""
        return enqueue(kind, tenant_id=self.tenant, requested_by=self.requester, **payload)

    def ends(self, job: Job, within: float) -> Job:
        """Return a job once it is final; raises AssertionError if it is not in time."""
        eventually(lambda: Job.objects.get(pk=job.pk).is_final, within, f"{job} has ended")
        return Job.objects.get(pk=job.pk)

    def completes(self, job: Job, within: float) -> None:
        """Wait until a job has completed; raises AssertionError if it has not in time, or ended otherwise."""
        ended = self.ends(job, within)
        assert ended.status == JobStatus.COMPLETED, f"{ended} is {ended.status}: {ended.error}"


@contextmanager
def installed_handlers() -> Iterator[None]:
    """Install the test handlers in this process; they register themselves when Python imports their module."""
    sys.modules.pop("tests.faults.app.handlers", None)  # as another module of tests may have left it behind
    with registry.registered_for_test(), modify_settings(INSTALLED_APPS={"append": "tests.faults.app"}):
        yield


@contextmanager
def open_office(databases: Databases, folder: Path) -> Iterator[Office]:
    """Give an office of its own to a test."""
    url = databases.fresh()
    with connected_to(url):
        yield Office(url, folder)
