"""A disk without room: what would write there is put off, leaves no half file, fails nothing, and a person is told."""

import errno
import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from autopilot import clock, disks, doctor
from autopilot.cluster import pump
from autopilot.cluster.pump import Pump
from autopilot.documents import archive, vault
from autopilot.documents.errors import ArchiveError
from autopilot.engine import enqueue, executor, handler, statements
from autopilot.exceptions import Invalid
from autopilot.identifiers import uuid7
from autopilot.models import Job
from autopilot.testing import claim, run_job
from tests.autopilot.engine.fixtures import own_registry as own_registry
from tests.autopilot.engine.runs import again, job_of
from tests.autopilot.engine.standing import last_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_registry")]
MEGABYTE = 1024 * 1024


@pytest.fixture
def small_disk(tmp_path, settings) -> Iterator[Path]:
    """A real disk of one megabyte that holds the archive."""
    if os.geteuid() != 0:
        pytest.skip("Only root may mount a disk.")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    settings.ARCHIVE_ROOT = folder / "archive"
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def files_in(folder: Path) -> list[Path]:
    """Return the files below a folder, drafts and all."""
    return [path for path in folder.rglob("*") if path.is_file()]


def refuse_for_want_of_room() -> None:
    """Have the database itself refuse to write, as one does whose disk is full."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$")
        size = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {size}")
        try:
            cursor.execute("CREATE TABLE crowded AS SELECT hex(randomblob(1000000)) AS filling")
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")


def database_error() -> DatabaseError:
    """Return what the database at hand raises when its disk is full."""
    try:
        with transaction.atomic():
            refuse_for_want_of_room()
    except DatabaseError as error:
        return error
    raise AssertionError("The database found room.")


def test_the_archive_says_that_it_has_no_room_and_leaves_nothing_behind(small_disk):
    kept = vault.keep(b"small")

    with pytest.raises(ArchiveError, match=r"cannot be written: No space left on device\.") as raised:
        vault.keep(os.urandom(2 * MEGABYTE))

    assert disks.is_full(raised.value)
    assert [path.name for path in files_in(small_disk)] == [kept]
    assert vault.fetch(kept) == b"small"


def test_a_job_waits_for_room_and_goes_on_by_itself(small_disk):
    (small_disk / "filling").write_bytes(bytes(MEGABYTE - 8192))
    content = os.urandom(MEGABYTE // 2)

    def store(job):
        return job.tx("store", lambda: archive.store(content, media_type="x/y", title="A", tenant_id=uuid7()).sha256)

    job = job_of(store, max_attempts=1)
    assert [run_job(job), run_job(due(job)), run_job(due(job))] == ["snoozed"] * 3
    (small_disk / "filling").unlink()

    assert run_job(due(job)) == "completed"
    assert vault.fetch(str(again(job).result)) == content


def due(job: Job) -> Job:
    """Return the job, whose time has come."""
    Job.objects.filter(pk=job.pk).update(scheduled_for=job.created_at, rank=job.created_at)
    return again(job)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_it_counts_no_attempt_and_says_why(number, caplog):
    def fail(job):
        raise OSError(number, os.strerror(number))

    before = clock.now()
    job = job_of(fail, max_attempts=1)
    assert run_job(job) == "snoozed"

    job = again(job)
    assert (job.status, job.attempt, job.snoozes) == ("pending", 0, 1)
    assert timedelta(seconds=59) < job.scheduled_for - before < timedelta(seconds=90)
    event = last_event(job)
    assert (event.why, event.detail) == ("snooze", {"reason": "A disk is full."})
    assert f"job {job.pk} ({job.kind}) attempt 1: put off, for a disk is full" in caplog.text
    assert "OSError" in job.attempts.get().error


def test_it_knows_the_refusal_of_the_database():
    def write(job):
        job.tx("write", refuse_for_want_of_room)

    job = job_of(write, max_attempts=1)

    assert run_job(job) == "snoozed"


def test_it_puts_off_what_cannot_be_settled(monkeypatch):
    job = job_of(lambda job: 7, max_attempts=1)

    def refuse(*_: object) -> None:
        with transaction.atomic():
            refuse_for_want_of_room()

    monkeypatch.setattr(statements, "settle_together", refuse)

    assert executor.perform(claim(job), lambda: False) == "snoozed"
    assert (again(job).status, again(job).attempt) == ("pending", 0)


def test_it_takes_the_word_of_a_handler_that_this_can_never_work():
    def fail(job):
        raise Invalid("Never.") from OSError(errno.ENOSPC, "No room")

    assert run_job(job_of(fail)) == "invalid"


def test_a_pump_puts_its_job_off_once_the_database_has_room_again(monkeypatch):
    full, away = database_error(), DatabaseError("away")

    @handler("test.work", max_attempts=1)
    def work(job) -> None:
        """Do nothing."""

    job = enqueue("test.work", tenant_id=uuid7())
    troubles = iter([full, away])

    def refuse(*_: object, **__: object) -> str:
        raise next(troubles)

    monkeypatch.setattr(executor, "perform", refuse)
    monkeypatch.setattr(executor, "_snooze", overtaken_once(executor._snooze, away))
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(pump, "AWAY_WAIT", 0)

    Pump().run_for(timedelta(milliseconds=500))

    job.refresh_from_db()
    assert (job.status, job.attempt, job.snoozes) == ("pending", 0, 1)


def overtaken_once(real, error):
    """Return a function that raises once, and then does what the real one does."""
    errors = [error]

    def act(*arguments, **named):
        if errors:
            raise errors.pop()
        return real(*arguments, **named)

    return act


def test_the_doctor_tells_of_a_disk_by_what_it_holds(small_disk, settings, tmp_path, monkeypatch):
    settings.AUTOPILOT_JOB_FILES = small_disk / "jobs"
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", tmp_path
    for percent, told in ((50, ""), (85, "It is nearly full: "), (98, "It is full: ")):
        (small_disk / "filling").write_bytes(bytes(MEGABYTE * percent // 100))

        found = {each.subject: each.problem for each in doctor.examine(["disks"])}

        problem = found.get("disk of ARCHIVE_ROOT, AUTOPILOT_JOB_FILES", "")
        assert problem.startswith(told)
        assert bool(problem) == bool(told)


def test_it_claims_what_was_put_off_only_when_its_time_has_come():
    def fail(job):
        raise OSError(errno.ENOSPC, "No room")

    run_job(job_of(fail))

    assert statements.claim("test", timedelta(seconds=30)) is None
