"""Check boxes and radio buttons: the right one is on, and everybody sees it, whatever fonts they have."""

import io
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from autopilot.fillable_forms.filling import fill
from tests.autopilot.fillable_forms.eyes import ENGINES, changed, fields_of, first_field
from tests.autopilot.fillable_forms.paper import RADIO, UNISON, Paper

pytestmark = pytest.mark.once
SPOT = (60, 700, 72, 712)
LETTER = b"q BT /ZaDb 10 Tf 1 1 Td (4) Tj ET Q"
FRAME = Array([0, 0, 0])


@pytest.fixture
def paper() -> Paper:
    return Paper()


def row(paper: Paper, *states: str) -> list[Any]:
    """Return a row of radio buttons, each on under its own name."""
    places = [(60 + 20 * number, 700, 72 + 20 * number, 712) for number in range(len(states))]
    return [paper.widget(place, AP=paper.on(each), AS=Name.Off) for place, each in zip(places, states, strict=True)]


def on(pdf: bytes) -> list[str]:
    """Return the state of each widget of the first field."""
    with first_field(pdf) as field:
        return [str(widget.get("/AS")) for widget in field.get("/Kids", [field])]


def seen(before: bytes, after: bytes, name: str) -> list[bool]:
    """Return which widgets of a field changed their look; both engines must agree."""
    widgets = fields_of(before)[name].widgets
    by_engine = [[changed(engine, before, after, widget) for widget in widgets] for engine in ENGINES]
    assert by_engine[0] == by_engine[1]
    return by_engine[0]


@pytest.mark.parametrize("style", ["4", "l", "8", "u", "n", "H", "?", ""])
def test_it_draws_a_mark_where_the_form_would_need_a_font(paper, style):
    paper.add("box", "Btn", SPOT, AP=paper.on("On", content=LETTER), MK=Dictionary(CA=pikepdf.String(style)))
    content = paper.content()

    filled = fill(content, {"box": True})

    assert (filled.filled, on(filled.pdf), seen(content, filled.pdf, "box")) == (1, ["/On"], [True])
    with first_field(filled.pdf) as field:
        assert Name.On == field.V
        assert b"Tj" not in field.AP.N.On.read_bytes()


def test_it_leaves_a_mark_that_is_drawn_as_the_form_draws_it(paper):
    paper.add("box", "Btn", SPOT, AP=paper.on("On"))

    filled = fill(paper.content(), {"box": "On"})

    with first_field(filled.pdf) as field:
        assert field.AP.N.On.read_bytes() == b"q 1 w 2 2 m 8 8 l 2 8 m 8 2 l S Q"


def test_it_draws_a_mark_where_on_looks_like_off(paper):
    frame = b"q 0 G 0.5 0.5 9 9 re s Q"
    looks = Dictionary(N=Dictionary({"/Yes": paper.drawing(frame), "/Off": paper.drawing(frame)}))
    paper.add("box", "Btn", SPOT, AP=looks)
    content = paper.content()

    filled = fill(content, {"box": True})

    assert seen(content, filled.pdf, "box") == [True]


def test_it_draws_a_mark_where_that_of_the_form_has_no_box(paper):
    looks = paper.on("Yes")
    del looks.N.Yes.BBox
    paper.add("box", "Btn", SPOT, AP=looks)
    content = paper.content()

    filled = fill(content, {"box": True})

    assert seen(content, filled.pdf, "box") == [True]


@pytest.mark.parametrize("look", [{}, {"AP": Dictionary()}, {"MK": Dictionary(BC=FRAME, BG=Array([1]), R=90)}])
def test_it_makes_a_box_that_has_no_appearances_at_all(paper, look):
    paper.add("box", "Btn", SPOT, **look)
    content = paper.content()

    filled = fill(content, {"box": True})

    assert (on(filled.pdf), seen(content, filled.pdf, "box")) == (["/Yes"], [True])
    assert fields_of(filled.pdf)["box"].value == "Yes"


def test_it_turns_a_box_off(paper):
    paper.add("box", "Btn", SPOT, AP=paper.on("On"), AS=Name.On, V=Name.On)
    content = paper.content()

    for value in (False, "Off"):
        filled = fill(content, {"box": value})
        assert (filled.filled, on(filled.pdf), seen(content, filled.pdf, "box")) == (1, ["/Off"], [True])


