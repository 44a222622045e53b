"""The template language: Django's, without loaders, libraries or objects, and checked against the fields of a type.

What staff write is compiled by an engine that knows three tags and a dozen filters. Every node is then visited, so
that a template which is saved names only fields there are, loops only over lists, and prints every value as it should.
"""

from collections.abc import Mapping
from typing import Any

from django.template import Context, Engine, Library, Template, TemplateSyntaxError
from django.template.base import Lexer, Token, TokenType
from django.utils import translation
from django.utils.safestring import SafeString

from autopilot.document_types.errors import TemplateRefused
from autopilot.document_types.fields import Field
from autopilot.document_types.visitor import Visitor
from autopilot.document_types.vocabulary import PARTS, TAGS, library

MOST_CHARACTERS = 60_000


class RestrictedEngine(Engine):
    """An engine that finds no file and knows no tag or filter but those of our library."""

    def get_template_builtins(self, builtins: list[str]) -> list[Library]:
        """Return our library, in place of Django's three."""
        return [library]


_engine = RestrictedEngine(dirs=[], loaders=[], libraries={}, autoescape=True, string_if_invalid="")


def compiled(source: str, schema: Mapping[str, Field]) -> Template:
    """Return a template that is checked against the fields it may print.

    Raises TemplateRefused with the line, what is wrong there, and what may be written instead.
    """
    if len(source) > MOST_CHARACTERS:
        raise TemplateRefused(f"The template has {len(source)} characters; {MOST_CHARACTERS} are allowed.")
    for token in Lexer(source).tokenize():
        _refuse_foreign_tag(token)
    try:
        template = _engine.from_string(source)
    except TemplateSyntaxError as error:
        raise TemplateRefused(_told(error)) from None
    except RecursionError:
        raise TemplateRefused("Tags are nested too deep.") from None
    Visitor(schema).visit_all(template.nodelist)
    return template


def written(template: Template, context: Mapping[str, Any]) -> SafeString:
    """Return the HTML of a checked template and a checked context; values are escaped, months are in English."""
    with translation.override("en-us"):
        return template.render(Context(_blank(context), use_l10n=False))


def _refuse_foreign_tag(token: Token) -> None:
    name = (token.contents.split() or [""])[0]
    if token.token_type == TokenType.BLOCK and name not in TAGS.keys() | PARTS:
        raise TemplateRefused(
            f"Line {token.lineno}: There is no tag {{% {name[:40]} %}}. There are: {', '.join(sorted(TAGS))}."
        )


def _told(error: TemplateSyntaxError) -> str:
    token = getattr(error, "token", None)
    reason = str(error)
    if reason.startswith("Invalid filter"):
        reason = f"{reason}. There are: {', '.join(sorted(library.filters))}."
    return f"Line {token.lineno}: {reason}" if token else reason


def _blank(value: Any) -> Any:
    """Return a context in which None prints nothing."""
    if isinstance(value, dict):
        return {name: _blank(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_blank(each) for each in value]
    return "" if value is None else value
