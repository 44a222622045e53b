"""From data to an archived document, and back to the same bytes."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from autopilot import document_types
from autopilot.document_types import ContextRefused, UnprintableField, producing, types
from autopilot.document_types.errors import SourcesChanged, UnknownType
from autopilot.document_types.recipes import Recipe
from autopilot.documents import archive, process
from autopilot.exceptions import Invalid
from autopilot.models import Document
from tests.autopilot.document_types.conftest import CREATED, SAMPLE
from tests.autopilot.documents.samples import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kind")]
TENANT = uuid4()


def produced(**changes) -> Document:
    """Produce a slip of the sample, changed as a test asks."""
    context = SAMPLE | changes
    return document_types.produce("slip", context, title="Slip 7", tenant_id=TENANT, created=CREATED)


def test_it_prints_every_kind_of_value():
    text = text_of(archive.read(produced()))

    assert "Slip 7" in text
    assert "Łukasz & Nguyễn, December 20, 2026, $1,234.50, 62.5 hours, member" in text
    assert "1. Welding, Rods, Gas" in text
    assert "2. Fitting" in text


def test_it_prints_markup_in_values_as_text():
    text = text_of(archive.read(produced(name="<b>x</b> {{ total }} {% if %}")))

    assert "<b>x</b> {{ total }} {% if %}" in text


def test_it_keeps_what_the_document_was_made_of():
    document = produced()

    assert document.tenant_id == TENANT
    assert document.template == "documents/slip.html"
    assert len(document.template_digest) == len(document.fonts_digest) == 64
    assert document.renderer.startswith("WeasyPrint ")
    assert document.snapshot["context"]["total"] == "1234.5"


def test_it_makes_one_row_of_the_same_document_made_twice():
    first = produced()
    process.shared.close()

    second = produced()

    assert first.pk == second.pk


def test_it_makes_the_same_bytes_again_from_the_row_alone():
    document = Document.objects.get(pk=produced(hours=Decimal("1480.00"), note="Łódź").pk)
    process.shared.close()

    again = document_types.reproduce(document)

    assert again == archive.read(document)


def test_it_says_when_the_template_is_not_what_it_was(kind, tmp_path):
    document = produced()
    (tmp_path / "documents" / "slip.html").write_text("<h1>{{ title }}</h1>")
    kind.__dict__.pop("default_source")

    with pytest.raises(SourcesChanged):
        document_types.reproduce(document)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"total": "12.00"}, "Total must be an amount of money, and is str"),
        ({"total": Decimal("NaN")}, "Total must be a number that can be printed"),
        ({"hours": 12.5}, "Hours must be a number, and is float"),
        ({"hours": True}, "Hours must be a number, and is bool"),
        ({"hours": Decimal("1e999999")}, "Hours must be a number that can be printed"),
        ({"name": None}, "Name must be text, and is NoneType"),
        ({"due_on": CREATED}, "Due must be a date, and is datetime"),
        ({"member": 1}, "Member must be yes or no, and is int"),
        ({"lines": {}}, "Lines must be a list, and is dict"),
        ({"lines": ["x"]}, "Lines, row 1: must have fields, and is str"),
        ({"lines": [{"what": 7, "parts": []}]}, "Lines, row 1: What must be text, and is int"),
        ({"surprise": 1}, "There is no field surprise"),
        ({"lines": [{"what": "x", "parts": []}] * 2001}, "2001 rows; 2000 are allowed"),
    ],
)
def test_it_refuses_a_value_that_does_not_fit_its_field(changes, message):
    with pytest.raises(ContextRefused, match=message) as refusal:
        produced(**changes)

    assert isinstance(refusal.value, Invalid)
    assert Document.objects.count() == 0


def test_it_refuses_values_with_a_behavior_of_their_own():
    from django.utils.safestring import SafeString  # noqa: PLC0415 (what must not come in)

    class Sneaky(str):
        __slots__ = ()

    for value in (SafeString("<b>"), Sneaky("x"), lambda: "x", object()):
        with pytest.raises(ContextRefused, match="Name must be text"):
            produced(name=value)


@pytest.mark.parametrize(
    ("changes", "field", "characters"),
    [
        ({"name": "李 Ω"}, "Name", ["Ω", "李"]),
        (
            {"lines": [{"what": "a", "parts": [{"part": "ok"}, {"part": "☃"}]}]},
            "Lines, row 1: Parts, row 2: Part",
            ["☃"],
        ),
    ],
)
def test_it_names_the_field_whose_characters_it_cannot_print(changes, field, characters):
    with pytest.raises(UnprintableField) as refusal:
        produced(**changes)

    assert (refusal.value.field, refusal.value.characters) == (field, characters)
    assert str(refusal.value).startswith(f"{field}: Our fonts do not have these characters")


def test_it_takes_pasted_lookalikes():
    assert "Non-breaking" in text_of(archive.read(produced(name="Non\u2011break\u200bing")))


def test_it_names_the_types_there_are():
    with pytest.raises(UnknownType, match=r"no document type “slop”. There are: .*slip"):
        document_types.produce("slop", {}, title="x", tenant_id=TENANT, created=CREATED)


def test_a_type_is_declared_once_and_with_a_sample_that_fits(kind):
    with pytest.raises(ValueError, match="declared twice"):
        types.declare(kind)
    with pytest.raises(ContextRefused, match="Day must be a date"):
        types.declare(types.DocumentType("x", "X", {"day": document_types.date("Day")}, {"day": "2026-11-20"}))
    with pytest.raises(ValueError, match="a field every type has"):
        types.declare(types.DocumentType("y", "Y", {"title": document_types.text("Title")}, {"title": "t"}))


def test_it_prints_the_day_of_the_network_and_not_of_utc(kind):
    late = CREATED.replace(hour=2)

    made = producing.printed(kind, Recipe("x", "<h1>{{ created|date }}</h1>"), SAMPLE, title="Slip", created=late)

    assert "November 19, 2026" in text_of(made)
    assert date(2026, 11, 19) < late.date()
