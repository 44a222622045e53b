"""Files as people upload them: good ones, and those that were made to do harm."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image


def pdf(change: Callable[[Any], None] = lambda pdf: None, **saving: Any) -> bytes:
    """Return a PDF of one page, changed; the same bytes at any time, unless it is encrypted."""
    file = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(612, 792))
        change(made)
        made.save(file, deterministic_id="encryption" not in saving, **saving)
    return file.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **saving: Any) -> bytes:
    """Return a picture."""
    file = io.BytesIO()
    Image.new("RGB", size, (10, 90, 60)).save(file, kind, **saving)
    return file.getvalue()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    """Return a file as a form hands it over."""
    return SimpleUploadedFile(name, content)


def script() -> Dictionary:
    """Return an action that runs a program."""
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def _embedded(made: Any) -> None:
    made.attachments["payload.exe"] = b"MZ"


def _named_script(made: Any) -> None:
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), made.make_indirect(script())])))


def _opening(action: Dictionary) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        made.Root.OpenAction = action

    return change


def _link(action: Dictionary) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
        made.pages[0].Annots = Array([made.make_indirect(note)])

    return change


def _note(subtype: str) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        note = Dictionary(Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=Array([0, 0, 9, 9]))
        made.pages[0].Annots = Array([made.make_indirect(note)])

    return change


def _turning(made: Any) -> None:
    made.pages[0].AA = Dictionary(O=Dictionary(S=Name.URI, URI=String("https://evil.example")))


def _dynamic(made: Any) -> None:
    made.Root.AcroForm = Dictionary(Fields=Array(), XFA=Stream(made, b"<xdp/>"))


ACTIVE = {
    "a script by name": pdf(_named_script),
    "a script when opened": pdf(_opening(script())),
    "an address when opened": pdf(_opening(Dictionary(S=Name.URI, URI=String("https://evil.example")))),
    "a program when opened": pdf(_opening(Dictionary(S=Name.Launch, F=String("cmd.exe")))),
    "a script at a link": pdf(_link(script())),
    "a script after an action": pdf(_link(Dictionary(S=Name.URI, URI=String("https://a.example"), Next=script()))),
    "a program at a link": pdf(_link(Dictionary(S=Name.Launch, F=String("cmd.exe")))),
    "a form that is sent": pdf(_link(Dictionary(S=Name.SubmitForm, F=String("https://evil.example")))),
    "an action at a page": pdf(_turning),
    "embedded files": pdf(_embedded),
    "embedded files, packed": pdf(_embedded, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "an attached note": pdf(_note("FileAttachment")),
    "multimedia": pdf(_note("RichMedia")),
    "an XFA form": pdf(_dynamic),
}


def inflating(mebibytes: int = 400) -> bytes:
    """Return a small PDF whose page inflates to so many MiB."""
    machine = zlib.compressobj(9)
    packed = b"".join(machine.compress(b" " * 2**20) for _ in range(mebibytes)) + machine.flush()

    def change(made: Any) -> None:
        made.pages[0].Contents = Stream(made, packed, Filter=Name.FlateDecode)

    return pdf(change, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def twice_inflating() -> bytes:
    """Return a tiny PDF whose page is packed twice."""
    packed = zlib.compress(zlib.compress(b" " * (400 * 2**20), 9), 9)

    def change(made: Any) -> None:
        filters = Array([Name.FlateDecode, Name.FlateDecode])
        made.pages[0].Contents = Stream(made, packed, Filter=filters)

    return pdf(change, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def vast_picture(side: int = 30_000) -> bytes:
    """Return a small PNG that claims, and holds, a square of so many pixels a side."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return len(data).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    header = side.to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
    rows = zlib.compress(b"\0" * ((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
