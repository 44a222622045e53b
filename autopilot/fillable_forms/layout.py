"""Where the characters of a value go: as large as the form says, smaller if they must, and never beyond the frame."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from autopilot.fillable_forms.errors import Refused
from autopilot.fillable_forms.faces import Face
from autopilot.fillable_forms.frames import Frame

LARGEST = 12.0  # where the form leaves the size to us
SMALLEST = 4.0
STEP = 0.25
LEADING = 1.2
TOO_MUCH = "The value does not fit its place on the form, not even in {size:g} points. Shorten it."


@dataclass(frozen=True)
class Run:
    """Characters that stand together, from the left end of their base line, in points."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Block:
    """A value laid out in one size."""

    size: float
    runs: tuple[Run, ...]


Attempt = Callable[[float], list[Run] | None]


@dataclass(frozen=True)
class Layout:
    """The rules for one place: its frame, the size the form names (0 for ours to choose) and its quadding (§12.7.3.3)."""

    face: Face
    frame: Frame
    size: float
    quadding: int

    def line(self, text: str) -> Block:
        """Lay out one line."""

        def attempt(size: float) -> list[Run] | None:
            width, base = self.face.width(text) * size, self._base(text, size)
            return None if width > self._room or base is None else [Run(text, self._start(width), base)]

        return self._largest(attempt)

    def comb(self, text: str, cells: int) -> Block:
        """Lay out one character in each of so many equal cells."""
        cell = self.frame.width / cells
        first = {1: (cells - len(text)) // 2, 2: cells - len(text)}.get(self.quadding, 0)

        def attempt(size: float) -> list[Run] | None:
            widths = [self.face.width(each) * size for each in text]
            base = self._base(text, size)
            if base is None or max(widths, default=0) > cell:
                return None
            spots = [(first + place) * cell + (cell - width) / 2 for place, width in enumerate(widths)]
            return [Run(each, x, base) for each, x in zip(text, spots, strict=True)]

        return self._largest(attempt)

    def paragraphs(self, paragraphs: list[str]) -> Block:
        """Lay out paragraphs from the top, broken between words."""
        lowest, highest = self.face.extent("".join(paragraphs))

        def attempt(size: float) -> list[Run] | None:
            lines = [line for paragraph in paragraphs for line in self._broken(paragraph, size)]
            widths = [self.face.width(line) * size for line in lines]
            height = ((len(lines) - 1) * LEADING + highest - lowest) * size
            if height > self._height - 2 or max(widths, default=0) > self._room:
                return None
            top = self.frame.height - self.frame.inset - 1 - highest * size
            spots = [(self._start(width), top - row * LEADING * size) for row, width in enumerate(widths)]
            return [Run(line, *spot) for line, spot in zip(lines, spots, strict=True)]

        return self._largest(attempt)

    def rows(self, labels: list[str], chosen: list[int]) -> tuple[Block, int]:
        """Lay out the rows of a list so that all the chosen are seen; returns also the first row shown."""
        wanted = [labels[each] for each in chosen] or labels[:1]

        def window(size: float) -> range:
            many = int(self._height / (LEADING * size))
            first = max(0, min(chosen[0] if chosen else 0, len(labels) - many))
            return range(first, min(first + many, len(labels)))

        def attempt(size: float) -> list[Run] | None:
            shown = window(size)
            too_wide = any(self.face.width(label) * size > self._room for label in wanted)
            if too_wide or not set(chosen) <= set(shown) or not shown:
                return None
            top = self.frame.height - self.frame.inset
            drop = (LEADING + self.face.cap) / 2
            return [Run(labels[row], self._pad, top - ((row - shown[0]) * LEADING + drop) * size) for row in shown]

        block = self._largest(attempt)
        return block, window(block.size)[0]

    def _largest(self, attempt: Attempt) -> Block:
        for size in self._sizes():
            runs = attempt(size)
            if runs is not None:
                return Block(size, tuple(runs))
        raise Refused("overflow", TOO_MUCH.format(size=self._least))

    def _sizes(self) -> Iterator[float]:
        size = self.size or LARGEST
        while size > self._least:
            yield size
            size -= STEP
        yield self._least

    @property
    def _least(self) -> float:
        return min(SMALLEST, self.size or SMALLEST)

    @property
    def _pad(self) -> float:
        return 2 * max(self.frame.inset, 1.0)

    @property
    def _room(self) -> float:
        return self.frame.width - 2 * self._pad

    @property
    def _height(self) -> float:
        return self.frame.height - 2 * self.frame.inset

    def _start(self, width: float) -> float:
        spare = self.frame.width - width
        return {1: spare / 2, 2: spare - self._pad}.get(self.quadding, self._pad)

    def _base(self, text: str, size: float) -> float | None:
        """Return the base line that centers capitals and descenders as far as accents allow, or None without room."""
        lowest, highest = self.face.extent(text)
        if (highest - lowest) * size > self._height:
            return None
        centered = (self.frame.height - (self.face.cap + self.face.descent) * size) / 2
        floor, ceiling = self.frame.inset, self.frame.height - self.frame.inset
        return float(max(floor - lowest * size, min(centered, ceiling - highest * size)))

    def _broken(self, paragraph: str, size: float) -> list[str]:
        lines, line = [], ""
        for number, word in enumerate(paragraph.split(" ")):
            longer = f"{line} {word}" if number else word
            if number and self.face.width(longer) * size > self._room:
                lines.append(line)
                longer = word
            line = longer
        return [*lines, line]
