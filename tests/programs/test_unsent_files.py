"""Files that were chosen for a form and never sent: destroyed with the draft, and never what became a record."""

import pytest
from django.core.exceptions import ValidationError

from autopilot import clock
from autopilot.documents import archive, disposal, ledger_check, retention
from autopilot.documents.errors import DocumentDisposed
from autopilot.engine import enqueue
from autopilot.models import AuditEntry, Document
from autopilot.tenants import NETWORK
from autopilot.testing import run_jobs
from programs.models import Application, ApplicationUpload
from programs.services.attachments import attach, find_attachments, forget_unsent, reference_to, tenant_of_form
from programs.services.drafts import KEPT_FOR, save_draft
from tests.autopilot.admin.people import member
from tests.autopilot.uploads.files import pdf, upload
from tests.programs.samples import submitted
from tests.programs.test_attachments import URL, applied, chosen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_archive(settings, tmp_path):
    settings.ARCHIVE_ROOT = tmp_path / "archive"


def is_gone(document: Document) -> bool:
    try:
        archive.read(document)
    except DocumentDisposed:
        return True
    return False


def forgotten(django_capture_on_commit_callbacks, days=31) -> int:
    """Forget as the job does some days later; returns how many files."""
    with clock.moved(KEPT_FOR * days / 30), django_capture_on_commit_callbacks(execute=True):
        return forget_unsent()


def test_what_nobody_sent_is_destroyed_and_the_ledger_says_so(client, django_capture_on_commit_callbacks):
    client.post(URL, chosen())
    document = Document.objects.get(title="Attachment: w-9.pdf")

    assert forgotten(django_capture_on_commit_callbacks, days=29) == 0
    assert forgotten(django_capture_on_commit_callbacks) == 1

    assert is_gone(document)
    assert not list(ledger_check.flaws())
    assert AuditEntry.objects.get(name="autopilot.document.forgotten").subject_id == str(document.pk)
    assert forgotten(django_capture_on_commit_callbacks) == 0
    assert not ApplicationUpload.objects.exists()


def test_what_was_sent_stays(client, django_capture_on_commit_callbacks):
    application = applied(client)

    assert forgotten(django_capture_on_commit_callbacks) == 0

    assert archive.read(application.documents.get().document) == pdf()
    assert not ApplicationUpload.objects.exists()


def test_a_file_left_out_of_what_was_sent_stays_a_record(client, django_capture_on_commit_callbacks):
    application = submitted()
    left_out = attach(upload("old.pdf", pdf()), kind="", tenant_id=application.tenant_id)

    assert forgotten(django_capture_on_commit_callbacks) == 0

    assert not is_gone(Document.objects.get(pk=left_out.document_id))


def test_a_draft_that_can_be_opened_keeps_its_files(django_capture_on_commit_callbacks):
    attachment = attach(upload("w-9.pdf", pdf()), kind="w-9", tenant_id=tenant_of_form(""))
    with clock.moved(KEPT_FOR * 20 / 30):
        save_draft(contents={"attached": [reference_to(attachment)]}, email="imani@example.org")

    assert forgotten(django_capture_on_commit_callbacks) == 0
    assert forgotten(django_capture_on_commit_callbacks, days=51) == 1


def test_a_hold_keeps_it(client, django_capture_on_commit_callbacks):
    client.post(URL, chosen())
    document = Document.objects.get(title="Attachment: w-9.pdf")
    retention.set_hold(document, by=member("stone", is_superuser=True), reason="Litigation.")

    assert forgotten(django_capture_on_commit_callbacks) == 0
    with pytest.raises(ValidationError, match="hold"):
        disposal.forget(document, reason="Unsent.")


def test_the_same_bytes_in_another_name_stay(django_capture_on_commit_callbacks):
    attach(upload("w-9.pdf", pdf()), kind="", tenant_id=tenant_of_form(""))
    record = archive.store(pdf(), media_type="application/pdf", title="A record", tenant_id=NETWORK)

    assert forgotten(django_capture_on_commit_callbacks) == 1

    assert archive.read(record) == pdf()


def test_a_form_left_open_too_long_says_so(django_capture_on_commit_callbacks):
    tenant = tenant_of_form("")
    gone = attach(upload("w-9.pdf", pdf()), kind="", tenant_id=tenant)
    forgotten(django_capture_on_commit_callbacks)

    with pytest.raises(ValidationError, match="Open the form anew"):
        attach(upload("w-9.pdf", pdf()), kind="", tenant_id=tenant)
    assert find_attachments([reference_to(gone)])  # it is signed still, and left out when it is sent
    assert not Application.objects.exists()


def test_the_daily_job_does_it(client):
    client.post(URL, chosen())
    job = enqueue("application.forget_drafts", tenant_id=NETWORK)

    with clock.moved(KEPT_FOR * 31 / 30):
        run_jobs()

    job.refresh_from_db()
    assert job.result == {"forgotten": 0, "files": 1}
