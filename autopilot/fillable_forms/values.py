"""What a value must be to be written into a field; what it is not is refused with the reason, and never bent to fit."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autopilot.fillable_forms import shapes
from autopilot.fillable_forms.errors import Refused
from autopilot.fillable_forms.faces import Face
from autopilot.fillable_forms.reading import OFF
from autopilot.fillable_forms.shapes import Field

BREAKS = frozenset("\r\n")
NAMED = 10  # of a list that a message quotes
SIGNED_BY_HAND = "A person signs here; no machine fills it."


@dataclass(frozen=True)
class Written:
    """A value a field can take: what goes into the file, and what is shown of it.

    `chosen` are the places of chosen options in the list of options; `states` are the names of the marks that are on.
    """

    stored: tuple[str, ...] = ()
    shown: str = ""
    chosen: tuple[int, ...] = ()
    states: tuple[str, ...] = ()


def checked(field: Field, value: Any, face: Face) -> Written:
    """Return what is to be written for a value; raises Refused with the reason."""
    _can_be_filled(field)
    return fitting(field, value, face)


def fitting(field: Field, value: Any, face: Face) -> Written:
    """Return what is to be written for a value, whoever may write there; raises Refused as `checked`."""
    return RULES[field.type](field, value, face)


def _can_be_filled(field: Field) -> None:
    if field.type == shapes.SIGNATURE or field.for_signing:
        raise Refused("signature", SIGNED_BY_HAND)
    if field.type not in shapes.FILLABLE:
        raise Refused("not_fillable", f"A field of type {field.type} takes no value.")
    if field.read_only:
        raise Refused("read_only", "The agency locked this field.")
    if field.unsupported:
        raise Refused("unsupported", field.unsupported)
    if not any(widget.shown for widget in field.widgets):
        raise Refused("hidden", "No page shows this field, so nobody would see what is in it.")


def _text(field: Field, value: Any, face: Face) -> Written:
    text = _string(value)
    if field.max_length and len(text) > field.max_length:
        raise Refused("too_long", f"The field takes {field.max_length} characters; the value has {len(text)}.")
    _printable(text, face, breaks=field.multiline)
    return Written(stored=(text,), shown=text)


def _mark(field: Field, value: Any, face: Face) -> Written:
    states = field.states
    if isinstance(value, bool):
        if value and len(states) > 1:
            raise Refused("bad_state", f"There are several boxes; name one: {_listed(field.marks)}.")
        return Written(states=states[:1] if value else ())
    if not isinstance(value, str):
        raise Refused("bad_type", "Write true, false, or the name of a state in quotes.")
    return Written(states=_states(field, value))


def _states(field: Field, value: str) -> tuple[str, ...]:
    """Return the states that a word turns on: it is a mark's export value, or the state's own name."""
    pairs = list(zip(field.states, field.options, strict=False))
    exported = tuple(state for state, option in pairs if value in (option.value, option.label))
    if len(exported) > 1 and not field.unison:
        raise Refused("bad_state", f"Several boxes bear that name. There are: {_listed(field.marks)}.")
    if exported or value == OFF:
        return exported
    if value in field.states:
        return (value,)
    raise Refused("bad_state", f"There is no such state. There are: {_listed([*field.marks, OFF])}.")


def _choice(field: Field, value: Any, face: Face) -> Written:
    if isinstance(value, list) and not field.multiple:
        raise Refused("bad_type", "The field takes one choice, not a list.")
    values = [_string(each) for each in value] if isinstance(value, list) else [_string(value)] if value != "" else []
    if value == "" and any("" in (option.value, option.label) for option in field.options):
        values = [""]
    if field.editable and values and not any(values[0] in (each.value, each.label) for each in field.options):
        _printable(values[0], face, breaks=False)
        return Written(stored=(values[0],), shown=values[0])
    chosen = tuple(sorted({_place(field, each) for each in values}))
    options = [field.options[each] for each in chosen]
    _printable("".join(option.label for option in options), face, breaks=False)
    return Written(tuple(option.value for option in options), options[0].label if options else "", chosen)


def _place(field: Field, value: str) -> int:
    """Return the place of an option by its export value, or by what a person reads."""
    for names in ([each.value for each in field.options], [each.label for each in field.options]):
        if names.count(value) > 1:
            raise Refused("bad_option", "Several options bear that name.")
        if value in names:
            return names.index(value)
    offered = _listed([option.value for option in field.options])
    raise Refused("bad_option", f"There is no such option. There are: {offered}.")


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("bad_type", "Write the value as text in quotes.")
    return value


def _printable(text: str, face: Face, *, breaks: bool) -> None:
    steering = sorted(each for each in set(text) if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp"))
    if bad := [each for each in steering if not (breaks and each in BREAKS)]:
        told = "The field takes one line of text." if set(bad) <= BREAKS else "Text holds no control characters."
        raise Refused("control_character", f"{told} Take out: {_named(bad)}.", bad)
    if bad := face.missing("".join(set(unicodedata.normalize("NFC", text)) - BREAKS)):
        raise Refused("missing_glyph", f"Our font does not have these characters: {_named(bad)}.", bad)


def _listed(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names[:NAMED]]
    return ", ".join(quoted) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _named(characters: list[str]) -> str:
    return ", ".join(_spelled(each) for each in characters)


def _spelled(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return f"{character} ({code})" if character.isprintable() else code


RULES: dict[str, Callable[[Field, Any, Face], Written]] = {
    shapes.TEXT: _text,
    shapes.CHECKBOX: _mark,
    shapes.RADIO: _mark,
    shapes.COMBO: _choice,
    shapes.LIST: _choice,
}
