"""Reading fields: what they are called, what they take, where they stand."""

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from autopilot.fillable_forms.errors import FormUnusable
from autopilot.fillable_forms.reading import read
from autopilot.fillable_forms.shapes import Option
from tests.autopilot.fillable_forms.eyes import fields_of
from tests.autopilot.fillable_forms.paper import COMB, COMBO, EDIT, MULTI, MULTILINE, PUSH, RADIO, REQUIRED, Paper

pytestmark = pytest.mark.once


@pytest.fixture
def paper() -> Paper:
    return Paper(pages=2)


def test_it_tells_every_type(paper):
    paper.add("text")
    paper.add("box", "Btn", AP=paper.on("On"))
    paper.add("radio", "Btn", Ff=RADIO, AP=paper.on("a"))
    paper.add("push", "Btn", Ff=PUSH)
    paper.add("combo", "Ch", Ff=COMBO | EDIT, Opt=Array(["a"]))
    paper.add("list", "Ch", Ff=MULTI, Opt=Array(["a"]))
    paper.add("sig", "Sig")
    paper.add("what", "Xyz")

    fields = fields_of(paper.content())

    types = {name: field.type for name, field in fields.items()}
    assert types == {
        "text": "text",
        "box": "checkbox",
        "radio": "radio",
        "push": "button",
        "combo": "combo",
        "list": "list",
        "sig": "signature",
        "what": "unknown",
    }
    assert (fields["combo"].editable, fields["list"].multiple) == (True, True)


def test_it_inherits_down_the_tree_and_needs_no_parent_entries(paper):
    kid = paper.widget(T=String("ssn"))
    paper.family("page", [kid], FT=Name.Tx, Ff=COMB | REQUIRED, MaxLen=9, DA="/F 7 Tf 1 0 0 rg", Q=1)
    del kid["/Parent"]

    (field,) = fields_of(paper.content()).values()

    assert (field.name, field.type, field.max_length, field.comb, field.required) == ("page.ssn", "text", 9, True, True)


def test_it_takes_widgets_without_names_and_namesakes_for_one_field(paper):
    first, second = paper.widget((10, 10, 20, 20)), paper.widget((10, 30, 20, 40), page=2)
    paper.family("name", [first, second], FT=Name.Tx)
    paper.add("name", rect=(50, 50, 90, 60))

    (field,) = fields_of(paper.content()).values()

    assert [widget.page for widget in field.widgets] == [1, 2, 1]
    assert field.pages == [1, 2]


def test_it_reads_options_as_values_and_labels(paper):
    paper.add("state", "Ch", Ff=COMBO, Opt=Array([Array(["CA", "California"]), String("NV")]), V="CA")
    paper.add("several", "Ch", Ff=MULTI, Opt=Array(["a", "b"]), V=Array(["a", "b"]))

    fields = fields_of(paper.content())

    assert fields["state"].options == (Option("CA", "California"), Option("NV", "NV"))
    assert (fields["state"].value, fields["several"].value) == ("CA", ["a", "b"])


def test_it_names_marks_by_their_export_values_and_appearances(paper):
    paper.add("box", "Btn", AP=paper.on("Choice1", "Off"), AS=Name.Off)
    kids = [paper.widget((9 * each, 9, 9 * each + 8, 18), AP=paper.on(str(each))) for each in range(3)]
    paper.family("sex", kids, FT=Name.Btn, Ff=RADIO, Opt=Array(["female", "male", "male"]), V=Name("/0"))

    fields = fields_of(paper.content())

    assert fields["box"].options == (Option("Choice1", "Choice1"),)
    assert [option.value for option in fields["sex"].options] == ["female", "1", "2"]
    assert fields["sex"].states == ("0", "1", "2")
    assert (fields["box"].value, fields["sex"].value) == ("Off", "0")


def test_it_reads_names_in_any_encoding(paper):
    paper.add("Dirección")
    paper.add("氏名")

    assert set(fields_of(paper.content())) == {"Dirección", "氏名"}


def test_it_prefers_the_form_s_own_label_to_what_stands_beside(paper):
    paper.add("one", TU="Your name")
    paper.add("two")

    with pikepdf.open(io.BytesIO(paper.content())) as pdf:
        fields = {name: live.field for name, live in read(pdf, {"one": "wrong", "two": "Street"}).items()}

    assert (fields["one"].label, fields["two"].label) == ("Your name", "Street")


def test_it_tells_what_no_page_shows(paper):
    paper.add("hidden", F=2)
    paper.add("nowhere", page=0)
    paper.add("flat", rect=(10, 10, 10, 20))
    paper.add("seen")

    fields = fields_of(paper.content())

    assert [name for name, field in fields.items() if "hidden" in field.limits()] == ["hidden", "nowhere", "flat"]


def test_it_survives_what_is_not_what_it_should_be(paper):
    paper.add("odd", Ff="text", MaxLen=Name.Many, Opt=5, V=Dictionary(), DA=7, Q="x", MK=3, AP=9, TU=Array())
    paper.form.Fields.append(String("no field"))
    paper.form.Fields.append(Dictionary())

    fields = fields_of(paper.content())

    assert (fields["odd"].type, fields["odd"].value, fields["odd"].max_length) == ("text", "", None)


def test_it_ends_where_a_tree_bites_its_tail(paper):
    parent = paper.family("a", [], FT=Name.Tx)
    named = paper.pdf.make_indirect(Dictionary(T=String("b"), Kids=Array([parent])))
    nameless = paper.pdf.make_indirect(Dictionary(Kids=Array()))
    nameless.Kids = Array([nameless, nameless])
    parent.Kids = Array([named, nameless, parent])

    assert fields_of(paper.content()) is not None


def test_it_refuses_more_fields_than_any_form_has(paper, monkeypatch):
    monkeypatch.setattr("autopilot.fillable_forms.tree.MOST_NODES", 3)
    for number in range(5):
        paper.add(f"f{number}")

    with pytest.raises(FormUnusable, match="more than 3 fields"):
        fields_of(paper.content())


def test_it_binds_a_comb_to_a_length(paper):
    paper.add("comb", Ff=COMB, MaxLen=4)
    paper.add("no length", Ff=COMB)
    paper.add("paragraph", Ff=COMB | MULTILINE, MaxLen=4)

    fields = fields_of(paper.content())

    assert [name for name, field in fields.items() if field.comb] == ["comb"]
