"""The marks of check boxes and radio buttons: the form's own where they are drawn, else drawn by us.

A mark that is a letter of ZapfDingbats shows only where the reader of the form has that font, so we draw it as lines.
"""

import warnings
from typing import Any

import pikepdf

from autopilot.fillable_forms import objects
from autopilot.fillable_forms.frames import Frame

PAINTING = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "Do", "INLINE IMAGE"})
SHOWING = frozenset({"Tj", "TJ", "'", '"'})
MOST_OPERATORS = 5_000
CIRCLE = 0.5523  # of the radius: where the control points of a quarter circle lie
CHECK, DISC, CROSS, DIAMOND, SQUARE, STAR = "4", "l", "8", "u", "n", "H"


def draws_itself(on: Any, off: Any) -> bool:
    """Whether an appearance that a form brings for “on” paints a mark without any letter, beyond what “off” paints."""
    shown, painted = _counted(on)
    return not shown and painted > _counted(off)[1]


def mark(frame: Frame, style: str) -> list[str]:
    """Return the operators that draw a mark of one of the six styles of readers, named as in table 189's /CA."""
    side = min(frame.width, frame.height) - 2 * frame.inset
    unit = max(side, 1.0) * 0.8
    left, bottom = (frame.width - unit) / 2, (frame.height - unit) / 2
    place = f"{unit:.3f} 0 0 {unit:.3f} {left:.3f} {bottom:.3f} cm"
    return ["q", place, "0 g 0 G", SHAPES.get(style, SHAPES[CHECK]), "Q"]


def ring(frame: Frame) -> list[str]:
    """Return the operators for the round border of a radio button."""
    radius = (min(frame.width, frame.height) - frame.border) / 2
    place = f"{radius * 2:.3f} 0 0 {radius * 2:.3f} {frame.width / 2 - radius:.3f} {frame.height / 2 - radius:.3f} cm"
    operators = [f"q {frame.ground} {place} {_disc(0.5)} f Q"] if frame.ground else []
    if frame.stroke and frame.border and radius > 0:
        operators.append(f"q {frame.stroke} {place} {frame.border / (2 * radius):.4f} w {_disc(0.5)} S Q")
    return operators


def style_of(widget: Any, *, radio: bool) -> str:
    """Return the style of mark that a widget asks for."""
    asked = objects.text(objects.mapping(widget.get("/MK")).get("/CA"))
    return asked if asked in SHAPES else DISC if radio else CHECK


def _counted(stream: Any) -> tuple[int, int]:
    """Return how often a stream shows letters and how often it paints."""
    if not isinstance(stream, pikepdf.Stream) or len(set(objects.numbers(stream.get("/BBox")))) < 2:
        return 0, 0  # without a box (§8.10.2) some readers show nothing
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a broken stream is no mark, which is all we ask
            operators = [str(each.operator) for each in pikepdf.parse_content_stream(stream)[:MOST_OPERATORS]]
    except pikepdf.PdfError:
        return 0, 0
    return sum(each in SHOWING for each in operators), sum(each in PAINTING for each in operators)


def _disc(radius: float) -> str:
    """Return the path of a circle about the middle of the unit square."""
    low, high, near, far = 0.5 - radius, 0.5 + radius, 0.5 - radius * CIRCLE, 0.5 + radius * CIRCLE
    return (
        f"{high:g} 0.5 m {high:g} {far:g} {far:g} {high:g} 0.5 {high:g} c {near:g} {high:g} {low:g} {far:g} {low:g} 0.5 c "
        f"{low:g} {near:g} {near:g} {low:g} 0.5 {low:g} c {far:g} {low:g} {high:g} {near:g} {high:g} 0.5 c h"
    )


SHAPES = {
    CHECK: "0.14 w 1 J 1 j 0.08 0.5 m 0.38 0.14 l 0.94 0.9 l S",
    CROSS: "0.12 w 1 J 0.1 0.1 m 0.9 0.9 l 0.1 0.9 m 0.9 0.1 l S",
    DISC: f"{_disc(0.34)} f",
    DIAMOND: "0.5 0 m 1 0.5 l 0.5 1 l 0 0.5 l h f",
    SQUARE: "0.1 0.1 0.8 0.8 re f",
    STAR: "0.5 1 m 0.62 0.62 l 1 0.62 l 0.69 0.38 l 0.81 0 l 0.5 0.24 l 0.19 0 l 0.31 0.38 l 0 0.62 l 0.38 0.62 l h f",
}
