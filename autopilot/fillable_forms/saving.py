"""Making a filled form whole: what would show something else than what was written is taken out, and it is saved."""

import io
from collections.abc import Mapping
from typing import Any

import pikepdf

from autopilot.fillable_forms import flags, shapes
from autopilot.fillable_forms.reading import Live
from autopilot.fillable_forms.tree import form_of

OLDEST = "1.5"  # what marked text with its meaning in Unicode needs, and more


def tidy(pdf: Any, lives: Mapping[str, Live]) -> None:
    """Take out the form's second set of data and what a change has made void.

    /XFA would be shown instead of what we write; NeedAppearances would have readers draw it anew; usage rights and the
    agency's certification (/Perms) hold for the unchanged file alone, and so does the demand to append only.
    """
    form = form_of(pdf)
    for holder, key in (
        (form, "/XFA"),
        (form, "/NeedAppearances"),
        (pdf.Root, "/NeedsRendering"),
        (pdf.Root, "/Perms"),
    ):
        if key in holder:
            del holder[key]
    signable = [live for live in lives.values() if live.field.type == shapes.SIGNATURE]
    for owner in (owner for live in signable for owner in live.node.owners if "/V" in owner):
        del owner["/V"]
    if "/SigFlags" in form:
        form.SigFlags = flags.SIGNATURES_EXIST if signable else 0


def saved(pdf: Any) -> bytes:
    """Return the file; the same objects give the same bytes, unless it is encrypted, for that takes chance.

    An encrypted form stays encrypted as it was, with its permissions.
    """
    written = io.BytesIO()
    encrypted = bool(pdf.is_encrypted)
    pdf.save(written, encryption=encrypted, deterministic_id=not encrypted, min_version=OLDEST)
    return written.getvalue()


def plain(pdf: Any) -> bytes:
    """Return the file without encryption, to look at and throw away."""
    written = io.BytesIO()
    pdf.save(written, encryption=False, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return written.getvalue()
