"""Run the edit checks over a file the straightforward way of pandas: the whole file as one table, column by column.

    python -m benchmarks.support.compliance.with_pandas FILE ROWS

The rules are the same rows of data; what they ask is computed from the same expressions, here over columns. It has no
messages, no row of a finding and no order of stages: it counts by rule.
"""

import ast
import sys
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.support.compliance.measuring import measure
from students.wioa.pirl.checks import all_checks
from students.wioa.pirl.language import ANY_OF, CONSTANTS, LATEST_OF, PARTS
from students.wioa.pirl.schema import Kind, Schema, development_schema
from tests.students.wioa.participants import PERIOD_END

TYPES = {Kind.INTEGER: "[0-9]", Kind.ALPHANUMERIC: "[0-9A-Za-z]"}
BEFORE = date(1970, 1, 1).toordinal()
REPORT = {
    "REPORT_DAY": PERIOD_END.toordinal(),
    "REPORT_DAY_AT_LATEST": PERIOD_END.toordinal(),
    "REPORT_QUARTER": PERIOD_END.year * 4 + (PERIOD_END.month - 1) // 3,
}


class Table:
    """A file as a table of texts, and its columns as days and cents, each made once."""

    def __init__(self, path: str, schema: Schema) -> None:
        names = [element.number for element in schema.elements]
        self.texts = pd.read_csv(path, header=None, names=names, dtype=str, keep_default_na=False)
        self._days: dict[str, Any] = {}
        self._cents: dict[str, Any] = {}

    def days(self, number: str) -> Any:
        """Return a column as days, counted from the year 1; what is none is 0."""
        if number not in self._days:
            days = pd.to_datetime(self.texts[number], format="%Y%m%d", errors="coerce") - pd.Timestamp(0)
            self._days[number] = days.dt.days.fillna(-BEFORE).astype("int64") + BEFORE
        return self._days[number]

    def cents(self, number: str) -> Any:
        """Return a column as cents; what is no money is 0."""
        if number not in self._cents:
            self._cents[number] = (pd.to_numeric(self.texts[number], errors="coerce").fillna(0) * 100).round()
        return self._cents[number]


