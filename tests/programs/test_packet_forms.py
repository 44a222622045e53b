"""A packet with agencies' forms: filled in the job, seen by the reviewer, filled again when amended, sent as approved."""

import hashlib

import pytest

from autopilot import engine
from autopilot.documents import archive
from autopilot.fillable_forms import shelf
from autopilot.models import Checkpoint, Document, FormEdition, Job, Portal, Submission
from autopilot.testing import run_jobs
from programs.models import ApplicationStatus
from tests.autopilot.fillable_forms.eyes import fields_of
from tests.autopilot.fillable_forms.shelves import content, person, uploaded
from tests.programs.conftest import staff_member
from tests.programs.samples import submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _groups(reviewers, operators, settings, tmp_path):
    settings.ARCHIVE_ROOT = tmp_path / "archive"


@pytest.fixture
def forms():
    """Two approved forms of an agency, the second with a field that has no room for a name."""
    author, second = person("author", "add", "change"), person("second", "approve")
    first = [shelf.Mapped("name", "application.legal_name"), shelf.Mapped("ein", "application.ein", "digits")]
    return [
        approved(uploaded(author), first, author, second),
        approved(
            uploaded(author, content=content("Another edition")), [shelf.Mapped("ein", "application.legal_name")],
            author, second, name="Second form",
        ),
    ]  # fmt: skip


def approved(edition, rows, author, second, name=""):
    """Map and approve an edition, under a form's name of its own."""
    if name:
        edition.form = type(edition.form).objects.create(agency="DWD", name=name)
        edition.save(update_fields=["form"])
    shelf.map_fields(edition, rows, among=[row.field for row in rows], by=author)
    edition.refresh_from_db()
    shelf.approve(edition, version=edition.version, by=second, reason="Compared.")
    return edition


def review() -> Checkpoint:
    return Checkpoint.objects.pending().get(key="review")


def values(attachment) -> dict[str, str]:
    """Return what an attachment of a payload says, by field."""
    found = fields_of(archive.read(Document.objects.get(pk=attachment["id"])))
    return {name: field.value for name, field in found.items()}


def approve(who) -> None:
    checkpoint = review()
    engine.decide(checkpoint.pk, actor=who, verdict="approve", version=checkpoint.payload_version)
    run_jobs()


def test_the_job_fills_the_forms_and_the_reviewer_sees_what_was_refused(portal, office, forms):
    submitted()
    run_jobs()

    first, second = review().payload["attachments"]

    assert (values(first)["name"], values(first)["ein"]) == ("Harbor Trades School, Inc.", "351234567")
    assert first["refused"] == []
    assert [each["field"] for each in second["refused"]] == ["ein"]


@pytest.mark.parametrize(("state", "count"), [("", 2), ("IN", 2), ("OH", 1)])
def test_a_states_form_goes_only_with_its_applications(portal, office, forms, state, count):
    FormEdition.objects.filter(pk=forms[1].pk).update(state=state)

    submitted()
    run_jobs()

    assert len(review().payload["attachments"]) == count


def test_amending_fills_the_forms_again(portal, office, forms, reviewers):
    submitted()
    run_jobs()
    before = review().payload["attachments"][0]
    editor = staff_member("editor", reviewers)

    engine.amend(review().pk, actor=editor, version=1, edits={"legal_name": "Harbor Trades Academy"})

    after = review().payload["attachments"][0]
    assert values(after)["name"] == "Harbor Trades Academy"
    assert after["sha256"] != before["sha256"]


def test_the_portal_gets_exactly_the_files_that_were_approved(portal, office, forms, reviewers):
    application = submitted()
    run_jobs()
    payload = review().payload

    approve(staff_member("reviewer", reviewers))

    submission = Submission.objects.get()
    application.refresh_from_db()
    assert application.status == ApplicationStatus.SUBMITTED_TO_STATE
    assert submission.receipt["sha256"] == payload["document"]["sha256"]
    assert submission.receipt["attachments"] == [each["sha256"] for each in payload["attachments"]]
    for each in submission.attachments.all():
        assert hashlib.sha256(archive.read(each.document)).hexdigest() == each.approved_digest


def test_a_form_that_needs_more_than_an_application_knows_is_left_out(portal, office, forms):
    edition = forms[0]
    edition.mappings.update(merge_field="holder.rating")

    submitted()
    run_jobs()

    assert len(review().payload["attachments"]) == 1


def test_a_manual_portal_names_every_file_to_upload(forms, reviewers):
    Portal.objects.create(slug="counter", name="Counter", delivery="manual", instructions="Sign in and upload.")
    submitted()
    run_jobs()

    approve(staff_member("reviewer", reviewers))

    told = Checkpoint.objects.get(key="upload")
    assert len(told.payload["files"]) == 3
    assert Job.objects.filter(kind="application.process", status="waiting").exists()
