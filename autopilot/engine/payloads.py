"""Payloads: what a handler's parameters accept, how it is written in JSON, and how it comes back.

The parameters of a handler, after its context, are the schema of its jobs' payload. Each annotation has one writing in
JSON, a `Form`. Supported: str, bool, int, float, Decimal, UUID, date, datetime (aware), Literal, Enum, Any (JSON),
list[T], dict[str, T] and T | None; Annotated[T, SENSITIVE] is T, and nobody is shown it.
"""

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker

from autopilot.exceptions import HandlerMistake, InvalidPayload
from autopilot.storable import LIMIT, to_storable

Schema = dict[str, Any]
SENSITIVE = "sensitive"

# The options of enqueue(), which a parameter of the same name would never reach.
RESERVED = frozenset(
    {
        "kind",
        "tenant_id",
        "requested_by",
        "requester_label",
        "priority",
        "scheduled_for",
        "start_by",
        "unique_key",
        "concurrency_key",
        "parent",
        "parent_key",
        "dry_run",
    }
)


@dataclass(frozen=True, eq=False)
class Form:
    """How values of one annotation are written in JSON.

    `dump` writes a Python value, and leaves what it does not know to be refused by `schema`, whose description says
    what the value must be; `load` reads what the schema accepted.
    """

    schema: Schema
    dump: Callable[[Any], Any]
    load: Callable[[Any], Any]

    @property
    def description(self) -> str:
        """What a value of this form must be, as a person reads it."""
        return str(self.schema["description"])


@dataclass(frozen=True, eq=False)
class PayloadSignature:
    """What one handler accepts: the forms of its parameters, and the JSON Schema (2020-12) they make together."""

    handler: str
    forms: Mapping[str, Form]
    schema: Schema
    validator: Draft202012Validator

    def to_stored(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload as JSON that both databases store, each value in its one writing.

        `payload`: by parameter, as Python values or already as JSON. Characters that no database holds are replaced.
        Raises InvalidPayload, which names every wrong field by JSON Pointer and says what it should be, never its value.
        """
        written = {
            name: self.forms[name].dump(value) if name in self.forms else value for name, value in payload.items()
        }
        arguments = self.to_arguments(written)
        stored: dict[str, Any] = to_storable({name: self.forms[name].dump(value) for name, value in arguments.items()})
        return stored

    def to_arguments(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was stored as the handler's keyword arguments; a missing one is left to its default.

        Raises InvalidPayload as `to_stored` does: the handler may have changed while the job waited.
        """
        if problems := dict.fromkeys(self._problems(stored)):
            raise InvalidPayload(f"The payload does not fit {self.handler}: {'; '.join(problems)}.")
        return {name: self.forms[name].load(value) for name, value in stored.items()}

    def _problems(self, stored: Mapping[str, Any]) -> Iterator[str]:
        for name in self.schema["required"]:
            if name not in stored:
                yield f"{_pointer([name])} is missing: it must be {self.forms[name].description}"
        for name in stored:
            if name not in self.forms:
                yield f"{_pointer([name])} is no parameter: leave it out"
        for error in self.validator.iter_errors(stored):
            if error.absolute_path:
                yield f"{_pointer(error.absolute_path)} must be {cast(Schema, error.schema)['description']}"


def signature_of(function: Callable[..., Any]) -> PayloadSignature:
    """Return what a handler accepts: its parameters after the first, which is the job's context.

    Raises HandlerMistake, naming handler and parameter, for what cannot be stored.
    """
    handler = f"{function.__module__}.{function.__qualname__}"
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters:
        raise HandlerMistake(f"{handler} takes no parameter: its first one is the job's context.")
    annotations = _annotations(function, handler)
    forms = {each.name: _parameter_form(each, annotations, handler) for each in parameters[1:]}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {name: form.schema for name, form in forms.items()},
        "required": [each.name for each in parameters[1:] if each.default is each.empty],
        "additionalProperties": False,
    }
    return PayloadSignature(handler, forms, schema, _validator(schema))


# --- From parameters to forms ---------------------------------------------------------------------------------------


def _annotations(function: Callable[..., Any], handler: str) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise HandlerMistake(
            f"The annotations of {handler} cannot be resolved: {error}. Import what they name."
        ) from error


def _parameter_form(parameter: inspect.Parameter, annotations: Mapping[str, Any], handler: str) -> Form:
    place = f"The parameter {parameter.name!r} of {handler}"
    if parameter.name in RESERVED:
        raise HandlerMistake(f"{place} has the name of an option of enqueue(): choose another.")
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise HandlerMistake(f"{place} cannot be given by name: write each parameter out.")
    if parameter.name not in annotations:
        raise HandlerMistake(f"{place} has no annotation: say what it accepts.")
    form = _form(annotations[parameter.name], place)
    if parameter.default is not parameter.empty and not _validator(form.schema).is_valid(form.dump(parameter.default)):
        raise HandlerMistake(f"{place} has a default that does not fit: it must be {form.description}.")
    return form


def _form(annotation: Any, place: str) -> Form:
    origin, arguments = get_origin(annotation) or annotation, get_args(annotation)
    if origin is Annotated:
        form = _form(arguments[0], place)
        return replace(form, schema=form.schema | {"writeOnly": True}) if SENSITIVE in arguments[1:] else form
    if scalar := next((form for kind, form in SCALARS if kind is annotation), None):
        return scalar
    if origin is list:
        return _list(_form(arguments[0] if arguments else Any, place))
    if origin is dict and arguments[:1] in ((), (str,)):
        return _dict(_form(arguments[1] if arguments else Any, place))
    if origin in (Union, UnionType) and len(arguments) == 2 and NoneType in arguments:
        return _optional(_form(next(each for each in arguments if each is not NoneType), place))
    if origin is Literal and _is_plain(arguments):
        return Form(_choices(list(arguments)), _same, _same)
    if isinstance(annotation, type) and issubclass(annotation, Enum) and _is_plain(each.value for each in annotation):
        return _enum(annotation)
    raise HandlerMistake(f"{place} is {annotation!r}, which no payload can hold. Write {SUPPORTED}.")


