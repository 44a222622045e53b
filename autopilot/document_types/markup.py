"""The HTML of a template: elements and attributes from a list, closed where they were opened, headings in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

from autopilot.document_types.errors import TemplateRefused

HEADINGS = ("h1", "h2", "h3", "h4")
EMPTY = {"br"}
ELEMENTS = {
    *HEADINGS, *EMPTY, "div", "em", "li", "ol", "p", "section", "span", "strong", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"class", "scope", "colspan", "rowspan", "lang"}
STRAY = {
    "{{": "{{ is opened and not closed in its line.",
    "{%": "{% is opened and not closed in its line.",
    "<": "Write &lt; for a sign that is no element.",
}
MOST_SPAN = 12
DEEPEST = 16


class Markup(HTMLParser):
    """Reads the text between the tags of the template language, piece by piece, and refuses what is not on the list.

    What a browser or a printer would do with anything else need not be known then: no style, address, script, form or
    drawing can be written.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._before = 0  # lines of the template before what this parser counts
        self._open: list[str] = []
        self._level = 0

    def read(self, text: str, line: int) -> None:
        """Check a piece of text; raise TemplateRefused with its line."""
        self._before = line - self.getpos()[0]
        self.feed(text)
        self._refuse_if(bool(self.rawdata), "A merge field or a tag stands between elements, never inside one.")

    @contextmanager
    def branch(self) -> Iterator[None]:
        """Hold a branch of `if` or `for` to closing exactly what it opens."""
        self._open.append("")
        yield
        last = self._open.pop()
        self._refuse_if(bool(last), f"<{last}> is opened inside if or for, and not closed there.")

    def finish(self) -> None:
        """Refuse what is left open."""
        self._refuse_if(bool(self._open), f"<{self._open[-1] if self._open else ''}> is not closed.")
        self._refuse_if(self._level == 0, "The template needs a heading <h1>, for those who hear it read aloud.")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Refuse an element or attribute that is not on the list."""
        self._refuse_if(tag not in ELEMENTS, f"The element <{tag[:40]}> is not allowed.")
        for name, value in attrs:
            self._check_attribute(name, value or "")
        if tag in HEADINGS:
            self._check_heading(HEADINGS.index(tag) + 1)
        if tag not in EMPTY:
            self._open.append(tag)
            self._refuse_if(len(self._open) > DEEPEST, f"Elements are nested deeper than {DEEPEST} levels.")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take `<br/>`; refuse any other element closed in itself, which printers do not close."""
        self._refuse_if(tag not in EMPTY, f"<{tag[:40]}/> must be closed by </{tag[:40]}>.")
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Refuse an end without its beginning."""
        opened = self._open[-1] if self._open else ""
        self._refuse_if(tag != opened, f"</{tag[:40]}> closes what was not opened last.")
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Refuse what might be read as an element by another parser, and fields left open."""
        for sign, reason in STRAY.items():
            before, found, _ = data.partition(sign)
            self._refuse_if(bool(found), reason, further=before.count("\n"))

    def handle_comment(self, data: str) -> None:
        """Refuse HTML's own comments, and what it reads as one."""
        self._refuse_if(True, "<!…> is not allowed; write {% comment %}…{% endcomment %}.")

    def handle_decl(self, decl: str) -> None:
        """Refuse declarations."""
        self._refuse_if(True, "Declarations are not allowed.")

    def handle_pi(self, data: str) -> None:
        """Refuse instructions to programs."""
        self._refuse_if(True, "Instructions (<?…>) are not allowed.")

    def unknown_decl(self, data: str) -> None:
        """Refuse marked sections."""
        self._refuse_if(True, "Marked sections (<![…) are not allowed.")

    def _check_attribute(self, name: str, value: str) -> None:
        self._refuse_if(name not in ATTRIBUTES, f"The attribute “{name[:40]}” is not allowed.")
        if name in {"colspan", "rowspan"}:
            fits = value.isascii() and value.isdecimal() and 1 <= int(value[:4]) <= MOST_SPAN
            self._refuse_if(not fits, f"{name} must be a number from 1 to {MOST_SPAN}.")

    def _check_heading(self, level: int) -> None:
        self._refuse_if(self._level == 0 and level != 1, "The first heading must be <h1>.")
        self._refuse_if(self._level > 0 and level == 1, "There is one <h1> in a document.")
        self._refuse_if(level > self._level + 1, f"<h{level}> skips a level of headings.")
        self._level = level

    def _refuse_if(self, wrong: bool, reason: str, *, further: int = 0) -> None:
        if wrong:
            raise TemplateRefused(f"Line {self._before + self.getpos()[0] + further}: {reason}")
