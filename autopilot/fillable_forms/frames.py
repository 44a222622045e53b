"""The frame of a widget: its size as its reader sees it, its turn, its border and its ground (§12.5.6.19)."""

from dataclasses import dataclass
from typing import Any

from pikepdf import Array, Dictionary, Name, Stream

from autopilot.fillable_forms import objects
from autopilot.fillable_forms.shapes import Rect

FILLING = {1: "g", 3: "rg", 4: "k"}
STROKING = {1: "G", 3: "RG", 4: "K"}
DASH = 3.0


@dataclass(frozen=True)
class Frame:
    """A widget as it is drawn: `width` and `height` in points, turned counterclockwise by `turn` degrees."""

    width: float
    height: float
    turn: int
    border: float
    stroke: str
    ground: str
    style: str
    dash: float

    @property
    def inset(self) -> float:
        """How much the border takes on each side."""
        return self.border * (2 if self.style in ("B", "I") else 1)

    def drawn(self) -> list[str]:
        """Return the operators for ground and border."""
        ground = [f"{self.ground} 0 0 {self.width:g} {self.height:g} re f"] if self.ground else []
        return ground + ([f"q {self.stroke} {self.border:g} w {self._line()} Q"] if self.stroke and self.border else [])

    def form(self, pdf: Any, content: list[str], resources: Any = None) -> Any:
        """Return an appearance stream (§8.10) of this size and turn, as an indirect object."""
        stream = Stream(pdf, "\n".join(content).encode("ascii"))
        stream.Type, stream.Subtype = Name.XObject, Name.Form
        stream.BBox = Array([0, 0, round(self.width, 3), round(self.height, 3)])
        stream.Matrix = Array([round(each, 3) for each in self._matrix()])
        stream.Resources = resources if resources is not None else Dictionary()
        return pdf.make_indirect(stream)

    def _line(self) -> str:
        half = self.border / 2
        if self.style == "U":
            return f"0 {half:g} m {self.width:g} {half:g} l S"
        dashed = f"[{self.dash:g}] 0 d " if self.style == "D" else ""
        box = f"{half:g} {half:g} {self.width - self.border:g} {self.height - self.border:g} re S"
        return dashed + box

    def _matrix(self) -> list[float]:
        turned = {
            90: [0, 1, -1, 0, self.height, 0],
            180: [-1, 0, 0, -1, self.width, self.height],
            270: [0, -1, 1, 0, 0, self.width],
        }
        return turned.get(self.turn, [1, 0, 0, 1, 0, 0])


def frame_of(widget: Any, rect: Rect) -> Frame:
    """Return the frame of a widget."""
    style, looks = objects.mapping(widget.get("/BS")), objects.mapping(widget.get("/MK"))
    turn = objects.integer(looks.get("/R")) % 360
    width, height = rect[2] - rect[0], rect[3] - rect[1]
    dashes = objects.numbers(style.get("/D"))
    return Frame(
        width=height if turn in (90, 270) else width,
        height=width if turn in (90, 270) else height,
        turn=turn,
        border=_border(widget, style),
        stroke=_color(looks.get("/BC"), STROKING),
        ground=_color(looks.get("/BG"), FILLING),
        style=objects.word(style.get("/S")) or "S",
        dash=dashes[0] if dashes and dashes[0] > 0 else DASH,
    )


def _border(widget: Any, style: Any) -> float:
    """Return the width of the border; 1 where nothing says it (table 166), and never more than is sensible."""
    border = objects.numbers(widget.get("/Border"))
    width = objects.number(style.get("/W"), border[2] if len(border) > 2 else 1.0)
    return min(max(width, 0.0), 10.0)


def _color(value: Any, operators: dict[int, str]) -> str:
    parts = objects.numbers(value)
    operator = operators.get(len(parts))
    return f"{' '.join(f'{part:g}' for part in parts)} {operator}" if operator else ""
