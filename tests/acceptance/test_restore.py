"""The restore drill, with real processes: what was backed up is there again, and nothing is sent to a portal twice."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import connection
from django.test import RequestFactory
from pytest_django import DjangoDbBlocker

from autopilot import restores, workers
from autopilot.documents import archive
from autopilot.engine import decide
from autopilot.models import AuditEntry, Checkpoint, Document, Job, WebhookEndpoint, Worker
from autopilot.models.jobs import FINAL, JobStatus
from autopilot.testing import run_jobs
from config.env import ROOT
from tests.faults.cluster import eventually
from tests.faults.databases import SETTINGS, Databases, PostgresDatabases, SqliteDatabases, connected_to
from tests.faults.office import Office, installed_handlers, open_office
from tests.faults.postgres import PostgresServer
from tests.portal import SECRET, SLUG, RunningPortal, running_portal

pytestmark = pytest.mark.alone
KEY = "A" * 43 + "="
PATIENCE = 120
# What a restore itself changes; every other table must be the same to the last bit.
MARKED = {
    "autopilot_worker",
    "autopilot_auditentry",
    "autopilot_clusterheartbeat",
    "django_session",
    "usersessions_usersession",
}


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with installed_handlers():
        if connection.vendor == "postgresql":
            with PostgresServer() as server:
                yield PostgresDatabases(server)
        else:
            yield SqliteDatabases(tmp_path_factory.mktemp("databases"))


@pytest.fixture
def office(databases: Databases, tmp_path: Path, settings, django_db_blocker: DjangoDbBlocker) -> Iterator[Office]:
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    with django_db_blocker.unblock(), open_office(databases, tmp_path) as opened:
        yield opened


def manage(url: str, archive_root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of an installation to its end."""
    ours = {"DATABASE_URL": url, "ARCHIVE_ROOT": str(archive_root), "BACKUP_KEY": KEY}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | SETTINGS | ours,
        capture_output=True,
        text=True,
        timeout=120,
    )


