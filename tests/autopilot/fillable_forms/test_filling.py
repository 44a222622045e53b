"""Filling: every accepted value is seen in poppler and PDFium at its place, can be copied exactly, and is in the file."""

import io
import unicodedata

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from autopilot.fillable_forms.filling import fill
from tests.autopilot.fillable_forms.eyes import ENGINES, changed, fields_of, first_field, ink_outside, text_of
from tests.autopilot.fillable_forms.paper import BOX, COMB, COMBO, EDIT, MULTI, MULTILINE, READ_ONLY, Paper

pytestmark = pytest.mark.once
NAME = "Łukasz Nguyễn-Ó Dálaigh"
LOOKS = {
    "plain": {},
    "sized": {"DA": "/Helv 9 Tf 0 0 1 rg"},
    "sized in the form": {"DA": "/Helv 10.5 Tf 0.2 g"},
    "centered": {"Q": 1},
    "right": {"Q": 2, "DA": "0 0.4 0 rg /TiRo 0 Tf"},
    "framed": {"MK": Dictionary(BC=Array([1, 0, 0]), BG=Array([0.9, 0.9, 1])), "BS": Dictionary(W=2, S=Name.D)},
    "underlined": {"MK": Dictionary(BC=Array([0])), "BS": Dictionary(W=1, S=Name.U)},
    "upside down": {"MK": Dictionary(R=180)},
    "multiline": {"Ff": MULTILINE},
    "without a default appearance": {"DA": ""},
    "with a broken default appearance": {"DA": "Tf ) rg 5 5 5 /x . Tf g"},
}


@pytest.fixture
def paper() -> Paper:
    return Paper()


def seen(before: bytes, after: bytes, name: str) -> None:
    """Check that every place of a field shows something new in both engines, and nothing is drawn beside it."""
    for widget in fields_of(before)[name].widgets:
        for engine in ENGINES:
            assert changed(engine, before, after, widget), f"{name} is not seen in {engine}"


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_it_shows_a_text_as_the_form_wants_it(paper, look):
    paper.add("name", **look)
    content = paper.content()

    filled = fill(content, {"name": NAME})

    assert (filled.filled, filled.refused) == (1, ())
    seen(content, filled.pdf, "name")
    assert fields_of(filled.pdf)["name"].value == NAME
    assert NAME in text_of(filled.pdf)
    assert ink_outside(content, filled.pdf, fields_of(content)["name"].widgets[0]) is None


@pytest.mark.parametrize("turn", [90, 270])
def test_it_turns_text_with_its_place(paper, turn):
    paper.add("name", rect=(60, 500, 80, 700), MK=Dictionary(R=turn))
    content = paper.content()

    filled = fill(content, {"name": NAME})

    seen(content, filled.pdf, "name")
    assert ink_outside(content, filled.pdf, fields_of(content)["name"].widgets[0]) is None


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_it_sees_its_ink_on_turned_and_cropped_pages(paper, rotation):
    paper.add("name")
    paper.pdf.pages[0].obj.Rotate = rotation
    paper.pdf.pages[0].obj.CropBox = Array([40, 30, 600, 780])

    assert fill(paper.content(), {"name": "x"}).filled == 1


def test_it_refuses_what_nobody_could_see(paper):
    paper.add("white", DA="/Helv 10 Tf 1 g")
    paper.add("outside", rect=(700, 900, 800, 920))
    paper.add("fine", rect=(60, 600, 260, 620))
    content = paper.content()

    filled = fill(content, {"white": "x", "outside": "x", "fine": "x"})

    assert [(each.field, each.reason) for each in filled.refused] == [("white", "invisible"), ("outside", "invisible")]
    assert filled.filled == 1
    assert fields_of(filled.pdf)["white"].value == ""


