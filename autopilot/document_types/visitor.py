"""The walk over every node of a compiled template: only what is known is allowed, and what it names must exist."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable, VariableNode
from django.template.defaulttags import CommentNode, ForNode, IfNode
from django.utils.safestring import SafeString

from autopilot.document_types import fields
from autopilot.document_types.errors import TemplateRefused
from autopilot.document_types.fields import Field, Kind
from autopilot.document_types.markup import Markup
from autopilot.document_types.vocabulary import FILTER_OF, NAMES, TAKES, write_date

FORLOOP = {
    "counter": fields.number("Number of the row"),
    "first": fields.yes_no("Whether it is the first row"),
    "last": fields.yes_no("Whether it is the last row"),
}
DEEPEST_LOOP = 2
MOST_IN_LOOP = 4000  # characters; by at most 2,000 rows, so that no template can make more than some megabytes
MOST_NODES = 3000
Scope = Mapping[str, Mapping[str, Field]]


class Visitor:
    """Visits a template of a type whose fields are `schema`; `scope` holds the fields of the rows one is inside of."""

    def __init__(self, schema: Mapping[str, Field]) -> None:
        self._schema = schema
        self._markup = Markup()
        self._nodes = 0

    def visit_all(self, nodes: NodeList) -> None:
        """Visit a whole template; raise TemplateRefused for the first thing that is wrong."""
        self._visit_list(nodes, {})
        self._markup.finish()

    def _visit_list(self, nodes: NodeList, scope: Scope) -> None:
        for node in nodes:
            self._nodes += 1
            _refuse_if(self._nodes > MOST_NODES, node, f"The template has more than {MOST_NODES} parts.")
            self._visit(node, scope)

    def _visit(self, node: Node, scope: Scope) -> None:
        if type(node) is TextNode:
            self._markup.read(node.s, _line(node))
        elif type(node) is VariableNode:
            self._print(node, scope)
        elif type(node) is IfNode:
            self._visit_if(node, scope)
        elif type(node) is ForNode:
            self._visit_for(node, scope)
        elif type(node) is not CommentNode:
            raise TemplateRefused(f"Line {_line(node)}: {type(node).__name__} is not allowed.")

    def _print(self, node: VariableNode, scope: Scope) -> None:
        kind = self._kind(node.filter_expression, node, scope)
        name = node.filter_expression.token
        _refuse_if(kind is Kind.ROWS, node, f"“{name}” is a list: loop over it with {{% for %}}.")
        needed = FILTER_OF.get(kind, "")
        _refuse_if(bool(needed), node, f"“{name}” is {kind}: write {{{{ {name}|{needed} }}}}.")

    def _visit_if(self, node: IfNode, scope: Scope) -> None:
        for condition, nodes in node.conditions_nodelists:
            for expression in _expressions(condition):
                self._kind(expression, node, scope)
            with self._markup.branch():
                self._visit_list(nodes, scope)

    def _visit_for(self, node: Any, scope: Scope) -> None:
        rows = self._looped(node, scope)
        [name] = node.loopvars
        _refuse_if(
            name in self._schema or name in scope or name == "forloop", node, f"“{name}” already names something else."
        )
        with self._markup.branch():
            self._visit_list(node.nodelist_loop, {**scope, name: rows.fields})
        with self._markup.branch():
            self._visit_list(node.nodelist_empty, scope)

    def _looped(self, node: Any, scope: Scope) -> Field:
        """Return the list a loop goes over; inside a loop it must be a list of the row, so that lists never multiply."""
        sequence = node.sequence
        plain = isinstance(sequence.var, Variable) and not sequence.filters and len(node.loopvars) == 1
        _refuse_if(not plain, node, "Loops have the form {% for row in list %}.")
        field = self._field(sequence.var, node, scope)
        _refuse_if(field.kind is not Kind.ROWS, node, f"“{sequence.token}” is no list.")
        _refuse_if(bool(scope) and "." not in str(sequence.var), node, "A loop in a loop goes over a list of its row.")
        _refuse_if(len(scope) >= DEEPEST_LOOP, node, f"Loops are nested deeper than {DEEPEST_LOOP} levels.")
        _refuse_if(_length(node) > MOST_IN_LOOP, node, f"A loop has more than {MOST_IN_LOOP} characters for every row.")
        return field

    def _kind(self, expression: FilterExpression, node: Node, scope: Scope) -> Kind:
        """Return what an expression gives after its filters, each of which must take what comes before it."""
        kind = self._kind_of_start(expression.var, node, scope)
        for function, arguments in expression.filters:
            name = NAMES[function]
            _refuse_if(kind not in TAKES[name], node, f"The filter “{name}” does not take {kind}.")
            self._check_arguments(name, arguments, node)
            kind = Kind.NUMBER if name == "length" else Kind.TEXT
        return kind

    def _kind_of_start(self, start: Any, node: Node, scope: Scope) -> Kind:
        if not isinstance(start, Variable) or start.lookups is None:
            literal = start.literal if isinstance(start, Variable) else start
            return Kind.TEXT if isinstance(literal, str) else Kind.NUMBER
        return self._field(start, node, scope).kind

    def _check_arguments(self, name: str, arguments: list[tuple[bool, Any]], node: Node) -> None:
        for is_variable, argument in arguments:
            _refuse_if(is_variable or not isinstance(argument, SafeString), node, f"“{name}” takes words in quotes.")
            if name == "date":
                _try_pattern(str(argument), node)

    def _field(self, variable: Variable, node: Node, scope: Scope) -> Field:
        """Return the field that a name stands for; raise TemplateRefused where there is none."""
        first, *rest = variable.lookups or ("",)
        if first == "forloop" and scope and len(rest) == 1 and rest[0] in FORLOOP:
            return FORLOOP[rest[0]]
        if first in scope and len(rest) == 1 and rest[0] in scope[first]:
            return scope[first][rest[0]]
        if first in self._schema and not rest:
            return self._schema[first]
        known = sorted({*self._schema, *(f"{row}.{name}" for row in scope for name in scope[row])})
        raise TemplateRefused(
            f"Line {_line(node)}: There is no field “{str(variable)[:60]}”. There are: {', '.join(known)}."
        )


def _expressions(condition: Any) -> Iterator[FilterExpression]:
    """Yield what the operators of a condition compare."""
    if condition is None:
        return
    value = getattr(condition, "value", None)
    if isinstance(value, FilterExpression):
        yield value
    yield from _expressions(getattr(condition, "first", None))
    yield from _expressions(getattr(condition, "second", None))


def _length(node: Any) -> int:
    return sum(len(text.s) for text in node.nodelist_loop.get_nodes_by_type(TextNode))


def _try_pattern(pattern: str, node: Node) -> None:
    try:
        write_date(date(2026, 11, 20), pattern)
    except TypeError:
        raise TemplateRefused(f"Line {_line(node)}: A date has no time of day, as “{pattern}” asks.") from None


def _refuse_if(wrong: bool, node: Node, reason: str) -> None:
    if wrong:
        raise TemplateRefused(f"Line {_line(node)}: {reason}")


def _line(node: Node) -> int:
    return (node.token and node.token.lineno) or 1
