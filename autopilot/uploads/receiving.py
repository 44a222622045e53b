"""Taking a file in: its name, its size, its first bytes, then all of it, opened in a limited process."""

import base64
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.base import File

from autopilot.documents import archive
from autopilot.documents.child import Child
from autopilot.documents.errors import PdfError
from autopilot.documents.limits import MEBIBYTE, Limits
from autopilot.models import Document
from autopilot.uploads.kinds import PROOF, Kind, by_name

WORKER = "autopilot.inspection.worker"
MOST_BYTES = 10 * MEBIBYTE
# A bomb is refused within 5 s and 300 MB; the seconds that are left are for the process to start and to end.
LIMITS = Limits(wall_seconds=4.5, cpu_seconds=4, memory_bytes=280 * MEBIBYTE)
TOO_MUCH = "The file takes more time or memory to open than a proof may. Scan it anew, in a lower resolution."
DAMAGED = "The file is damaged. Make it anew, and upload that."


def receive(file: "File[Any]", *, title: str, tenant_id: UUID, accept: tuple[Kind, ...] = PROOF) -> Document:
    """Check a file that somebody uploaded, archive it under a title and return its document.

    The document's snapshot tells its `pages`. Its name must end as its content begins; a PDF must hold pages alone, and a picture is archived as it is drawn anew.
    Call it outside a transaction: opening the file may take seconds.

    Raises ValidationError, which says what to do, with the code `extension`, `empty`, `too_large`, `content`, `active`,
    `encrypted`, `damaged` or `too_much`; nothing is archived then.
    """
    kind = by_name(file.name or "", accept)
    if kind is None:
        raise ValidationError(f"Upload a {_named(accept)} file.", code="extension")
    content = _read(file)
    if not content.startswith(kind.signature):
        raise ValidationError(f"The name ends as that of a {kind.name}, but the content is not one.", code="content")
    pages, kept = _inspected(kind, content)
    return archive.store(kept, media_type=kind.media_type, title=title, tenant_id=tenant_id, snapshot={"pages": pages})


def _read(file: "File[Any]") -> bytes:
    if file.size > MOST_BYTES:
        raise ValidationError(f"The file has more than {MOST_BYTES // MEBIBYTE} MB. Make it smaller.", code="too_large")
    file.seek(0)
    content: bytes = file.read(MOST_BYTES + 1)
    if not content:
        raise ValidationError("The file is empty. Choose another.", code="empty")
    return content


def _inspected(kind: Kind, content: bytes) -> tuple[int, bytes]:
    child = Child(LIMITS, WORKER)
    try:
        answer, made = child.ask({"kind": kind.name, "content": base64.b64encode(content).decode()})
    except PdfError:
        raise ValidationError(TOO_MUCH, code="too_much") from None
    finally:
        child.end()
    match answer["outcome"]:
        case "refused":
            raise ValidationError(answer["detail"], code=answer["code"])
        case "too_much":
            raise ValidationError(TOO_MUCH, code="too_much")
        case "damaged":
            raise ValidationError(DAMAGED, code="damaged")
    return answer["pages"], made


def _named(accept: tuple[Kind, ...]) -> str:
    names = [kind.name for kind in accept]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
