"""Write tables that a spreadsheet opens: as CSV, with nothing in them that it takes for a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence

# OWASP, "CSV injection"; the wide forms are read as their narrow twins by some programs.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Return the text."""
        return text


def lines(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a table line by line, as CSV (RFC 4180); what would begin a formula has an apostrophe before it."""
    writer = csv.writer(_Line())
    yield writer.writerow(heading)
    for row in rows:
        yield writer.writerow([_harmless(value) for value in row])


def _harmless(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text
