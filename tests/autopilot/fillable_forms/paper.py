"""Small forms made for one trait each, as agencies' tools make them."""

import io
import warnings
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

BOX = (60, 700, 260, 720)
LINES_OF_A_CROSS = b"q 1 w 2 2 m 8 8 l 2 8 m 8 2 l S Q"
MULTILINE, COMB, RADIO, PUSH, COMBO, EDIT, MULTI = 1 << 12, 1 << 24, 1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 21
READ_ONLY, REQUIRED, UNISON, PASSWORD = 1, 2, 1 << 25, 1 << 13


class Paper:
    """A form in the making; `add` puts a field on a page, `content` is the file."""

    def __init__(self, pages: int = 1) -> None:
        self.pdf = pikepdf.new()
        for _ in range(pages):
            self.pdf.add_blank_page(page_size=(612, 792))
        self.form = self.pdf.Root.AcroForm = self.pdf.make_indirect(
            Dictionary(Fields=Array(), DA=String("/Helv 0 Tf 0 g"))
        )

    def widget(self, rect: Any = BOX, page: int = 1, **entries: Any) -> Any:
        """Put a widget on a page (on none for 0), and return it."""
        made = self.pdf.make_indirect(
            Dictionary({"/Type": Name.Annot, "/Subtype": Name.Widget, "/Rect": Array(rect), "/F": 4, **_keys(entries)})
        )
        if page:
            holder = self.pdf.pages[page - 1].obj
            holder.Annots = Array([*holder.get("/Annots", []), made])
        return made

    def add(self, name: str, kind: str = "Tx", rect: Any = BOX, page: int = 1, **entries: Any) -> Any:
        """Put a field of one widget into the form, and return it."""
        off = {"AS": Name.Off} if kind == "Btn" else {}  # without it readers disagree on what to show
        made = self.widget(rect, page, FT=Name(f"/{kind}"), T=String(name), **off | entries)
        self.form.Fields.append(made)
        return made

    def family(self, name: str, kids: list[Any], **entries: Any) -> Any:
        """Put a field with kids into the form, and return it."""
        made = self.pdf.make_indirect(Dictionary({"/T": String(name), "/Kids": Array(kids), **_keys(entries)}))
        for kid in kids:
            kid.Parent = made
        self.form.Fields.append(made)
        return made

    def drawing(self, content: bytes = LINES_OF_A_CROSS, side: float = 10) -> Any:
        """Return an appearance."""
        stream = Stream(self.pdf, content)
        stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array([0, 0, side, side])
        return self.pdf.make_indirect(stream)

    def on(self, *names: str, content: bytes = LINES_OF_A_CROSS) -> Any:
        """Return the appearances of a button: what it is on with, and no stream for off."""
        return Dictionary(N=Dictionary({f"/{name}": self.drawing(content) for name in names}))

    def write(self, text: str, page: int = 1, at: tuple[int, int] = (60, 740)) -> None:
        """Print a text on a page."""
        holder = self.pdf.pages[page - 1]
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        holder.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        holder.contents_add(f"BT /F1 9 Tf {at[0]} {at[1]} Td ({text}) Tj ET".encode())

    def content(self, **how: Any) -> bytes:
        """Return the file."""
        written = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", pikepdf.PageCopyWarning
            )  # widgets out of reach are what some forms are about
            self.pdf.save(written, **how)
        return written.getvalue()


def _keys(entries: dict[str, Any]) -> dict[str, Any]:
    return {f"/{name}": String(each) if isinstance(each, str) else each for name, each in entries.items()}
