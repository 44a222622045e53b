"""Values that are refused, each with its reason; nothing is bent to fit."""

import pytest

from autopilot.fillable_forms.errors import Refused
from autopilot.fillable_forms.faces import Face
from autopilot.fillable_forms.shapes import Field, Option, Widget
from autopilot.fillable_forms.values import checked

pytestmark = pytest.mark.once
SHOWN = (Widget(1, (0, 0, 100, 20)),)
STATES = (Option("CA", "California"), Option("NV", "Nevada"))
FACE = Face()


def refusal(field: Field, value: object) -> Refused:
    """Return why a value is refused."""
    with pytest.raises(Refused) as refused:
        checked(field, value, FACE)
    return refused.value


def text(**traits: object) -> Field:
    """Return a field for text."""
    return Field("f", "text", widgets=SHOWN, **traits)  # type: ignore[arg-type]  # a test names what it needs


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (Field("f", "signature", widgets=SHOWN), "signature"),
        (text(for_signing=True), "signature"),
        (Field("f", "button", widgets=SHOWN), "not_fillable"),
        (Field("f", "unknown", widgets=SHOWN), "not_fillable"),
        (text(read_only=True), "read_only"),
        (text(unsupported="A password."), "unsupported"),
        (Field("f", "text"), "hidden"),
        (Field("f", "text", widgets=(Widget(1, (0, 0, 9, 9), hidden=True),)), "hidden"),
    ],
)
def test_it_refuses_to_fill_some_fields_whatever_the_value(field, reason):
    assert refusal(field, "x").reason == reason


@pytest.mark.parametrize("value", [5, 1.5, True, None, ["a"], {}])
def test_it_takes_text_only_as_text(value):
    assert refusal(text(), value).reason == "bad_type"


def test_it_never_cuts_a_text_to_its_length():
    refused = refusal(text(max_length=3), "9001")

    assert (refused.reason, str(refused)) == ("too_long", "The field takes 3 characters; the value has 4.")
    assert checked(text(max_length=3), "900", FACE).stored == ("900",)


@pytest.mark.parametrize(
    ("value", "characters"),
    [
        ("李 明", ["明", "李"]),
        ("שלום", ["ו", "ל", "ם", "ש"]),
        ("مرحبا", ["ا", "ب", "ح", "ر", "م"]),
        ("Ω", ["Ω"]),
        ("x̣̂y", ["\u0302", "\u0323"]),
        ("\u202eabc", ["\u202e"]),
        ("🙂", ["🙂"]),
        ("a\u00adb", ["\u00ad"]),
    ],
)
def test_it_names_the_characters_that_it_cannot_write(value, characters):
    refused = refusal(text(), value)

    assert (refused.reason, refused.characters) == ("missing_glyph", characters)
    assert all(f"U+{ord(each):04X}" in str(refused) for each in characters)


@pytest.mark.parametrize(
    ("value", "multiline"), [("a\nb", False), ("a\tb", True), ("a\x00b", True), ("a\u2028b", True), ("\ud800", False)]
)
def test_it_refuses_control_characters(value, multiline):
    refused = refusal(text(multiline=multiline), value)

    assert refused.reason == "control_character"
    assert not any(each in str(refused) for each in refused.characters)


def test_it_takes_line_breaks_where_there_are_lines():
    assert checked(text(multiline=True), "a\r\nb\nc", FACE).stored == ("a\r\nb\nc",)


@pytest.mark.parametrize("value", ["Łukasz Nguyễn", "Þórður Ñandú", "“Don’t” – 5 € ½", " ", ""])
def test_it_takes_latin_letters_of_every_country(value):
    assert checked(text(), value, FACE).stored == (value,)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (Field("f", "combo", widgets=SHOWN, options=STATES), "ZZ", "bad_option"),
        (Field("f", "combo", widgets=SHOWN, options=STATES), ["CA"], "bad_type"),
        (Field("f", "combo", widgets=SHOWN, options=STATES), 1, "bad_type"),
        (Field("f", "list", widgets=SHOWN, options=STATES), ["CA", "NV"], "bad_type"),
        (Field("f", "list", widgets=SHOWN, options=STATES, multiple=True), ["CA", 5], "bad_type"),
        (Field("f", "list", widgets=SHOWN, options=STATES, multiple=True), ["CA", "ZZ"], "bad_option"),
        (Field("f", "combo", widgets=SHOWN, options=(Option("a", "x"), Option("b", "x"))), "x", "bad_option"),
        (Field("f", "combo", widgets=SHOWN, options=(Option("a", "李"),)), "a", "missing_glyph"),
        (Field("f", "combo", widgets=SHOWN, options=STATES, editable=True), "李", "missing_glyph"),
        (Field("f", "checkbox", widgets=SHOWN), "Maybe", "bad_state"),
    ],
)
def test_it_takes_only_what_is_offered(field, value, reason):
    assert refusal(field, value).reason == reason


def test_it_says_what_is_offered():
    many = tuple(Option(str(number), str(number)) for number in range(14))

    assert str(refusal(Field("f", "combo", widgets=SHOWN, options=STATES), "ZZ")) == (
        "There is no such option. There are: “CA”, “NV”."
    )
    assert "“9” and 4 more" in str(refusal(Field("f", "combo", widgets=SHOWN, options=many), "ZZ"))


def test_it_prefers_what_is_written_to_what_is_read():
    crossed = (Option("a", "b"), Option("b", "a"))

    assert checked(Field("f", "combo", widgets=SHOWN, options=crossed), "b", FACE).chosen == (1,)


def test_it_never_quotes_the_value():
    for field in (text(max_length=3), Field("f", "combo", widgets=SHOWN, options=STATES)):
        assert "900-12-3456" not in str(refusal(field, "900-12-3456"))
