"""The door for uploads: proof comes in as pages and pictures, and everything else stays outside."""

import io
import time
from uuid import UUID

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from autopilot.documents import archive
from autopilot.models import Document
from autopilot.uploads import MOST_BYTES, PDF, receive
from autopilot.uploads.receiving import LIMITS
from tests.autopilot.uploads.files import (
    ACTIVE,
    inflating,
    pdf,
    picture,
    twice_inflating,
    upload,
    vast_picture,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]
TENANT = UUID("019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d13")


def taken(name: str, content: bytes) -> Document:
    """Upload a file as proof."""
    return receive(upload(name, content), title="Proof", tenant_id=TENANT)


def refusal(name: str, content: bytes) -> str:
    """Return the code by which a file is refused; nothing is archived."""
    with pytest.raises(ValidationError) as refused:
        taken(name, content)
    assert not Document.objects.exists()
    return str(refused.value.code)


def test_it_archives_a_pdf_as_it_is():
    content = pdf()

    document = taken("license.PDF", content)

    assert archive.read(document) == content
    assert (document.media_type, document.title, document.tenant_id) == ("application/pdf", "Proof", TENANT)
    assert document.snapshot == {"pages": 1}


def test_it_takes_what_pages_hold_without_harm():
    def change(made):
        made.Root.OpenAction = Array([made.pages[0].obj, Name.Fit])
        link = Dictionary(S=Name.URI, URI=String("https://www.irs.gov"))
        note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=link)
        made.pages[0].Annots = Array([made.make_indirect(note)])
        made.pages[0].Resources = Dictionary(Font=Dictionary(AA=Dictionary(Type=Name.Font, Subtype=Name.Type1)))

    assert taken("terms.pdf", pdf(change)).size > 0


@pytest.mark.parametrize(("name", "kind"), [("photo.png", "PNG"), ("photo.jpg", "JPEG"), ("photo.jpeg", "JPEG")])
def test_it_draws_a_picture_anew(name, kind):
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "<script>alert(1)</script>", 6
    content = picture(kind, exif=exif) + b"<script>alert(1)</script>"

    kept = archive.read(taken(name, content))

    assert b"script" not in kept
    with Image.open(io.BytesIO(kept)) as redrawn:
        assert (redrawn.format, redrawn.size, dict(redrawn.getexif())) == (kind, (40, 60), {})


@pytest.mark.parametrize("content", ACTIVE.values(), ids=ACTIVE)
def test_it_refuses_a_pdf_that_acts(content):
    assert refusal("proof.pdf", content) == "active"


@pytest.mark.parametrize("password", ["", "secret"])
def test_it_refuses_an_encrypted_pdf(password):
    assert refusal("proof.pdf", pdf(encryption=pikepdf.Encryption(owner="owner", user=password))) == "encrypted"


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "proof.pdf.exe", "proof", ".pdf", "letter.docx"])
def test_it_refuses_a_name_that_is_not_on_the_list(name):
    assert refusal(name, b"%PDF-1.7") == "extension"


@pytest.mark.parametrize(
    "content", [b"<html><script>alert(1)</script>", b"<svg onload='alert(1)'/>", b"MZ\x90", b"PK\3\4"]
)
@pytest.mark.parametrize("name", ["proof.pdf", "proof.png", "proof.jpg"])
def test_it_refuses_a_content_that_is_not_what_the_name_says(name, content):
    assert refusal(name, content) == "content"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.pdf", pdf()[:300]),
        ("both.pdf", pdf() + b"PK\3\4 and an archive"),
        ("words.pdf", b"%PDF-1.7 and no more\n%%EOF"),
        ("cut.png", picture()[:60]),
        ("cut.jpg", b"\xff\xd8\xff" + b"\0" * 99),
    ],
)
def test_it_refuses_a_damaged_file(name, content):
    assert refusal(name, content) == "damaged"


def test_it_refuses_an_empty_and_a_large_file():
    assert refusal("proof.pdf", b"") == "empty"
    assert refusal("proof.pdf", b"%PDF-" + b" " * MOST_BYTES) == "too_large"


def test_it_takes_only_what_the_caller_asks_for():
    with pytest.raises(ValidationError, match="Upload a PDF file"):
        receive(upload("photo.png", picture()), title="Syllabus", tenant_id=TENANT, accept=(PDF,))


@pytest.mark.parametrize(
    ("name", "make"), [("bomb.pdf", inflating), ("bomb.pdf", twice_inflating), ("bomb.png", vast_picture)]
)
def test_it_refuses_a_bomb_within_five_seconds_and_300_megabytes(name, make):
    content = make()
    assert len(content) < 1_000_000

    began = time.monotonic()
    code = refusal(name, content)

    assert code == "too_much"
    assert time.monotonic() - began < 5
    assert LIMITS.memory_bytes < 300_000_000  # the most that the system lets the process have
