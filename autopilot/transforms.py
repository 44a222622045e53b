"""Map, filter, sort and aggregate records: pure, and checked before anybody is asked to approve them."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator

from autopilot.exceptions import Invalid

Record = dict[str, Any]
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


def check(operation: str, transform: Record) -> None:
    """Raise Invalid, saying what to write, unless the transform fits the operation."""
    properties = SCHEMAS[operation]
    required = sorted(set(properties) - OPTIONAL.get(operation, set()))
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(transform)]
    if operation == "aggregate" and transform.get("measure") != "count" and "field" not in transform:
        problems.append("'field' is required unless the measure is count")
    if problems:
        raise Invalid(f"The transform does not fit {operation}: {'; '.join(problems)}.")


def apply(operation: str, data: list[Record], transform: Record) -> list[Record]:
    """Return the records transformed; raises Invalid where a record does not have what the transform names."""
    return OPERATIONS[operation](data, transform)


def _map(data: list[Record], transform: Record) -> list[Record]:
    return [{new: _value(record, old) for new, old in transform["fields"].items()} for record in data]


def _filter(data: list[Record], transform: Record) -> list[Record]:
    test = TESTS[transform["test"]]
    return [record for record in data if _compare(test, _value(record, transform["field"]), transform["value"])]


def _sort(data: list[Record], transform: Record) -> list[Record]:
    try:
        return sorted(
            data, key=lambda record: _value(record, transform["by"]), reverse=transform.get("descending", False)
        )
    except TypeError as error:
        raise Invalid(f"The records cannot be sorted by {transform['by']!r}: its values are of different kinds.") from error


def _aggregate(data: list[Record], transform: Record) -> list[Record]:
    groups: dict[Any, list[Record]] = {}
    for record in data:
        groups.setdefault(_value(record, transform["by"]), []).append(record)
    return [
        {transform["by"]: key, transform["measure"]: _measure(groups[key], transform)} for key in sorted(groups, key=str)
    ]


def _measure(records: list[Record], transform: Record) -> Any:
    if transform["measure"] == "count":
        return len(records)
    numbers = [_number(_value(record, transform["field"])) for record in records]
    return float(MEASURES[transform["measure"]](numbers))


def _number(value: object) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise Invalid(f"{value!r} is not a number.") from error


def _value(record: Record, name: str) -> Any:
    if name not in record:
        raise Invalid(f"A record has no {name!r}; it has {', '.join(sorted(record)) or 'nothing'}.")
    return record[name]


def _compare(test: Callable[[Any, Any], bool], left: object, right: object) -> bool:
    try:
        return test(left, right)
    except TypeError as error:
        raise Invalid(f"{left!r} cannot be compared with {right!r}.") from error


OPERATIONS: dict[str, Callable[[list[Record], Record], list[Record]]] = {
    "map": _map,
    "filter": _filter,
    "sort": _sort,
    "aggregate": _aggregate,
}
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda left, right: bool(left == right),
    "differs": lambda left, right: bool(left != right),
    "at_least": lambda left, right: bool(left >= right),
    "at_most": lambda left, right: bool(left <= right),
    "contains": lambda left, right: bool(right in left),
}
MEASURES: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "sum": lambda numbers: sum(numbers, Decimal(0)),
    "minimum": min,
    "maximum": max,
    "mean": lambda numbers: sum(numbers, Decimal(0)) / len(numbers),
}
