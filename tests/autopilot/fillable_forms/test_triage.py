"""Judging forms: what can be filled, what cannot, and what a person should know."""

import io
from datetime import date

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from autopilot.fillable_forms import cautions
from autopilot.fillable_forms.errors import FormUnusable
from autopilot.fillable_forms.filling import fill, opened
from autopilot.fillable_forms.reading import read
from autopilot.fillable_forms.shapes import Triage
from autopilot.fillable_forms.triage import judge
from tests.autopilot.fillable_forms.paper import PUSH, Paper

pytestmark = pytest.mark.once
SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


@pytest.fixture
def paper() -> Paper:
    return Paper()


def judged(content: bytes, text: str = "") -> Triage:
    """Return the judgment on a file."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return judge(pdf, read(pdf), text)


def test_it_takes_a_form_with_fields(paper):
    paper.add("name")

    triage = judged(paper.content(), "Edition 08/01/23 Expires 07/31/2026")

    assert (triage.refusal, triage.kind, triage.pages, triage.fields, triage.fillable) == ("", "acroform", 1, 1, 1)
    assert (triage.edition, triage.expires_on) == ("08/01/23", "2026-07-31")


def test_it_refuses_a_file_without_fields(paper):
    assert judged(paper.content()).refusal == "no_fields"
    paper.add("print", "Btn", Ff=PUSH)
    assert judged(paper.content()).refusal == "no_fields"
    del paper.pdf.Root["/AcroForm"]
    paper.pdf.pages[0].obj.Annots = Array()
    assert judged(paper.content()).kind == "none"


@pytest.mark.parametrize("needs_rendering", [True, False])
def test_it_refuses_a_form_whose_pages_do_not_exist_yet(paper, needs_rendering):
    paper.form.XFA = paper.pdf.make_stream(b"<xdp/>")
    if needs_rendering:
        paper.add("please wait")
        paper.pdf.Root.NeedsRendering = True
    else:
        paper.add("without a place", page=0)

    triage = judged(paper.content())

    assert (triage.refusal, triage.kind) == ("dynamic_xfa", "dynamic_xfa")
    with pytest.raises(FormUnusable, match="dynamic XFA"):
        fill(paper.content(), {})


def test_it_takes_a_form_that_is_both(paper):
    paper.form.XFA = Array([String("datasets"), paper.pdf.make_stream(b"<xdp/>")])
    paper.add("name")

    triage = judged(paper.content())

    assert (triage.refusal, triage.kind) == ("", "hybrid_xfa")
    assert "XFA" in cautions.of(triage, date(2026, 1, 1))[0]


def test_it_names_the_widgets_that_belong_to_no_field(paper):
    paper.add("kept")
    parent = paper.pdf.make_indirect(Dictionary(T=String("page")))
    paper.widget(FT=Name.Tx, T=String("lost"), Parent=parent)
    paper.widget(FT=Name.Btn)

    triage = judged(paper.content())

    assert (triage.refusal, triage.names) == ("orphan_widgets", ("page.lost", "without a name"))
    assert "2 of 3 places" in triage.message


def test_it_does_not_mind_lost_buttons_and_signatures(paper):
    paper.add("kept")
    paper.widget(FT=Name.Btn, Ff=PUSH, T=String("print"))
    paper.widget(FT=Name.Sig, T=String("sign"))
    paper.widget(T=String("nothing"))
    paper.widget(FT=Name.Tx, T=String("hidden"), F=2)

    assert judged(paper.content()).refusal == ""


def test_it_refuses_a_form_that_somebody_signed(paper):
    paper.add("name")
    paper.add("sig", "Sig", V=Dictionary(Type=Name.Sig, Contents=String("x")))

    assert judged(paper.content()).refusal == "signed"


def test_it_takes_a_form_that_its_agency_certified(paper):
    paper.add("name")
    certificate = paper.pdf.make_indirect(Dictionary(Type=Name.Sig, Contents=String("x")))
    paper.add("sig", "Sig", V=certificate)
    paper.pdf.Root.Perms = Dictionary(DocMDP=certificate, UR3=Dictionary())

    triage = judged(paper.content())

    assert (triage.refusal, triage.certified, triage.usage_rights) == ("", True, True)
    with opened(fill(paper.content(), {"name": "x"}).pdf) as filled:
        assert "/Perms" not in filled.Root
        assert "/V" not in filled.Root.AcroForm.Fields[1]


@pytest.mark.parametrize("place", ["names", "opening", "field", "widget"])
def test_it_sees_scripts_wherever_they_hide(paper, place):
    field = paper.add("sum")
    match place:
        case "names":
            paper.pdf.Root.Names = Dictionary(JavaScript=Dictionary())
        case "opening":
            paper.pdf.Root.OpenAction = SCRIPT
        case "field":
            field.AA = Dictionary(C=SCRIPT)
        case "widget":
            field.A = SCRIPT

    triage = judged(paper.content())

    assert triage.javascript
    assert triage.calculated == (("sum",) if place == "field" else ())


def test_it_warns_of_what_a_person_should_know():
    triage = Triage(expires="07/31/2026", expires_on="2026-07-31", certified=True, calculated=("a", "b"))

    assert cautions.of(Triage(), date(2030, 1, 1)) == []
    assert not any("expired" in told for told in cautions.of(triage, date(2026, 7, 31)))
    told = cautions.of(triage, date(2026, 8, 1))
    assert "expired on 07/31/2026" in told[0]
    assert any("certified" in each for each in told)
    assert any("2 fields" in each for each in told)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "not_a_pdf"), (b"PK\x03\x04" * 50, "not_a_pdf"), (b"%PDF-1.7\n%%EOF", "not_a_pdf")]
)
def test_it_refuses_what_is_no_pdf(content, reason):
    with pytest.raises(FormUnusable) as refusal:
        opened(content)

    assert refusal.value.reason == reason


def test_it_refuses_a_file_that_needs_a_password(paper):
    paper.add("name")
    content = paper.content(encryption=pikepdf.Encryption(owner="secret", user="secret"))

    with pytest.raises(FormUnusable, match="needs a password"):
        opened(content)


def test_it_tells_whether_an_encrypted_form_may_be_filled(paper):
    paper.add("name")
    denied = pikepdf.Permissions(modify_form=False, modify_annotation=False)
    content = paper.content(encryption=pikepdf.Encryption(owner="secret", user="", allow=denied))

    triage = judged(content)

    assert (triage.encrypted, triage.permits_filling) == (True, False)
    assert "permissions" in cautions.of(triage, date(2026, 1, 1))[0]
