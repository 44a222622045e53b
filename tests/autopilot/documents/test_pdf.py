"""A document as people and validators get it."""

import re
from datetime import datetime

import pytest

from autopilot.documents import pdf, process
from autopilot.documents.errors import PdfRefused, UnprintableText
from autopilot.exceptions import Invalid
from tests.autopilot.documents.conftest import CREATED
from tests.autopilot.documents.samples import TITLE, context, opened, text_of

pytestmark = pytest.mark.once


def sample(**changes) -> bytes:
    """Render the sample document."""
    return pdf.render("sample.html", context(**changes), title=TITLE, created=CREATED)


def test_it_prints_what_people_wrote_as_text():
    made = sample(applicant="<b>Łukasz</b> & {{ Nguyễn }}")

    text = text_of(made)
    assert "<b>Łukasz</b> & {{ Nguyễn }}" in text
    assert "Reference PRV-7K2M-9QXD" in text
    assert "Page 1 of " in text


def test_it_says_each_result_in_words():
    text = text_of(sample())

    assert all(word in text for word in ("Pass", "Warn", "Fail", "Note"))


def test_it_claims_pdf_a_3a_and_pdf_ua_1():
    with opened(sample()) as document, document.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["pdfuaid:part"] == "1"
        assert document.Root.MarkInfo.Marked
        assert document.Root.ViewerPreferences.DisplayDocTitle
        assert document.Root.Lang == "en-US"
        assert "/OutputIntents" in document.Root


def test_it_describes_the_accessibility_mark_inside_the_one_description():
    with opened(sample()) as document:
        xmp = document.Root.Metadata.read_bytes()

    assert xmp.count(b"<rdf:RDF") == xmp.count(b"</rdf:RDF>") == 1
    assert xmp.index(b"pdfaExtension:schemas") < xmp.index(b"</rdf:RDF>")


def test_it_uses_no_font_but_ours():
    with opened(sample()) as document:
        names = {str(item.BaseFont) for item in document.objects if _is(item, "/Font") and "/BaseFont" in item}
        embedded = [item for item in document.objects if _is(item, "/FontDescriptor")]

    assert names
    assert all("Public-Sans" in name for name in names)
    assert all("/FontFile2" in item or "/FontFile3" in item for item in embedded)


def test_it_bears_the_title_and_time_it_was_given():
    with opened(sample()) as document:
        assert str(document.docinfo.Title) == TITLE
        assert str(document.docinfo.CreationDate) == str(document.docinfo.ModDate) == "D:20261120153000Z"


def test_it_makes_the_same_bytes_in_another_process():
    first = sample()
    process.shared.close()

    second = sample()

    assert first == second


def test_it_makes_other_bytes_of_other_data():
    assert sample(applicant="Somebody") != sample(applicant="Somebody else")


def test_it_names_the_characters_it_cannot_print():
    with pytest.raises(UnprintableText) as refusal:
        sample(applicant="李 Ω Nguyễn")

    assert refusal.value.characters == ["Ω", "李"]
    assert "Ω (U+03A9), 李 (U+674E)" in str(refusal.value)
    assert "Nguy" not in str(refusal.value)
    assert isinstance(refusal.value, Invalid)


def test_it_refuses_an_unprintable_title():
    with pytest.raises(UnprintableText):
        pdf.render("sample.html", context(), title="Application 李", created=CREATED)


@pytest.mark.parametrize(
    "body", ["<p style='text-transform: uppercase'>ƒ</p>", "<p style='list-style: square; display: list-item'>x</p>"]
)
def test_it_refuses_a_missing_character_that_the_style_brings_in(press, body):
    with pytest.raises(UnprintableText):
        press(body)


def test_it_prints_pasted_lookalikes_plainly():
    text = text_of(sample(applicant="Non\u2011breaking\u2009thin\u200b and de\u0301compose\u0301"))

    assert "Non-breaking thin and décomposé" in text


def test_it_prints_a_soft_hyphen_without_a_missing_glyph():
    text = text_of(sample(lead="Com\u00adpetence " * 40))

    assert "Competence Competence" in re.sub(r"\s+", " ", text)


def test_it_refuses_a_time_without_zone():
    with pytest.raises(ValueError, match="time zone"):
        pdf.render("sample.html", context(), title=TITLE, created=datetime(2026, 11, 20))


def test_it_refuses_a_document_beyond_measure():
    with pytest.raises(PdfRefused, match="characters"):
        sample(lead="word " * 500_000)


def test_it_lays_out_pages_of_prose_in_a_table_within_its_time():
    made = sample(facts=[("Description", "some words of prose " * 500), ("One word", "x" * 3000)])

    assert made.startswith(b"%PDF-1.7")


def _is(item, kind: str) -> bool:
    return hasattr(item, "get") and str(item.get("/Type", "")) == kind
