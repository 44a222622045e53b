"""The language in which edit checks are written, compiled to closures over the columns of a row.

It has the comparisons, `and`, `or`, `not`, `if else`, `+`, `-` and sets of Python, and these names: `e1602` is the text
of element 1602 (`e108_A` of 108-A), `d901` the number of its day and `m1704` its money
(compared with dollars); `value`, `day` and `amount` are
those of the element a check is repeated for; constants, functions and parts of expressions have names of their own.
What is not listed here is refused when the checks are loaded, so that nothing in a data file is ever run.
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from students.wioa.pirl.values import UNKNOWN_WAGES, Amounts, Days, digits, quarter, whole, years

Row = Sequence[str]
Reader = Callable[[Row], Any]

TRAINING_DATES = "1302 1308 1309 1313 1314 1318"
CAREER_DATES = (
    "1004 1003 1201 1102 1104 1105 1106 1107 1108 1109 1110 1111 1112 1113 1116 1202 1203 1206 1207"
    " 1402 1403 1405 1407 1408 1410 1411 1413 1414 1415"
)
CONSTANTS: dict[str, Any] = {
    "FUNDED": frozenset("123"),
    "EMPLOYED": frozenset("123"),
    "MATCHED": frozenset("1234"),
    "NONE": frozenset({"", "0"}),
    "NO_TRAINING": frozenset({"", "00"}),
    "UNKNOWN_WAGES": UNKNOWN_WAGES,
}
PARTS = {
    "OPEN_TRAINING": "d1302 and not d1308 or d1309 and not d1313 or d1314 and not d1318 or d1811 and not d1813",
}
ANY_OF = {"CAREER_SERVICE": CAREER_DATES.split()}
LATEST_OF = {"LAST_SERVICE": f"{CAREER_DATES} {TRAINING_DATES}".split()}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "years": years,
    "quarter": quarter,
    "digits": digits,
    "numeric": str.isdecimal,
    "whole": whole,
    "min": min,
}
COMPARED_TEXTS = ast.Eq | ast.NotEq | ast.In | ast.NotIn
FIRST_COLUMN = 0
OF_REPORT = ("REPORT_DAY", "REPORT_QUARTER")
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, values: value in values,
    ast.NotIn: lambda value, values: value not in values,
}
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {ast.Add: operator.add, ast.Sub: operator.sub}


class UnknownElement(LookupError):
    """An expression names an element that the schema does not have."""


class NotInLanguage(ValueError):
    """An expression holds what the language does not."""


@dataclass(frozen=True)
class Cell:
    """One element in an expression: as its text, as a day or as money."""

    kind: str
    column: int


class Begin(NamedTuple):
    """The cell an expression begins with.

    Its value is one of `values`, or none of them where they are excluded; without values it is anything but blank.
    `rest` is asked after that, if there is more to ask.
    """

    column: int
    values: frozenset[str] | None
    excluded: bool
    rest: Reader | None

    def holds(self, value: str) -> bool:
        """Return whether a value that is not blank lets the expression go on."""
        return self.values is None or (value in self.values) is not self.excluded


@dataclass(frozen=True)
class Language:
    """Compiles expressions for one schema: `columns` tells the column of each element.

    `constants` are further names, such as the day of the report; `subject` is the element a check is repeated for.
    """

    columns: Mapping[str, int]
    constants: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    days: Days = field(default_factory=Days)
    amounts: Amounts = field(default_factory=Amounts)

    def compile(self, expression: str) -> Reader:
        """Return what tells of a row whether an expression is true; raises UnknownElement or NotInLanguage."""
        return self._truth(self._parsed(expression))

    def begins(self, expression: str) -> list["Begin"]:
        """Return the cells that an expression can only be true with, and what is to be asked beyond each of them.

        An expression that can be true of a row whose cells are blank begins with the first column, which never is.
        """
        return self._begins(self._parsed(expression))

    @cached_property
    def known(self) -> dict[str, Any]:
        """Every constant by its name."""
        return {**CONSTANTS, **self.constants}

    def _parsed(self, expression: str) -> ast.expr:
        try:
            return ast.parse(expression, mode="eval").body
        except SyntaxError as error:
            raise NotInLanguage(f"“{expression}” is not an expression.") from error

    def _begins(self, node: ast.expr) -> list["Begin"]:
        match node:
            case ast.BoolOp(op=ast.Or(), values=values):
                return [begin for value in values for begin in self._begins(value)]
            case ast.BoolOp(op=ast.And(), values=values):
                for place, value in enumerate(values):
                    if begin := self._begin(value):
                        rest = [self._truth(other) for other in values[:place] + values[place + 1 :]]
                        return [begin._replace(rest=_both([begin.rest, *rest] if begin.rest else rest))]
        if begin := self._begin(node):
            return [begin]
        always = self._constant(node) is True
        return [Begin(FIRST_COLUMN, None, excluded=False, rest=None if always else self._truth(node))]

    def _begin(self, node: ast.expr) -> "Begin | None":
        match node:
            case ast.Name() if cell := self._cell(node):
                return Begin(cell.column, None, excluded=False, rest=None)
            case ast.Compare(left=ast.Name() as name, ops=[op], comparators=[other]) if cell := self._cell(name):
                constant = self._constant(other)
                if cell.kind == "m":
                    return Begin(cell.column, None, excluded=False, rest=self._reader(node)) if constant else None
                values = constant if isinstance(constant, frozenset) else frozenset({constant})
                excluded = isinstance(op, ast.NotIn | ast.NotEq)
                if constant is not None and isinstance(op, COMPARED_TEXTS) and ("" in values) is excluded:
                    return Begin(cell.column, values, excluded=excluded, rest=None)
            case ast.Compare(left=ast.Constant(value=0), ops=[ast.Lt(), *_], comparators=[ast.Name() as name, *_]):
                cell = self._cell(name)
                return Begin(cell.column, None, excluded=False, rest=self._reader(node)) if cell else None
        return None

    def _cell(self, node: ast.expr) -> Cell | None:
        if not isinstance(node, ast.Name):
            return None
        if kind := {"value": "e", "day": "d", "amount": "m"}.get(node.id):
            return Cell(kind, self._column(self.subject))
        kind, number = node.id[0], node.id[1:].replace("_", "-")
        return Cell(kind, self._column(number)) if kind in "edm" and number[:1].isdigit() else None

    def _column(self, number: str) -> int:
        try:
            return self.columns[number]
        except KeyError:
            raise UnknownElement(number) from None

    def _constant(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=str() | int() as value):
                return value
            case ast.Name(id=name) if name in self.known:
                return self.known[name]
            case ast.Set(elts=values) if all(isinstance(value, ast.Constant) for value in values):
                return frozenset(self._constant(value) for value in values)
        return None

    def _reader(self, node: ast.expr) -> Reader:
        constant = self._constant(node)
        if constant is not None:
            return lambda row: constant
        match node:
            case ast.Name():
                return self._name(node)
            case ast.BoolOp(op=op, values=values):
                return _joined(op, [self._reader(value) for value in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _not(self._truth(operand), self._cell(operand))
            case ast.Compare(left=low, ops=[one, other], comparators=[middle, high]):
                return self._between(low, type(one), middle, type(other), high)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._comparison(left, type(op), right)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                return _of_two(ARITHMETIC[type(op)], self._reader(left), self._reader(right))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition, then, otherwise = self._truth(test), self._reader(body), self._reader(orelse)
                return lambda row: then(row) if condition(row) else otherwise(row)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
                return _call(FUNCTIONS[name], [self._reader(argument) for argument in arguments])
        raise NotInLanguage(f"“{ast.unparse(node)}” is not in the language of the checks.")

    def _name(self, node: ast.Name) -> Reader:
        if cell := self._cell(node):
            return self._of_cell(cell)
        if node.id in PARTS:
            return self._truth(self._parsed(PARTS[node.id]))
        if node.id in ANY_OF:
            texts = self._texts(ANY_OF[node.id])
            return lambda row: any(texts(row))
        if node.id in LATEST_OF:
            texts, days = self._texts(LATEST_OF[node.id]), self.days
            return lambda row: days[max(filter(None, texts(row)), default="")]
        raise NotInLanguage(f"“{node.id}” has no meaning in the language of the checks.")

    def _texts(self, numbers: list[str]) -> Reader:
        columns = [self.columns[number] for number in numbers if number in self.columns]
        if not columns:
            raise UnknownElement(numbers[0])
        return itemgetter(*columns, columns[0])  # of one column alone it would give no tuple

    def _of_cell(self, cell: Cell) -> Reader:
        column, days, amounts = cell.column, self.days, self.amounts
        if cell.kind == "d":
            return lambda row: days[row[column]]
        return (lambda row: amounts[row[column]]) if cell.kind == "m" else itemgetter(column)

    def _truth(self, node: ast.expr) -> Reader:
        """Return a reader of truth alone: whether a cell holds anything needs no day to be computed."""
        if isinstance(node, ast.BoolOp):
            return _joined(node.op, [self._truth(value) for value in node.values])
        cell = self._cell(node)
        return itemgetter(cell.column) if cell and cell.kind != "m" else self._reader(node)

    def _between(
        self, low: ast.expr, above: type[ast.cmpop], middle: ast.expr, below: type[ast.cmpop], high: ast.expr
    ) -> Reader:
        least, most = self._constant(self._in_cents(low, middle)), self._constant(self._in_cents(high, middle))
        if least is None or most is None:
            raise NotInLanguage("What is between two others is between constants.")
        over, under, cell, amounts = COMPARISONS[above], COMPARISONS[below], self._cell(middle), self.amounts
        if cell and cell.kind == "m" and above is below is ast.Lt:
            return lambda row: least < amounts[row[cell.column]] < most
        reader = self._reader(middle)
        return lambda row: over(least, value := reader(row)) and under(value, most)

    def _of_money(self, op: type[ast.cmpop], column: int, constant: int) -> Reader:
        amounts, compare = self.amounts, COMPARISONS[op]
        if op is ast.Gt:
            return lambda row: amounts[row[column]] > constant
        return lambda row: compare(amounts[row[column]], constant)

    def _in_cents(self, node: ast.expr, beside: ast.expr) -> ast.expr:
        """Return a number of dollars that money is compared with as the cents that money is counted in."""
        cell = self._cell(beside)
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and cell and cell.kind == "m":
            return ast.Constant(node.value * 100)
        return node

    def _comparison(self, left: ast.expr, op: type[ast.cmpop], right: ast.expr) -> Reader:
        left, right = self._in_cents(left, right), self._in_cents(right, left)
        one, other, constant = self._cell(left), self._cell(right), self._constant(right)
        if one and other and one.kind == other.kind == "d":  # days written YYYYMMDD stand in the order of their texts
            return _of_days(op, one.column, other.column)
        if one and one.kind == "e" and constant is not None:
            return _tested(one.column, op, constant)
        if one and one.kind == "m" and constant is not None:
            return self._of_money(op, one.column, constant)
        if op not in COMPARISONS:
            raise NotInLanguage(f"“{ast.unparse(left)}” is compared in a way the language does not have.")
        return _of_two(COMPARISONS[op], self._reader(left), self._reader(right))


def _tested(column: int, op: type[ast.cmpop], constant: Any) -> Reader:
    """Return the comparison of a text with a constant, which is most of what checks do."""
    if op is ast.In:
        return lambda row: row[column] in constant
    if op is ast.NotIn:
        return lambda row: row[column] not in constant
    if op is ast.Eq:
        return lambda row: row[column] == constant
    if op is ast.NotEq:
        return lambda row: row[column] != constant
    raise NotInLanguage("A text is compared for being equal, or in a set; compare days and money by size.")


def _of_days(op: type[ast.cmpop], one: int, other: int) -> Reader:
    if op is ast.LtE:
        return lambda row: row[one] <= row[other]
    if op is ast.Lt:
        return lambda row: row[one] < row[other]
    return _of_two(COMPARISONS[op], itemgetter(one), itemgetter(other))


def _of_two(operation: Callable[[Any, Any], Any], one: Reader, other: Reader) -> Reader:
    return lambda row: operation(one(row), other(row))


def _not(truth: Reader, cell: Cell | None) -> Reader:
    if cell and cell.kind != "m":
        column = cell.column
        return lambda row: not row[column]
    return lambda row: not truth(row)


def _joined(op: ast.boolop, readers: list[Reader]) -> Reader:
    return _both(readers) if isinstance(op, ast.And) else _either(readers)


def _both(readers: list[Reader]) -> Reader:
    if len(readers) == 1:
        return readers[0]
    one, other = readers[0], _both(readers[1:])
    return lambda row: one(row) and other(row)


def _either(readers: list[Reader]) -> Reader:
    if len(readers) == 1:
        return readers[0]
    one, other = readers[0], _either(readers[1:])
    return lambda row: one(row) or other(row)


def _call(function: Callable[..., Any], readers: list[Reader]) -> Reader:
    if len(readers) == 2:
        one, other = readers
        return lambda row: function(one(row), other(row))
    return lambda row: function(*(reader(row) for reader in readers))
