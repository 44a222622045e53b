"""The words of the sample document, and how tests read a PDF."""

import io
from functools import cache
from typing import Any

import pikepdf
import pypdfium2

from autopilot.documents import process, provenance

TITLE = "Application of Tidewater Trades"
FINDINGS = [
    ("pass", "Pass", "EIN", "The prefix is assigned.", "IRS"),
    ("warn", "Warn", "Hours", "480 hours are few.", "20 CFR 680.460"),
    ("fail", "Fail", "Refunds", "The assurance was not given.", "20 CFR 680.470"),
    ("info", "Note", "Students", "16 to one instructor.", "Provost"),
]


def context(**changes: Any) -> dict[str, Any]:
    """Return what the sample template wants, changed as a test asks."""
    words = {
        "lead": "What the applicant wrote and what we checked.",
        "reference": "PRV-7K2M-9QXD",
        "data_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "applicant": "Łukasz Nguyễn Welding & Pipefitting, LLC",
        "facts": [("Legal name", "Łukasz Nguyễn Welding & Pipefitting, LLC"), ("EIN", "54-1234567")],
        "programs": [("Welding", "48.0508", "AWS D1.1", "520", "$6,200.00")],
        "findings": FINDINGS,
    }
    return words | changes


def opened(pdf: bytes) -> pikepdf.Pdf:
    """Open a PDF to look at its objects."""
    return pikepdf.open(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    """Return the text a reader of the PDF sees and can copy."""
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


@cache
def paper(title: str, sections: int = 3) -> bytes:
    """Return a small PDF as all of ours are made."""
    body = "".join(f"<section><h2>Section {number}</h2><p>Words.</p></section>" for number in range(sections))
    html = f'<!DOCTYPE html><html lang="en-US"><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>'
    stylesheet = provenance.source(provenance.STYLESHEET)
    request = {"html": html, "stylesheet": stylesheet, "title": title, "created": "2026-11-20T15:30:00Z"}
    return process.shared.render(request)
