"""The door to forms: a limited process for each, which ends with it, and takes hostile files with it."""

import time
import zlib

import psutil
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Stream

from autopilot.documents.limits import MEBIBYTE, Limits
from autopilot.fillable_forms import desk
from autopilot.fillable_forms.errors import FormUnusable
from tests.autopilot.fillable_forms.paper import LINES_OF_A_CROSS, Paper

pytestmark = pytest.mark.once
TIGHT = Limits(wall_seconds=30, cpu_seconds=3, memory_bytes=500 * MEBIBYTE, pages=3)


@pytest.fixture
def paper() -> Paper:
    return Paper()


def reason(content: bytes, limits: Limits = TIGHT) -> str:
    """Return why a file is refused at the door."""
    started = time.monotonic()
    with pytest.raises(FormUnusable) as refusal:
        desk.examine(content, limits)
    assert time.monotonic() - started < 25
    return refusal.value.reason


def test_it_tells_all_of_a_form(paper):
    paper.write("Expires 07/31/2026", at=(60, 60))
    paper.write("Street and number")
    paper.add("street", rect=(60, 715, 260, 735))
    paper.add("box", "Btn", (60, 600, 70, 610), AP=paper.on("On"))

    found = desk.examine(paper.content())

    assert (found.triage.kind, found.triage.expires_on) == ("acroform", "2026-07-31")
    assert [(field.name, field.label) for field in found.fields] == [("street", "Street and number"), ("box", "")]
    assert found.fields[1].widgets[0].rect == (60.0, 600.0, 70.0, 610.0)
    assert found.fields[1].widgets[0].spot == (60.0, 182.0, 70.0, 192.0)
    assert found.sizes == ((612.0, 792.0),)


def test_it_fills_a_form_and_tells_what_it_refused(paper):
    paper.add("name")
    paper.add("other", rect=(60, 600, 80, 610), DA="/Helv 4 Tf 0 g")

    filled = desk.fill(paper.content(), {"name": "Łukasz", "other": "far too long for this", "none": "李"})

    assert filled.filled == 1
    assert [(each.field, each.reason) for each in filled.refused] == [("other", "overflow"), ("none", "unknown_field")]
    assert filled.pdf.startswith(b"%PDF-")


def test_it_shows_a_page_with_what_is_filled_in(paper):
    paper.add("name")
    content = paper.content()

    blank, filled = (desk.picture(each, 1) for each in (content, desk.fill(content, {"name": "Łukasz"}).pdf))

    assert blank.startswith(b"\x89PNG")
    assert blank != filled
    with pytest.raises(FormUnusable, match="no page 2"):
        desk.picture(content, 2)


def test_it_refuses_a_form_that_cannot_be_filled(paper):
    paper.add("kept")
    paper.widget(FT=Name.Tx, T="lost")

    with pytest.raises(FormUnusable) as refusal:
        desk.fill(paper.content(), {"kept": "x"})

    assert (refusal.value.reason, refusal.value.names) == ("orphan_widgets", ["lost"])


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7 but not for long"])
def test_it_refuses_what_is_no_pdf(content):
    assert reason(content) == "not_a_pdf"


def test_it_refuses_too_many_bytes_and_pages(monkeypatch):
    assert reason(Paper(pages=4).content()) == "too_many_pages"
    monkeypatch.setattr(desk, "MOST_BYTES", 100)
    assert reason(b"%PDF-1.7" + b" " * 100) == "too_large"


def bomb(paper: Paper, megabytes: int) -> Stream:
    """Return a stream that is small until it is read."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(LINES_OF_A_CROSS * 30_000) for _ in range(megabytes)) + packer.flush()
    return paper.pdf.make_stream(packed, Filter=Name.FlateDecode, Type=Name.XObject, Subtype=Name.Form)


def test_it_survives_a_value_that_grows_when_it_is_read(paper):
    field = paper.add("name")
    field.V = bomb(paper, 600)

    assert reason(paper.content()) in {"too_much", "damaged"}


def test_it_survives_a_page_that_never_ends(paper):
    paper.add("name")
    drawing = bomb(paper, 300)
    drawing.BBox = Array([0, 0, 600, 600])
    paper.pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=drawing))
    paper.pdf.pages[0].contents_add(b"/X Do " * 100)

    with pytest.raises(FormUnusable) as refusal:
        desk.picture(paper.content(), 1, TIGHT)

    assert refusal.value.reason in {"too_much", "damaged"}


def test_it_leaves_no_process_behind(paper):
    paper.add("name")
    before = {child.pid for child in psutil.Process().children(recursive=True)}

    desk.examine(paper.content())
    reason(b"nothing")

    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def test_it_can_be_read_by_others(paper):
    paper.add("name")

    with pypdfium2.PdfDocument(desk.fill(paper.content(), {"name": "x"}).pdf) as document:
        assert len(document) == 1