def computed(table: Table, node: ast.expr, subject: str) -> Any:
    """Return what an expression says of every row."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Set(elts=values):
            return {each.value for each in values}
        case ast.Name(id=name):
            return of_name(table, name, subject)
        case ast.BoolOp(op=op, values=values):
            if isinstance(op, ast.Or) and all(is_day(value) for value in values):
                first = computed(table, values[0], subject)
                return first.where(first != 0, computed(table, values[1], subject))
            each = [truth(computed(table, value, subject)) for value in values]
            return np.logical_and.reduce(each) if isinstance(op, ast.And) else np.logical_or.reduce(each)
        case ast.UnaryOp(operand=operand):
            return ~truth(computed(table, operand, subject))
        case ast.IfExp(test=test, body=body, orelse=other):
            condition = truth(computed(table, test, subject))
            return np.where(condition, computed(table, body, subject), computed(table, other, subject))
        case ast.BinOp(left=left, op=op, right=right):
            one, other = computed(table, left, subject), computed(table, right, subject)
            return one + other if isinstance(op, ast.Add) else one - other
        case ast.Compare(left=left, ops=ops, comparators=others):
            return compared(table, [left, *others], ops, subject)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return called(table, name, arguments, subject)
    raise ValueError(f"“{ast.unparse(node)}” is not in the language of the checks.")


def is_day(node: ast.expr) -> bool:
    """Return whether a part of an expression is a day."""
    return isinstance(node, ast.Name) and node.id[0] == "d" and node.id[1:].isdigit()


def of_name(table: Table, name: str, subject: str) -> Any:
    """Return what a name stands for."""
    if name in CONSTANTS or name in REPORT:
        return REPORT.get(name, CONSTANTS.get(name))
    if name in PARTS:
        return computed(table, ast.parse(PARTS[name], mode="eval").body, subject)
    if name in ANY_OF:
        return (table.texts[ANY_OF[name]] != "").any(axis=1)
    if name in LATEST_OF:
        return pd.concat([table.days(number) for number in LATEST_OF[name]], axis=1).max(axis=1)
    if name in {"value", "day", "amount"}:
        kind, number = {"value": "e", "day": "d", "amount": "m"}[name], subject
    else:
        kind, number = name[0], name[1:].replace("_", "-")
    return {"e": lambda: table.texts[number], "d": lambda: table.days(number), "m": lambda: table.cents(number)}[kind]()


def truth(values: Any) -> Any:
    """Return whether each value says anything."""
    array = np.asarray(values)
    return array != "" if array.dtype.kind in "OU" else array.astype(bool)


def compared(table: Table, nodes: list[ast.expr], ops: list[ast.cmpop], subject: str) -> Any:
    """Return a comparison of every row; dollars become cents, days are taken from each other as days."""
    values = [computed(table, node, subject) for node in nodes]
    money = any(isinstance(node, ast.Name) and (node.id[0] == "m" or node.id == "amount") for node in nodes)
    result: Any = True
    for one, op, other in zip(values, ops, values[1:], strict=False):
        left, right = (each * 100 if money and isinstance(each, int) and each < 1e7 else each for each in (one, other))
        match op:
            case ast.In():
                found = left.isin(list(right))
            case ast.NotIn():
                found = ~left.isin(list(right))
            case ast.Eq():
                found = left == right
            case ast.NotEq():
                found = left != right
            case ast.Lt():
                found = left < right
            case ast.LtE():
                found = left <= right
            case ast.Gt():
                found = left > right
            case ast.GtE():
                found = left >= right
        result = found & result
    return result


def called(table: Table, name: str, arguments: list[ast.expr], subject: str) -> Any:
    """Return what a function says of every row."""
    values = [computed(table, each, subject) for each in arguments]
    if name == "years":
        born, day = (pd.to_numeric(each, errors="coerce") for each in values_of(table, arguments, subject))
        return (day - born) // 10_000
    if name == "quarter":
        days = pd.to_datetime(values[0], format="%Y%m%d", errors="coerce")
        return days.dt.year * 4 + (days.dt.month - 1) // 3
    if name == "digits":
        return values[0].str.count("[0-9]")
    if name == "numeric":
        return values[0].str.isdecimal()
    if name == "whole":
        return pd.to_numeric(values[0].str.replace(r"\D", "", regex=True), errors="coerce").fillna(0)
    return pd.concat(values, axis=1).min(axis=1)  # min


def values_of(table: Table, arguments: list[ast.expr], subject: str) -> list[Any]:
    """Return the texts of arguments, of which the first that is not blank counts."""
    found = []
    for each in arguments:
        names = [name.id for name in ast.walk(each) if isinstance(name, ast.Name)]
        texts = [of_name(table, name, subject) for name in names]
        found.append(texts[0] if len(texts) == 1 else texts[0].where(texts[0] != "", texts[1]))
    return found


def checked() -> dict[str, Any]:
    """Check the file; returns how many rows break each rule."""
    schema = development_schema()
    table = Table(sys.argv[1], schema)
    found = of_values(table, schema) | of_duplicates(table)
    for check in all_checks():
        if check.applied_by == "expression":
            for subject in check.subjects:
                when, must = (ast.parse(text, mode="eval").body for text in (check.when, check.must))
                broken = truth(computed(table, when, subject)) & ~truth(computed(table, must, subject))
                found[check.id] = found.get(check.id, 0) + int(np.count_nonzero(broken))
    return {"found": {rule: count for rule, count in sorted(found.items()) if count}}


def of_values(table: Table, schema: Schema) -> dict[str, int]:
    """Return how many values no element may hold."""
    wrong = 0
    for element in schema.elements:
        texts = table.texts[element.number]
        texts = texts[texts != ""]
        if element.kind is Kind.DATE:
            wrong += int((table.days(element.number)[texts.index] == 0).sum())
        elif element.codes:
            wrong += int((~texts.isin(list(element.codes))).sum())
        elif element.kind is Kind.MONEY:
            wrong += int((~texts.str.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,2})?")).sum())
        elif element.kind in TYPES:
            wrong += int((~texts.str.fullmatch(f"{TYPES[element.kind]}{{1,{element.length}}}")).sum())
    return {"values": wrong}


def of_duplicates(table: Table) -> dict[str, int]:
    """Return how many rows and entries there are twice, and how many periods begin before the last one ended."""
    texts = table.texts
    entered = texts[texts["900"] != ""].sort_values(["100", "900"])
    before = entered.groupby("100")["901"].shift()
    overlap = before.notna() & ((before == "") | (before >= entered["900"]))
    return {
        "EC021": int(texts["OBS"].duplicated().sum()),
        "EC019": int(entered.duplicated(["100", "900"]).sum()),
        "EC020": int(overlap.sum()),
    }


if __name__ == "__main__":
    measure(int(sys.argv[2]), checked)