@pytest.mark.parametrize("quadding", [0, 1, 2])
def test_it_puts_each_character_of_a_comb_into_its_cell(paper, quadding):
    paper.add("ssn", Ff=COMB, MaxLen=9, Q=quadding, MK=Dictionary(BC=Array([0])), rect=(60, 700, 240, 720))
    content = paper.content()

    filled = fill(content, {"ssn": "900123"})

    seen(content, filled.pdf, "ssn")
    assert "900123" in text_of(filled.pdf)
    with pikepdf.open(io.BytesIO(filled.pdf)) as pdf:
        stream = pdf.Root.AcroForm.Fields[0].AP.N
        placed = [op.operands[4] for op in pikepdf.parse_content_stream(stream) if str(op.operator) == "Tm"]
    cells = [int(float(x) // 20) for x in placed]
    assert cells == [(0, 1, 3)[quadding] + place for place in range(6)]


def test_it_fills_a_comb_without_border_too(paper):
    paper.add("ssn", Ff=COMB, MaxLen=4)
    content = paper.content()

    filled = fill(content, {"ssn": "ÄW1ß"})

    seen(content, filled.pdf, "ssn")
    assert "ÄW1ß" in text_of(filled.pdf)


def test_it_breaks_lines_between_words_and_keeps_the_paragraphs(paper):
    paper.add("remarks", Ff=MULTILINE, rect=(60, 600, 200, 700))
    text = "The program meets on Monday and Wednesday evenings.\n\nBring a  helmet.\r\nEnd"
    content = paper.content()

    filled = fill(content, {"remarks": text})

    assert fields_of(filled.pdf)["remarks"].value == text
    assert text_of(filled.pdf).split() == text.split()


def test_it_shrinks_a_text_rather_than_cut_it_and_says_when_it_is_small(paper):
    paper.add("name", rect=(60, 700, 110, 714), DA="/Helv 11 Tf 0 g")
    content = paper.content()

    filled = fill(content, {"name": "Konstantinopolis"})

    assert [note.reason for note in filled.notes] == ["small_print"]
    assert "Konstantinopolis" in text_of(filled.pdf)


def test_it_keeps_accents_and_descenders_inside_a_low_place(paper):
    paper.add("name", rect=(60, 700, 200, 707))
    content = paper.content()

    filled = fill(content, {"name": "Ễgypt jqy"})

    seen(content, filled.pdf, "name")
    assert ink_outside(content, filled.pdf, fields_of(content)["name"].widgets[0]) is None


def test_it_draws_every_widget_of_a_field_each_in_its_size(paper):
    paper.family("name", [paper.widget(BOX), paper.widget((60, 600, 120, 608))], FT=Name.Tx, DA="/Helv 0 Tf 0 g")
    content = paper.content()

    filled = fill(content, {"name": NAME})

    seen(content, filled.pdf, "name")
    assert text_of(filled.pdf).count(NAME) == 2


def test_it_refuses_a_value_that_does_not_fit_one_of_its_places(paper):
    paper.family("name", [paper.widget(BOX), paper.widget((60, 600, 80, 608))], FT=Name.Tx)
    content = paper.content()

    filled = fill(content, {"name": "A name far too long for it"})

    assert [each.reason for each in filled.refused] == ["overflow"]
    with first_field(filled.pdf) as field:
        assert "/AP" not in field.Kids[0]


def test_it_writes_the_value_as_it_was_given_even_if_letters_are_composed(paper):
    decomposed = unicodedata.normalize("NFD", "Nguyễn")
    paper.add("name")

    filled = fill(paper.content(), {"name": decomposed})

    assert fields_of(filled.pdf)["name"].value == decomposed
    assert "Nguyễn" in text_of(filled.pdf)


def test_it_clears_a_field(paper):
    paper.add("name", V="old", RV="<p>old</p>")
    paper.add("state", "Ch", Ff=COMBO, Opt=Array(["a"]), V="a", rect=(60, 600, 260, 620))

    filled = fill(paper.content(), {"name": "", "state": ""})

    fields = fields_of(filled.pdf)
    assert (filled.filled, fields["name"].value, fields["state"].value) == (2, "", "")
    with first_field(filled.pdf) as field:
        assert "/RV" not in field


def test_it_writes_the_value_of_a_choice_and_shows_its_label(paper):
    paper.add("state", "Ch", Ff=COMBO, Opt=Array([Array(["CA", "California"]), Array(["NV", "Nevada"])]))
    content = paper.content()

    by_value, by_label = (fill(content, {"state": word}).pdf for word in ("NV", "Nevada"))

    assert by_value == by_label
    assert fields_of(by_value)["state"].value == "NV"
    assert "Nevada" in text_of(by_value)
    with first_field(by_value) as field:
        assert [int(each) for each in field.I] == [1]
    seen(content, by_value, "state")


def test_it_writes_what_is_not_offered_only_where_the_form_allows_it(paper):
    paper.add("free", "Ch", Ff=COMBO | EDIT, Opt=Array(["a"]), I=Array([0]))
    content = paper.content()

    filled = fill(content, {"free": "Something else"})

    assert fields_of(filled.pdf)["free"].value == "Something else"
    with first_field(filled.pdf) as field:
        assert "/I" not in field


def test_it_marks_all_that_is_chosen_in_a_list(paper):
    options = Array([f"Option {number}" for number in range(12)])
    paper.add("list", "Ch", Ff=MULTI, Opt=options, rect=(60, 600, 200, 660), DA="/Helv 10 Tf 0 g")
    content = paper.content()

    filled = fill(content, {"list": ["Option 9", "Option 6"]})

    assert fields_of(filled.pdf)["list"].value == ["Option 6", "Option 9"]
    seen(content, filled.pdf, "list")
    assert {"Option 6", "Option 9"} <= {" ".join(line.split()) for line in text_of(filled.pdf).splitlines()}
    with first_field(filled.pdf) as field:
        assert ([int(each) for each in field.I], int(field.TI)) == ([6, 9], 6)


def test_it_refuses_choices_that_cannot_be_seen_together(paper):
    options = Array([f"Option {number}" for number in range(60)])
    paper.add("list", "Ch", Ff=MULTI, Opt=options, rect=(60, 640, 200, 660), DA="/Helv 10 Tf 0 g")

    filled = fill(paper.content(), {"list": ["Option 0", "Option 59"]})

    assert [each.reason for each in filled.refused] == ["overflow"]


def test_it_draws_what_the_form_left_to_its_readers(paper):
    paper.form.NeedAppearances = True
    paper.add("agency", V="Virginia", Ff=READ_ONLY)
    paper.add("case", V="李", rect=(60, 600, 260, 620))
    paper.add("name", rect=(60, 500, 260, 520))
    content = paper.content()

    filled = fill(content, {"name": "x"})

    with pikepdf.open(io.BytesIO(filled.pdf)) as pdf:
        assert "/NeedAppearances" not in pdf.Root.AcroForm
    assert "Virginia" in text_of(filled.pdf)
    assert [(note.field, note.reason) for note in filled.notes] == [("case", "missing_glyph")]


def test_it_takes_out_what_would_be_shown_instead(paper):
    paper.form.XFA = paper.pdf.make_stream(b"<xdp/>")
    paper.form.SigFlags = 3
    paper.pdf.Root.Perms = Dictionary(UR3=Dictionary())
    paper.add("name")
    paper.add("sig", "Sig", rect=(60, 500, 260, 520))

    with pikepdf.open(io.BytesIO(fill(paper.content(), {"name": "x"}).pdf)) as filled:
        assert "/XFA" not in filled.Root.AcroForm
        assert "/Perms" not in filled.Root
        assert filled.Root.AcroForm.SigFlags == 1


def test_it_leaves_tags_and_other_fields_as_they_were(paper):
    paper.pdf.Root.StructTreeRoot = paper.pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    paper.add("name", StructParent=7)
    paper.add("other", V="kept", rect=(60, 500, 260, 520))

    with pikepdf.open(io.BytesIO(fill(paper.content(), {"name": "x"}).pdf)) as filled:
        assert "/StructTreeRoot" in filled.Root
        name, other = filled.Root.AcroForm.Fields
        assert name.StructParent == 7
        assert (str(other.V), "/AP" in other) == ("kept", False)


def test_it_gives_the_same_bytes_for_the_same_values(paper):
    paper.add("name")
    content = paper.content(static_id=True)

    assert fill(content, {"name": NAME}).pdf == fill(content, {"name": NAME}).pdf
    assert fill(content, {"name": NAME}).pdf != fill(content, {"name": "x"}).pdf


@pytest.mark.parametrize("revision", [3, 4, 6])
def test_it_keeps_encryption_and_permissions(paper, revision):
    paper.add("name")
    allowed = pikepdf.Permissions(extract=False, modify_other=False)
    how = pikepdf.Encryption(
        owner="agency", user="", R=revision, allow=allowed, aes=revision > 3, metadata=revision > 3
    )
    content = paper.content(encryption=how)

    filled = fill(content, {"name": NAME})

    with pikepdf.open(io.BytesIO(filled.pdf)) as pdf, pikepdf.open(io.BytesIO(content)) as blank:
        assert (pdf.encryption.R, pdf.encryption.P) == (blank.encryption.R, blank.encryption.P)
        assert pdf.encryption.stream_method == blank.encryption.stream_method
        assert (pdf.allow.extract, pdf.allow.modify_form) == (False, True)
    with pikepdf.open(io.BytesIO(filled.pdf), password="agency") as pdf:
        assert pdf.owner_password_matched
    seen(content, filled.pdf, "name")


def test_it_suggests_the_name_that_was_meant(paper):
    paper.add("Last Name")

    (refused,) = fill(paper.content(), {"Last name": "x"}).refused

    assert (refused.reason, refused.message) == (
        "unknown_field",
        "The form has no field of that name. Did you mean “Last Name”?",
    )


def test_it_tells_refusals_in_the_order_of_the_values(paper):
    paper.add("white", DA="/Helv 10 Tf 1 g")

    filled = fill(paper.content(), {"b": "x", "white": "x", "a": "x"})

    assert [each.field for each in filled.refused] == ["b", "white", "a"]


def test_it_stores_strings_readers_understand(paper):
    paper.add("name")

    with first_field(fill(paper.content(), {"name": "Łódź — 5 €"}).pdf) as field:
        assert str(field.V) == "Łódź — 5 €"
        assert bytes(field.V).startswith(b"\xfe\xff")