# --- The forms ------------------------------------------------------------------------------------------------------


def _same(value: Any) -> Any:
    return value


def _number(kind: type[int | float], name: str, description: str) -> Form:
    schema = {"type": name, "format": "finite", "exclusiveMinimum": -LIMIT, "exclusiveMaximum": LIMIT}
    return Form(schema | {"description": description}, _dump_number, kind)


def _text(format: str, pattern: str, description: str, dump: Callable[[Any], Any], load: Callable[[str], Any]) -> Form:
    """Make the form of a type that JSON writes as text; what fits the pattern and cannot be loaded is refused too."""
    FORMATS.checks(format, raises=(ValueError, ArithmeticError))(
        lambda value: not isinstance(value, str) or load(value) is not None
    )
    schema = {"type": "string", "format": format, "pattern": f"^{pattern}$", "description": description}
    return Form(schema, dump, load)


def _list(item: Form) -> Form:
    return Form(
        {"type": "array", "items": item.schema, "description": f"a list of: {item.description}"},
        lambda value: [item.dump(each) for each in value] if isinstance(value, list | tuple) else value,
        lambda value: [item.load(each) for each in value],
    )


def _dict(item: Form) -> Form:
    description = f"an object, by names that are text, of: {item.description}"
    names = {"type": "string", "description": description}
    return Form(
        {"type": "object", "propertyNames": names, "additionalProperties": item.schema, "description": description},
        lambda value: {key: item.dump(each) for key, each in value.items()} if isinstance(value, Mapping) else value,
        lambda value: {key: item.load(each) for key, each in value.items()},
    )


def _optional(form: Form) -> Form:
    schema = form.schema | {"description": f"{form.description}, or null"}
    if "type" in schema:
        schema["type"] = [schema["type"], "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return Form(
        schema,
        lambda value: None if value is None else form.dump(value),
        lambda value: None if value is None else form.load(value),
    )


def _enum(kind: type[Enum]) -> Form:
    choices = _choices([each.value for each in kind])
    return Form(choices, lambda value: value.value if isinstance(value, kind) else value, kind)


def _choices(values: list[Any]) -> Schema:
    written = ", ".join(json.dumps(each, ensure_ascii=False) for each in values)
    return {"enum": values, "description": f"one of {written}"}


def _is_plain(values: Iterable[Any]) -> bool:
    """Say whether JSON writes these values as they are."""
    return all(value is None or type(value) in (str, int, bool) for value in values)


# --- Python types as text -------------------------------------------------------------------------------------------


def _dump_number(value: Any) -> Any:
    # A whole number that no database holds becomes text, and so is refused.
    return to_storable(value) if isinstance(value, int) else value


def _dump_decimal(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        return value
    return str(to_storable(value))


def _dump_uuid(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _dump_date(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _dump_moment(value: Any) -> Any:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        return value
    try:
        return value.astimezone(UTC).isoformat()
    except OverflowError:  # at the very ends of the calendar: left as it is, and so refused
        return value


def _load_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _is_json(value: Any) -> bool:
    json.dumps(value, allow_nan=False, default=lambda _: None)
    return True


def _is_finite(value: object) -> bool:
    return not isinstance(value, float) or isfinite(value)


# --- What is supported ----------------------------------------------------------------------------------------------

FORMATS = FormatChecker(formats=())
FORMATS.checks("json", raises=(ValueError, TypeError, RecursionError))(_is_json)
FORMATS.checks("finite")(_is_finite)

SCALARS: list[tuple[Any, Form]] = [
    (Any, Form({"format": "json", "description": "JSON without NaN"}, _same, _same)),
    (str, Form({"type": "string", "description": "text"}, _same, _same)),
    (bool, Form({"type": "boolean", "description": "true or false"}, _same, _same)),
    (int, _number(int, "integer", "a whole number of at most 63 bits")),
    (float, _number(float, "number", "a number of at most 63 bits")),
    (
        Decimal,
        _text(
            "decimal",
            r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?",
            'a decimal number, in JSON as text such as "12.50"',
            _dump_decimal,
            Decimal,
        ),
    ),
    (
        UUID,
        _text(
            "uuid",
            "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
            'a UUID such as "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d10"',
            _dump_uuid,
            UUID,
        ),
    ),
    (
        date,
        _text("date", "[0-9]{4}-[0-9]{2}-[0-9]{2}", 'a date such as "2026-07-01"', _dump_date, date.fromisoformat),
    ),
    (
        datetime,
        _text(
            "date-time",
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})",
            'a moment with its offset from UTC such as "2026-07-01T09:00:00-04:00"',
            _dump_moment,
            _load_moment,
        ),
    ),
]
SUPPORTED = (
    "str, bool, int, float, Decimal, UUID, date, datetime, Literal, Enum, Any, list[T], dict[str, T] or T | None"
)


# --- Refusals -------------------------------------------------------------------------------------------------------


def _validator(schema: Schema) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=FORMATS)


def _pointer(path: Iterable[object]) -> str:
    """Write a path as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
