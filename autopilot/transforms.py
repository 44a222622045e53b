"""Map, filter, sort and aggregate records: pure, and checked before anybody is asked to approve them.

Values are never mixed: texts compare with texts, numbers with numbers and truths with truths. What a record lacks or
cannot do is told by its place, never by its value: an error's text is stored, and may not hold a person's data.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator

from autopilot.exceptions import Invalid

Record = dict[str, Any]
# Beyond them, a number would not fit into JSON's floating point.
MOST_DIGITS = 300
WHOLE = 2**63
NAME = {"type": "string", "minLength": 1}

SCHEMAS: dict[str, dict[str, Any]] = {
    # {"fields": {"new name": "old name"}}
    "map": {"fields": {"type": "object", "minProperties": 1, "additionalProperties": NAME}},
    # {"field": "hours", "test": "at_least", "value": 40}
    "filter": {
        "field": NAME,
        "test": {"enum": ["equals", "differs", "at_least", "at_most", "contains"]},
        "value": {"type": ["string", "number", "boolean", "null"]},
    },
    # {"by": "name", "descending": true}
    "sort": {"by": NAME, "descending": {"type": "boolean"}},
    # {"by": "county", "measure": "sum", "field": "hours"}
    "aggregate": {"by": NAME, "measure": {"enum": ["count", "sum", "minimum", "maximum", "mean"]}, "field": NAME},
}
OPTIONAL = {"sort": {"descending"}, "aggregate": {"field"}}


def check(operation: str, data: list[Record], transform: Record) -> None:
    """Raise Invalid, saying what to write, unless there are records and the transform fits the operation."""
    if not data:
        raise Invalid("There is nothing to transform: give at least one record in data.")
    properties = SCHEMAS[operation]
    required = sorted(set(properties) - OPTIONAL.get(operation, set()))
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(transform)]
    if operation == "aggregate" and transform.get("measure") != "count" and "field" not in transform:
        problems.append("'field' is required unless the measure is count")
    if operation == "aggregate" and transform.get("by") == transform.get("measure"):
        problems.append("'by' cannot be the name under which the measure is delivered")
    if problems:
        raise Invalid(f"The transform does not fit {operation}: {'; '.join(problems)}.")


def apply(operation: str, data: list[Record], transform: Record) -> list[Record]:
    """Return the records transformed; raises Invalid where a record does not have what the transform names."""
    return OPERATIONS[operation](data, transform)


def _map(data: list[Record], transform: Record) -> list[Record]:
    columns = {new: _column(data, old) for new, old in transform["fields"].items()}
    return [{new: column[place] for new, column in columns.items()} for place in range(len(data))]


def _filter(data: list[Record], transform: Record) -> list[Record]:
    name, test, value = transform["field"], TESTS[transform["test"]], transform["value"]
    column = _column(data, name)
    try:
        return [record for record, found in zip(data, column, strict=True) if test(found, value)]
    except TypeError as error:
        raise Invalid(f"Not every {name!r} is of the kind of the value that it is compared with.") from error


def _sort(data: list[Record], transform: Record) -> list[Record]:
    name = transform["by"]
    column = _column(data, name)
    if len({_kind(value) for value in column}) > 1:
        raise Invalid(f"The records cannot be sorted by {name!r}: its values are of different kinds.")
    try:
        return sorted(data, key=lambda record: record[name], reverse=transform.get("descending", False))
    except TypeError as error:
        raise Invalid(f"The records cannot be sorted by {name!r}: its values have no order.") from error


def _aggregate(data: list[Record], transform: Record) -> list[Record]:
    name, measure = transform["by"], transform["measure"]
    groups: dict[Any, list[Record]] = {}
    for place, value in enumerate(_column(data, name), start=1):
        if isinstance(value, list | dict):
            raise Invalid(f"The records cannot be grouped by {name!r}: in record {place} it is no single value.")
        # The kind belongs to the key: for Python, 1 and True are equal.
        groups.setdefault((_kind(value), value), []).append(data[place - 1])
    ordered = sorted(groups, key=lambda group: str(group[1]))
    return [{name: group[1], measure: _measure(groups[group], transform)} for group in ordered]


def _measure(records: list[Record], transform: Record) -> int | float:
    if transform["measure"] == "count":
        return len(records)
    name = transform["field"]
    numbers = [_number(value, name) for value in _column(records, name)]
    measured = MEASURES[transform["measure"]](numbers)
    whole = abs(measured) < WHOLE and measured == measured.to_integral_value()
    return int(measured) if whole else float(measured)


def _column(data: list[Record], name: str) -> list[Any]:
    """Return what each record has under a name."""
    for place, record in enumerate(data, start=1):
        if name not in record:
            raise Invalid(f"Record {place} has no {name!r}; it has {', '.join(sorted(record)) or 'nothing'}.")
    return [record[name] for record in data]


def _number(value: object, name: str) -> Decimal:
    try:
        # By way of its writing, so that 0.1 is a tenth.
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise Invalid(f"Not every {name!r} is a number that can be reckoned with.")
    return number


def _kind(value: object) -> type:
    """Return the kind of a value as JSON has it, where whole numbers and fractions are one, and truths another."""
    return float if type(value) is int else type(value)


def _alike(left: object, right: object) -> bool:
    return _kind(left) is _kind(right)


def _ordered(left: object, right: object) -> bool:
    """Return True; raises TypeError where Python would order what JSON tells apart, as True and 0."""
    if not _alike(left, right):
        raise TypeError
    return True


OPERATIONS: dict[str, Callable[[list[Record], Record], list[Record]]] = {
    "map": _map,
    "filter": _filter,
    "sort": _sort,
    "aggregate": _aggregate,
}
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda left, right: _alike(left, right) and bool(left == right),
    "differs": lambda left, right: not _alike(left, right) or bool(left != right),
    "at_least": lambda left, right: _ordered(left, right) and bool(left >= right),
    "at_most": lambda left, right: _ordered(left, right) and bool(left <= right),
    "contains": lambda left, right: bool(right in left),
}
MEASURES: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "sum": lambda numbers: sum(numbers, Decimal(0)),
    "minimum": min,
    "maximum": max,
    "mean": lambda numbers: sum(numbers, Decimal(0)) / len(numbers),
}
