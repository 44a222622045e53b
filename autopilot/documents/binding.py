"""Bind files together: the pages of one PDF behind those of another, and any file inside it, with both standards kept."""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

PDF_DATE = "D:%Y%m%d%H%M%SZ"


def append(first: bytes, second: bytes) -> bytes:
    """Return the pages of one of our PDFs followed by those of another, as PDF/A-3a and PDF/UA-1 as both are.

    The second's structure tree (ISO 32000-1, 14.7) is hung into the first's, else its pages would be unreadable to a
    screen reader. The same files always give the same bytes.
    """
    import pikepdf  # noqa: PLC0415 (slow to start)

    with pikepdf.open(BytesIO(first)) as bound, pikepdf.open(BytesIO(second)) as other:
        count = len(bound.pages)
        bound.pages.extend(other.pages)  # before the tree, whose elements then name the copied pages
        _hang_in(bound.Root.StructTreeRoot, bound.copy_foreign(other.Root.StructTreeRoot), list(bound.pages)[count:])
        return _saved(bound)


def attach(
    content: bytes, files: Mapping[str, tuple[bytes, str, str]], *, at: datetime, relationship: str = "Source"
) -> bytes:
    """Return a PDF/A-3 with files inside it: by name, the bytes, a media type, and one sentence of what it is.

    Each is an associated file of the document, as ISO 19005-3, 6.8 wants. `at` is the time (aware) they bear, and
    `relationship` what they are to the pages: their Source, or Data that tells the same.
    """
    import pikepdf  # noqa: PLC0415 (slow to start)

    with pikepdf.open(BytesIO(content)) as pdf:
        stamp = at.strftime(PDF_DATE)
        for name, (inside, media_type, what) in files.items():
            facts: dict[str, Any] = {"filename": name, "description": what, "mime_type": media_type}
            facts |= {"creation_date": stamp, "mod_date": stamp, "relationship": pikepdf.Name(f"/{relationship}")}
            pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, inside, **facts)
        return _saved(pdf)


def attached(content: bytes, name: str) -> bytes:
    """Return a file that `attach` put inside a PDF; raises KeyError where there is none of this name."""
    import pikepdf  # noqa: PLC0415 (slow to start)

    with pikepdf.open(BytesIO(content)) as pdf:
        return bytes(pdf.attachments[name].get_file().read_bytes())


def _hang_in(root: Any, tree: Any, pages: list[Any]) -> None:
    """Make a copied structure tree part of a root, with keys of the parent tree that nobody else has."""
    numbers = root.ParentTree.Nums
    shift = max(int(key) for key in list(numbers)[::2]) + 1
    for element in tree.K:
        element.P = root
        root.K.append(element)
    added = list(tree.ParentTree.Nums)
    for key, parents in zip(added[::2], added[1::2], strict=True):
        numbers.extend([int(key) + shift, parents])
    for page in pages:
        page.obj.StructParents = int(page.obj.StructParents) + shift
        for annotation in page.obj.get("/Annots", []):
            if "/StructParent" in annotation:
                annotation.StructParent = int(annotation.StructParent) + shift


def _saved(pdf: Any) -> bytes:
    out = BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