def test_it_turns_on_every_box_of_a_field(paper):
    kids = row(paper, "Yes", "Yes")
    paper.family("box", [*kids, paper.widget((200, 700, 212, 712))], FT=Name.Btn)
    content = paper.content()

    filled = fill(content, {"box": True})

    assert (on(filled.pdf), seen(content, filled.pdf, "box")) == (["/Yes"] * 3, [True] * 3)


def test_it_asks_which_box_is_meant(paper):
    paper.family("status", row(paper, "single", "married"), FT=Name.Btn)
    content = paper.content()

    filled = fill(content, {"status": "married"})
    (refused,) = fill(content, {"status": True}).refused

    assert on(filled.pdf) == ["/Off", "/married"]
    assert (refused.reason, refused.message) == (
        "bad_state",
        "There are several boxes; name one: “single”, “married”.",
    )


def test_it_turns_on_one_radio_button_and_the_others_off(paper):
    paper.family("sex", row(paper, "a", "b", "c"), FT=Name.Btn, Ff=RADIO, V=Name.c)
    content = paper.content()

    filled = fill(content, {"sex": "b"})

    assert (on(filled.pdf), seen(content, filled.pdf, "sex")) == (["/Off", "/b", "/Off"], [False, True, False])
    assert fields_of(filled.pdf)["sex"].value == "b"


def test_it_draws_a_disc_in_a_ring_for_a_radio_button(paper):
    kids = row(paper, "a", "b")
    for kid in kids:
        kid.AP, kid.MK = paper.on(str(kids.index(kid)), content=LETTER), Dictionary(BC=FRAME, BG=Array([0.9]), CA="l")
    paper.family("sex", kids, FT=Name.Btn, Ff=RADIO)
    content = paper.content()

    filled = fill(content, {"sex": "1"})

    assert seen(content, filled.pdf, "sex") == [False, True]


def test_it_knows_marks_by_their_export_values(paper):
    paper.family("hours", row(paper, "0", "1", "2"), FT=Name.Btn, Ff=RADIO, Opt=Array(["1", "2", "many"]))
    content = paper.content()

    assert on(fill(content, {"hours": "many"}).pdf) == ["/Off", "/Off", "/2"]
    # “1” is the export value of the first, although the second is named so inside.
    assert on(fill(content, {"hours": "1"}).pdf) == ["/0", "/Off", "/Off"]
    assert on(fill(content, {"hours": "0"}).pdf) == ["/0", "/Off", "/Off"]


@pytest.mark.parametrize(("bits", "expected"), [(RADIO, None), (RADIO | UNISON, ["/0", "/1", "/Off"])])
def test_it_turns_on_all_of_one_export_value_only_in_unison(paper, bits, expected):
    paper.family("kind", row(paper, "0", "1", "2"), FT=Name.Btn, Ff=bits, Opt=Array(["same", "same", "other"]))
    content = paper.content()

    filled = fill(content, {"kind": "same"})

    assert on(filled.pdf) == expected if expected else [each.reason for each in filled.refused] == ["bad_state"]
    assert on(fill(content, {"kind": "1"}).pdf) == ["/Off", "/1", "/Off"]


@pytest.mark.parametrize("value", [1, None, [], {"a": 1}])
def test_it_takes_no_other_kinds_of_values(paper, value):
    paper.add("box", "Btn", SPOT, AP=paper.on("On"))

    (refused,) = fill(paper.content(), {"box": value}).refused

    assert refused.reason == "bad_type"


@pytest.mark.parametrize("name", ["ist verheiratet", "Größe #1", "a/b"])
def test_it_takes_states_of_any_name(paper, name):
    encoded = "/" + name
    paper.add("box", "Btn", SPOT, AP=Dictionary(N=Dictionary({encoded: paper.drawing()})))
    content = paper.content()

    filled = fill(content, {"box": name})

    assert fields_of(filled.pdf)["box"].value == name
    assert seen(content, filled.pdf, "box") == [True]


def test_it_does_not_choke_on_a_broken_appearance(paper):
    paper.add("box", "Btn", SPOT, AP=paper.on("On", content=b"q ( [ <<<< re re"))
    content = paper.content()

    filled = fill(content, {"box": True})

    assert seen(content, filled.pdf, "box") == [True]
    with pikepdf.open(io.BytesIO(filled.pdf)) as pdf:
        assert pdf.check_pdf_syntax() == []
