"""One application's way through the house, from the public form to the state's acknowledgement.

Everything happens for real: the jobs, the PDF, two people's decisions, the HTTP request, the mails. It goes on whoever
runs the jobs: this process, or a cluster beside it.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import CommandError

from autopilot import reports, sweep
from autopilot.admin.changes import changes_since
from autopilot.cluster.pump import Pump
from autopilot.engine import Origin, amend, decide
from autopilot.exceptions import FourEyes
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Document, Event, Job, JobStatus, OutboxMessage, Submission
from autopilot.reports.timeline import WHY
from config.demo import mails
from config.demo.teller import Teller
from programs.demo import submit_sample_application
from programs.models import Application, ApplicationStatus

PATIENCE_SECONDS = 50.0
PAUSE_SECONDS = 0.2
ORIGIN = Origin(channel="demo")
NOTE = "Read, and compared with the registry."
STATE_DECIDED = (ApplicationStatus.STATE_APPROVED, ApplicationStatus.STATE_DENIED)


class Journey:
    """Walks one application and tells each thing as it happens."""

    def __init__(self, teller: Teller, people: dict[str, User]) -> None:
        self.tell = teller
        self.people = people
        self.application = Application()
        self._told: set[int] = set()
        self._pump = Pump()

    def walk(self) -> Submission:
        """Walk it to its end, and return what was submitted; raises CommandError, with the reason, if it stops."""
        self._apply()
        checkpoint = self._wait_for_review()
        self._review(checkpoint)
        submission = self._wait_for_receipt()
        self._wait_for_state()
        self._wait_for_mails()
        return submission

    def _apply(self) -> None:
        self.tell.section("The form")
        self.application = submit_sample_application(1, form_key=uuid7())
        self.tell.line("applicant", f"{self.application.legal_name} applies; reference {self.application.reference}")

    def _wait_for_review(self) -> Checkpoint:
        self.tell.section("Checks and packet")
        pending = Checkpoint.objects.pending().filter(job__in=self._jobs())
        self._until(pending.exists, "the packet")
        checkpoint = pending.get()
        self._tell_findings(checkpoint.payload["findings"])
        self._tell_packet(checkpoint)
        return checkpoint

    def _tell_findings(self, found: list[dict[str, Any]]) -> None:
        passed = [each for each in found if each["verdict"] == "pass"]
        self.tell.line("checks", f"{len(passed)} of {len(found)}", status="passed")
        for each in found:
            if each["verdict"] != "pass":
                status = "warning" if each["verdict"] == "warn" else "failed"
                self.tell.line("checks", f"{each['title']}: {each['reason']}", status=status)

    def _tell_packet(self, checkpoint: Checkpoint) -> None:
        document = Document.objects.get(pk=checkpoint.payload["document"]["id"])
        self.tell.line("packet", f"{document.size:,} bytes of PDF/A, SHA-256 {document.sha256[:16]}…")
        self.tell.note("", str(file_of(document)))
        self.tell.line("checkpoint", f"“{checkpoint.title}”", status="waiting")

    def _review(self, checkpoint: Checkpoint) -> None:
        self.tell.section("Two people")
        rivera, okafor = self.people["rivera"], self.people["okafor"]
        revision = amend(checkpoint.pk, actor=rivera, version=1, edits={"reviewer_note": NOTE})
        checkpoint.refresh_from_db()
        self.tell.line(rivera.username, f"amends it, which makes version {revision.version}")
        for change in changes_since(checkpoint, 1).made:
            self.tell.note("", f"{change.label}: {change.before} → {change.after}")
        self._tell_refusal(checkpoint, rivera)
        decide(checkpoint.pk, actor=okafor, verdict="approve", version=revision.version, origin=ORIGIN)
        self.tell.line(
            okafor.username, f"version {revision.version}, digest {revision.digest[:16]}…", status="approved"
        )

    def _tell_refusal(self, checkpoint: Checkpoint, editor: User) -> None:
        try:
            decide(checkpoint.pk, actor=editor, verdict="approve", version=checkpoint.payload_version, origin=ORIGIN)
        except FourEyes as refusal:
            self.tell.line(editor.username, f"her own approval: {refusal}", status="refused")
        else:
            raise CommandError(f"{editor} could approve what she had edited herself. That must never happen.")

    def _wait_for_receipt(self) -> Submission:
        self.tell.section("The state’s portal")
        mine = Submission.objects.filter(subject_id=self.application.pk).select_related("portal", "document")
        self._until(mine.exclude(receipt_number="").exists, "the portal’s receipt")
        submission = mine.get()
        received = (submission.receipt or {}).get("sha256")
        if received != submission.approved_digest:
            raise CommandError(f"The portal holds {received}, and {submission.approved_digest} was approved.")
        what = f"{submission.receipt_number} for {received[:16]}…, the very bytes that were approved"
        self.tell.line("portal", what, status="receipt")
        return submission

    def _wait_for_state(self) -> None:
        def decided() -> bool:
            self.application.refresh_from_db()
            return self.application.status in STATE_DECIDED

        self._until(decided, "the state’s decision")
        self._until(lambda: not self._jobs().live().exists(), "the last job")
        self.tell.line("state", self.application.get_status_display())

    def _wait_for_mails(self) -> None:
        self.tell.section("Mails")
        messages = OutboxMessage.objects.filter(pk__in=self._message_ids()).order_by("created_at", "id")
        waiting = messages.filter(status=OutboxMessage.Status.PENDING)
        self._until(lambda: not waiting.exists(), "the mails", duties=sweep.DUTIES)
        files = mails.written_files(messages)
        for message in messages:
            written = files.get(message)
            what = f"“{written.subject}” to {written.to}" if written else message.topic
            self.tell.line("mail", what, status=message.status)
            if written:
                self.tell.note("", str(written.path))

    def _jobs(self) -> Any:
        return Job.objects.filter(payload__application_id=str(self.application.pk))

    def _message_ids(self) -> list[UUID]:
        checkpoints = Checkpoint.objects.filter(job__in=self._jobs()).values_list("pk", flat=True)
        about = [("application_id", str(self.application.pk)), *(("checkpoint_id", str(pk)) for pk in checkpoints)]
        found = [OutboxMessage.objects.filter(**{f"references__{name}": key}) for name, key in about]
        return [message.pk for messages in found for message in messages]

    def _until(self, holds: Callable[[], bool], what: str, *, duties: Any = sweep.URGENT) -> None:
        """Run due jobs until a condition holds, telling what moves."""
        while True:
            held = holds()
            self._tell_events()
            if held:
                return
            self._require_hope(what)
            sweep.run(duties)
            if not self._pump.run_one():
                time.sleep(PAUSE_SECONDS)

    def _tell_events(self) -> None:
        for event in Event.objects.filter(job__in=self._jobs()).select_related("job").order_by("at", "pk"):
            if event.pk not in self._told and event.from_status != event.to_status:
                self._told.add(event.pk)
                what = WHY.get(event.why, event.why)
                self.tell.line(event.job.kind, what, status=event.to_status)

    def _require_hope(self, what: str) -> None:
        for job in self._jobs().filter(status__in=(JobStatus.FAILED, JobStatus.CANCELLED)):
            raise CommandError(f"{job.kind} ended before {what} came. {job.error or reports.waiting_for(job)}")
        if self.tell.seconds > PATIENCE_SECONDS:
            standing = " ".join(f"{job.kind}: {job.error} {reports.waiting_for(job)}" for job in self._jobs().live())
            raise CommandError(f"Waited {PATIENCE_SECONDS:.0f} seconds, and {what} did not come. {standing}".strip())


def file_of(document: Document) -> Path:
    """Return where the archive keeps a document."""
    return Path(settings.ARCHIVE_ROOT) / document.sha256[:2] / document.sha256[2:4] / document.sha256
