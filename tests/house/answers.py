"""What an answer says, whatever it is packed in: a canary must be heard out of a workbook and a PDF as well."""

import io
import re
import zipfile
from typing import Any

from tests.autopilot.documents.samples import text_of

FORMS = ("csv", "xlsx", "pdf")


def said(answer: Any) -> str:
    """Return all text of an answer, its headers included; that of a PDF without the blanks at which lines break."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{_read(content)} {answer.headers}"


def _read(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return "\n".join(parts.read(name).decode() for name in parts.namelist())
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]:
        # A name that is too long for its column is broken, which the reader tells by these.
        return re.sub(r"[\s\ufffe\x02]+", "", text_of(content))
    return content.decode("utf-8", "replace")
