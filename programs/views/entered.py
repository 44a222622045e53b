"""What has been entered into the application form and is kept from one page to the next: documents, and drafts."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.http import QueryDict

from autopilot.storable import UNSTORABLE
from programs.facts import AttachmentFacts
from programs.forms import Entry
from programs.models import MOST_ATTACHMENTS, ApplicationDraft
from programs.services.attachments import ATTACHED, attach, find_attachments, reference_to
from programs.services.drafts import save_draft

UPLOAD, KIND = "document", "document_kind"
NOT_KEPT = {
    "csrfmiddlewaretoken",
    "action",
    "leave_empty",
    "confirmed_ein",
    "accepts_assurances",
    UPLOAD,
    KIND,
    ATTACHED,
}


class Attached:
    """The documents of one form: `kept` are those that are on file, `refusals` says which were not taken and why."""

    def __init__(self, kept: Iterable[AttachmentFacts]) -> None:
        self.kept = list(kept)[:MOST_ATTACHMENTS]
        self.refusals: list[str] = []

    @classmethod
    def posted(cls, data: QueryDict) -> "Attached":
        """Return the documents that a page carries along."""
        return cls(find_attachments(data.getlist(ATTACHED)))

    def receive(self, files: Sequence["File[Any]"], kind: str, tenant_id: UUID) -> None:
        """Take in what was chosen on the page; one file that is refused takes none of the others with it."""
        for file in files:
            if len(self.kept) >= MOST_ATTACHMENTS:
                self.refusals.append(f"Attach at most {MOST_ATTACHMENTS} documents; {file.name} is one too many.")
                return
            try:
                self._add(attach(file, kind=kind, tenant_id=tenant_id))
            except ValidationError as refusal:
                self.refusals.append(f"{file.name}: {' '.join(refusal.messages)}")

    def remove(self, index: str) -> None:
        """Take a document off the form by its place, "0" is the first; a place that is none changes nothing."""
        self.kept = [each for place, each in enumerate(self.kept) if str(place) != index]

    def _add(self, attachment: AttachmentFacts) -> None:
        self.kept = [each for each in self.kept if each.document_id != attachment.document_id] + [attachment]


def keep_draft(data: QueryDict, attachments: Iterable[AttachmentFacts], token: str) -> ApplicationDraft:
    """Keep a form as it was typed, complete or not; raises ValidationError as `save_draft` does.

    The box of the assurances is not kept: whoever sends the form ticks it.
    """
    contents: dict[str, list[str]] = {
        plain(name): [plain(str(text)) for text in data.getlist(name)] for name in data if name not in NOT_KEPT
    }
    contents[ATTACHED] = [reference_to(each) for each in attachments]
    return save_draft(contents=contents, email=data.get("contact_email", "").strip(), token=token)


def plain(text: str) -> str:
    """Return a text without the characters that no database holds."""
    return UNSTORABLE.sub("", text)


def opened_draft(draft: ApplicationDraft) -> Entry:
    """Return the form as it was typed."""
    data = QueryDict(mutable=True)
    for name, texts in draft.contents.items():
        data.setlist(name, texts)
    return Entry.reshaped(data, Attached.posted(data).kept)


def changes_of(action: str) -> dict[str, Any]:
    """Return what a button does to the rows of a form, as `Entry.reshaped` takes it."""
    deed, _, row = action.partition("-")
    return {deed: row} if deed in ("add", "remove") and row else {}
