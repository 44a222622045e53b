"""Form fields made from the JSON Schema of one plain value."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from autopilot.admin.payloads import Item, Schema, choices
from autopilot.admin.shapes import kind_of

SHORT = 12


class TextField(forms.CharField):
    """Text, with line ends as they are stored: what the browser writes as two characters is one."""

    def to_python(self, value: Any) -> str:
        """Return the text without blanks around it."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class LinesField(TextField):
    """A list of plain texts, one on each line."""

    def prepare_value(self, value: Any) -> Any:
        """Return the text that stands in the field for a list."""
        return "\n".join(str(item) for item in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the lines that are not blank."""
        return [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the lines differ from the list they began as."""
        return super().has_changed(self.prepare_value(initial or []), data)


def field_for(item: Item) -> forms.Field:
    """Return the field in which a value is edited; its schema must be one that `shapes.kind_of` knows."""
    schema, kind = item.schema, kind_of(item.schema)
    common = {"label": item.label, "required": _is_required(schema, kind), "help_text": schema.get("description", "")}
    if kind == "choice":
        return _choice(item, common)
    if kind == "boolean":
        return forms.BooleanField(**(common | {"required": False}))
    if kind == "lines":
        return LinesField(widget=forms.Textarea(attrs={"rows": 3}), **(common | {"help_text": "One on each line."}))
    return _number(schema, kind, common) if kind in ("integer", "number") else _text(item, common)


def _is_required(schema: Schema, kind: str) -> bool:
    return not _is_nullable(schema) and (kind in ("integer", "number", "choice") or bool(schema.get("minLength")))


def _is_nullable(schema: Schema) -> bool:
    return isinstance(schema.get("type"), list) and "null" in schema["type"]


def _choice(item: Item, common: dict[str, Any]) -> forms.Field:
    named = {str(value): (value, words) for value, words in choices(item.schema)}

    def typed(text: Any) -> Any:
        if str(text) not in named:
            raise ValueError(text)
        return named[str(text)][0]

    # A value the schema does not allow must not turn silently into the first that it does.
    blank = [] if str(item.value) in named else [("", "Choose one")]
    return forms.TypedChoiceField(
        choices=[*blank, *((text, words) for text, (_, words) in named.items())],
        coerce=typed,
        empty_value=None,
        **common,
    )


def _number(schema: Schema, kind: str, common: dict[str, Any]) -> forms.Field:
    attributes = {"class": "short"} | ({"step": "any"} if kind == "number" else {})
    made = forms.IntegerField if kind == "integer" else forms.FloatField
    return made(
        min_value=schema.get("minimum"),
        max_value=schema.get("maximum"),
        widget=forms.NumberInput(attrs=attributes),
        **common,
    )


def _text(item: Item, common: dict[str, Any]) -> forms.Field:
    schema, longest = item.schema, item.schema.get("maxLength")
    checks = [RegexValidator(schema["pattern"], _wanted(schema))] if "pattern" in schema else []
    if schema.get("format") == "textarea" or "\n" in str(item.value or ""):
        return TextField(max_length=longest, validators=checks, widget=forms.Textarea(attrs={"rows": 3}), **common)
    if schema.get("format") == "email":
        return forms.EmailField(max_length=longest, validators=checks, **common)
    attributes = {"class": "short"} if longest and longest <= SHORT else {}
    return TextField(max_length=longest, validators=checks, widget=forms.TextInput(attrs=attributes), **common)


def _wanted(schema: Schema) -> str:
    examples = [str(each) for each in schema.get("examples", [])]
    return f"Write it as {' or '.join(examples)}." if examples else "This is not written as it has to be."
