"""What is read of a table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SheetRow:
    """A row that is not blank: the line it begins on, its cells as text, and which of them (from 0) are formulas."""

    line: int
    cells: tuple[str, ...]
    formulas: frozenset[int] = frozenset()


class SheetUnusable(Exception):
    """The file cannot be read as a table; `code` is a short word, the text says what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
