"""What kind of document something is, as retention rules, lists and people call it."""

from pathlib import PurePosixPath

from autopilot.models.documents import Document

UPLOAD, FORM = "upload", "state_form"
LABELS = {
    "packet": "Packet",
    "mou": "MOU",
    "enrollment_agreement": "Enrollment agreement",
    "certificate": "Certificate",
    "progress_report": "Progress report",
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "statement": "Statement",
    FORM: "Form",
    UPLOAD: "Upload",
}


def kind_of(document: Document) -> str:
    """Return the kind of a document: what its template is called, `state_form` for a filled form, else `upload`."""
    return PurePosixPath(document.template).stem.replace("-", "_") or UPLOAD


def label_of(document: Document) -> str:
    """Return the kind of a document in words."""
    kind = kind_of(document)
    return LABELS.get(kind, kind.replace("_", " ").capitalize())
