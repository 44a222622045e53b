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
    "remittance": "Remittance advice",
    FORM: "Form",
    UPLOAD: "Upload",
}


def kind_of(document: Document) -> str:
    """Return the kind of a document: its type's slug, `state_form` for a filled form, else `upload`.

    The type stands in the name of the template, be it a file (`documents/mou.html`) or staff's (`mou, version 3`).
    """
    return PurePosixPath(document.template).stem.partition(",")[0].replace("-", "_") or UPLOAD


def label_of(document: Document) -> str:
    """Return the kind of a document in words."""
    kind = kind_of(document)
    return LABELS.get(kind, kind.replace("_", " ").capitalize())
