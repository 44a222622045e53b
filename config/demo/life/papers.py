"""Small real PDF files: one page with a few lines, as holders hand them in."""

import io

from django.core.files.base import ContentFile

FONT_SIZE, LEADING, LEFT, TOP = 14, 24, 72, 700


def paper(*lines: str) -> bytes:
    """Return a PDF of one page with lines of plain English; brackets and backslashes are not for it."""
    import pikepdf  # noqa: PLC0415 (slow to start)

    text = " ".join(f"({line}) Tj T*" for line in lines)
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(612, 792))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        drawn = f"BT /F1 {FONT_SIZE} Tf {LEADING} TL {LEFT} {TOP} Td {text} ET"
        page.obj.Contents = made.make_stream(drawn.encode("ascii"))
        file = io.BytesIO()
        made.save(file, deterministic_id=True)
    return file.getvalue()


def upload(name: str, *lines: str) -> "ContentFile[bytes]":
    """Return such a page as a form hands it over."""
    return ContentFile(paper(*lines), name=name)