def succeeds(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command said, which must have succeeded."""
    assert done.returncode == 0, done.stderr
    return done.stdout


def hashes() -> dict[str, str]:
    """Return a hash of all rows of every table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = sorted(repr(row) for row in cursor.fetchall())
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def furnish(office: Office) -> None:
    """Give an office a little of everything that must survive."""
    User.objects.create_user("ada", password="a long secret")
    for text in ("one", "two"):
        archive.store(text.encode(), media_type="text/plain", title=text, tenant_id=office.tenant)
    WebhookEndpoint.objects.create(tenant_id=office.tenant, url="https://x.example/hook", secret="whsec_secret")
    for _ in range(3):
        office.enqueue("faults.ping")
    run_jobs()
    office.enqueue("faults.ping")


def test_what_was_backed_up_is_there_again(databases, office, tmp_path, settings):
    furnish(office)
    before, root = hashes(), settings.ARCHIVE_ROOT
    file, elsewhere = tmp_path / "drill.backup", tmp_path / "restored archive"
    succeeds(manage(office.url, root, "backup", str(file)))
    url = databases.empty("quiet")

    said = succeeds(manage(url, elsewhere, "restore", str(file)))

    assert "the database is empty" in said
    settings.ARCHIVE_ROOT = elsewhere
    with connected_to(url):
        after = hashes()
        assert {table for table in before if before[table] != after.get(table)} <= MARKED
        assert before.keys() == after.keys()
        assert WebhookEndpoint.objects.get().secret == "whsec_secret"
        assert authenticate(RequestFactory().post("/"), username="ada", password="a long secret") is not None
        assert [archive.read(each) for each in Document.objects.order_by("title")] == [b"one", b"two"]
        assert not Worker.objects.filter(enabled=True).exists()
        assert set(Worker.objects.values_list("pause", flat=True)) == {"drain"}
        assert Worker.objects.filter(pause_reason__startswith="Restored from a backup of 20").exists()
        assert AuditEntry.objects.get(name=restores.NAME).subject_id == "drill.backup"
        assert run_jobs() == []


def test_it_replaces_what_is_there_with_yes_alone_and_nothing_when_it_fails(databases, office, tmp_path, settings):
    furnish(office)
    root, file = settings.ARCHIVE_ROOT, tmp_path / "drill.backup"
    succeeds(manage(office.url, root, "backup", str(file)))
    User.objects.create_user("late")
    connection.close()

    refused = manage(office.url, root, "restore", str(file))
    assert refused.returncode == 1
    assert "add --yes" in refused.stderr
    assert User.objects.filter(username="late").exists()
    connection.close()

    succeeds(manage(office.url, root, "restore", str(file), "--yes"))
    assert not User.objects.filter(username="late").exists()
    assert User.objects.filter(username="ada").exists()


def test_it_is_refused_while_somebody_uses_the_database(databases, office, tmp_path, settings):
    furnish(office)
    root, file = settings.ARCHIVE_ROOT, tmp_path / "drill.backup"
    succeeds(manage(office.url, root, "backup", str(file)))
    before = hashes()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE auth_user SET first_name = 'x'")

        refused = manage(office.url, root, "restore", str(file), "--yes")

        cursor.execute("ROLLBACK")
    assert refused.returncode == 1
    assert "Stop the web server and the cluster" in refused.stderr
    assert hashes() == before


def test_nothing_is_sent_twice_after_a_restore(databases, office, tmp_path, settings):
    root, file = settings.ARCHIVE_ROOT, tmp_path / "drill.backup"
    allowed = {"PORTAL_SECRETS": f"{SLUG}={SECRET}"}
    with running_portal() as careful, running_portal(honors_idempotency=False) as careless:
        allowed["OUTBOUND_PRIVATE_HOSTS"] = f"{careful.host},{careless.host}"
        cluster = office.cluster("before", workers=2, **allowed)
        try:
            cluster.start()
            for number in range(9):
                office.enqueue("faults.journey", ask=number % 3 == 0, careful=careful.url, careless=careless.url)
            eventually(lambda: careful.counts()["arrivals"] > 2, PATIENCE, "work is under way")
            succeeds(manage(office.url, root, "backup", str(file)))
            # Whatever happens now, the backup knows nothing of it.
            eventually(lambda: _all_ended(office), PATIENCE, "all journeys have ended")
        finally:
            cluster.end()
        assert careless.counts()["submissions"] == 9

        url = databases.empty("loaded")
        succeeds(manage(url, tmp_path / "restored archive", "restore", str(file)))
        with connected_to(url):
            assert Job.objects.count() == 9
            _resume(office)
            cluster = office.cluster("after", workers=2, DATABASE_URL=url, **allowed)
            try:
                cluster.start()
                eventually(lambda: _all_ended(office, careless), PATIENCE, "all journeys have ended again")
            finally:
                cluster.end()
            assert Job.objects.filter(status=JobStatus.COMPLETED).count() == 9
        for portal in (careful, careless):
            assert portal.counts()["submissions"] == 9
            assert portal.counts()["duplicates"] == []


def _all_ended(office: Office, careless: RunningPortal | None = None) -> bool:
    """Decide whatever is asked, and return whether nothing is left to do."""
    for checkpoint in Checkpoint.objects.pending().filter(kind=Checkpoint.Kind.APPROVAL_REQUIRED):
        decide(checkpoint.pk, actor=office.reviewer, verdict="approve", version=checkpoint.payload_version, data={})
    if careless is not None:
        _answer(office, careless)
    return not Job.objects.exclude(status__in=FINAL).exists()


def _answer(office: Office, careless: RunningPortal) -> None:
    """Have a person look at the portal that knows no keys, and say what she found there."""
    arrived = careless.counts()["packets"]
    for question in Checkpoint.objects.pending().filter(kind=Checkpoint.Kind.RECONCILE):
        happened = bool(arrived.get(str(question.job_id)))
        verdict = "happened" if happened else "not_happened"
        data = {"number": "seen"} if happened else {}
        decide(question.pk, actor=office.reviewer, verdict=verdict, version=1, data=data)


def _resume(office: Office) -> None:
    office.reviewer.is_superuser = True
    for worker in Worker.objects.all():
        workers.resume(worker, by=office.reviewer, reason="We have looked.")
