"""PDFs as proof: pages to read and nothing that acts (ISO 32000-1 §12.6), in a size that a page can have."""

import io
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

from autopilot.inspection.errors import Refused

MOST_PAGES = 300
MOST_OBJECTS = 200_000
MOST_INFLATED = 128 * 2**20  # of all that is no picture
MOST_PIXELS = 60_000_000  # of one picture
BYTES_PER_PIXEL = 8  # four colors of 16 bits
CHUNK = 2**16
DEEPEST = 60

ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie", "/Sound",
           "/RichMediaExecute"}  # fmt: skip
NOTES = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen"}
FILES = {"/F", "/UF", "/DOS", "/Mac", "/Unix"}
# Keys that are there for nothing but to carry a file or a program.
KEYS = {
    "/JavaScript": "JavaScript",
    "/EmbeddedFiles": "embedded files",
    "/Collection": "embedded files",
    "/XFA": "an XFA form",
    "/RichMediaContent": "multimedia",
}
# What only a program that shows pictures unpacks.
PICTURE_FILTERS = {"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"}
TELL = "The PDF holds {what}, which we do not take. Print it to a new PDF, and upload that."
TOO_MUCH = "The PDF takes far more room inside than a proof may. Scan it anew, in a lower resolution."


def inspect(content: bytes) -> int:
    """Return how many pages a PDF has; raise Refused for a file that is no sound PDF, is encrypted, acts, carries files, or inflates beyond measure."""
    _require_frame(content)
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            _inspect(pdf)
            return len(pdf.pages)
    except pikepdf.PasswordError:
        raise Refused("encrypted", _encrypted()) from None
    except pikepdf.PdfError:
        raise Refused("damaged", "The PDF is damaged. Make it anew, and upload that.") from None


def _require_frame(content: bytes) -> None:
    """Refuse a file that begins or ends as something else: what is two formats at once was made to deceive."""
    end = content.rfind(b"%%EOF")
    if not content.startswith(b"%PDF-") or end < 0 or content[end + 5 :].strip(b"\0 \t\r\n\f"):
        raise Refused("damaged", "The file is not a PDF from its begin to its end. Make it anew, and upload that.")


def _inspect(pdf: Any) -> None:
    if pdf.is_encrypted:
        raise Refused("encrypted", _encrypted())
    if not 1 <= len(pdf.pages) <= MOST_PAGES:
        raise Refused("too_much", f"The PDF has {len(pdf.pages)} pages; upload one with 1 to {MOST_PAGES}.")
    _require_still(pdf.Root)
    seen, inflated = 0, 0
    for each in [pdf.trailer, *pdf.objects]:
        for value in _within(each, 0):
            seen += 1
            _require_passive(value)
            if seen > MOST_OBJECTS:
                raise Refused("too_much", TOO_MUCH)
            if isinstance(value, pikepdf.Stream):
                inflated += _inflated(value, MOST_INFLATED - inflated)


def _within(value: Any, depth: int) -> Iterator[Any]:
    """Give every dictionary and stream that is written inside an object, and itself."""
    if depth > DEEPEST:
        raise Refused("too_much", TOO_MUCH)
    if isinstance(value, pikepdf.Array):
        members = list(value)
    elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        yield value
        members = [member for _, member in value.items()]
    else:
        return
    for member in members:
        # An indirect object is met by itself among the objects of the file.
        if isinstance(member, pikepdf.Object) and not member.is_indirect:
            yield from _within(member, depth + 1)


def _require_still(root: Any) -> None:
    """Refuse a file that does something when it is opened; to name the page that is shown first is no deed."""
    opening = root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and str(opening.get("/S")) != "/GoTo":
        raise Refused("active", TELL.format(what="an action that starts when it is opened"))


def _require_passive(holder: Any) -> None:
    found = next((what for key, what in KEYS.items() if key in holder), "") or _deed(holder) or _enclosure(holder)
    if found:
        raise Refused("active", TELL.format(what=found))


def _deed(holder: Any) -> str:
    action, note = str(holder.get("/S")), str(holder.get("/Subtype"))
    if action in ACTIONS:
        return f"an action ({action.removeprefix('/')})"
    if note in NOTES and str(holder.get("/Type", "/Annot")) == "/Annot":
        return f"multimedia or a file ({note.removeprefix('/')})"
    # A font or a picture may be called AA as well: only what holds actions is meant.
    own = holder.get("/AA")
    starting = isinstance(own, pikepdf.Dictionary) and any(
        isinstance(each, pikepdf.Dictionary) and "/S" in each for _, each in own.items()
    )
    return "actions that start by themselves" if starting else ""


def _enclosure(holder: Any) -> str:
    files = holder.get("/EF")
    carries = isinstance(files, pikepdf.Dictionary) and bool(FILES & set(files.keys()))
    return "embedded files" if carries or str(holder.get("/Type")) == "/EmbeddedFile" else ""


def _inflated(stream: Any, left: int) -> int:
    """Return how many bytes a stream takes of what is left to all; a picture may take what its own size says."""
    if str(stream.get("/Subtype")) == "/Image":
        pixels = _whole(stream.get("/Width")) * _whole(stream.get("/Height"))
        if pixels > MOST_PIXELS:
            raise Refused("too_much", "The PDF holds a picture that is too large. Scan it in a lower resolution.")
        _measured(stream, pixels * BYTES_PER_PIXEL + CHUNK)
        return 0
    return _measured(stream, left)


def _measured(stream: Any, most: int) -> int:
    """Return the size of a stream, unpacked piece by piece and never kept; raise Refused beyond the most."""
    filters = _filters(stream)
    if filters[:1] == ["/FlateDecode"] and set(filters[1:]) <= PICTURE_FILTERS:
        size = _unpacked(stream.read_raw_bytes(), most)
    elif set(filters) & PICTURE_FILTERS or not filters:
        size = len(stream.read_raw_bytes())
    else:
        size = _read_out(stream)
    if size > most:
        raise Refused("too_much", TOO_MUCH)
    return size


def _read_out(stream: Any) -> int:
    try:
        return len(stream.read_bytes())  # a bomb runs into the memory that this process may have
    except (pikepdf.PdfError, MemoryError, RuntimeError):
        raise Refused("too_much", TOO_MUCH) from None


def _unpacked(packed: bytes, most: int) -> int:
    machine, size = zlib.decompressobj(), 0
    try:
        while packed and size <= most:
            size += len(machine.decompress(packed, CHUNK))
            packed = machine.unconsumed_tail
    except zlib.error:
        return size  # the rest is shown by no program either
    return size


def _filters(stream: Any) -> list[str]:
    named = stream.get("/Filter")
    return [str(each) for each in named] if isinstance(named, pikepdf.Array) else [str(named)] if named else []


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _encrypted() -> str:
    return "The PDF is protected by a password or against changes. Upload one without protection."
