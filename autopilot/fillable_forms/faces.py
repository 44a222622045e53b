"""The font of what we write: measured, and embedded with the characters that were used.

It is written as a composite font (ISO 32000-1 §9.7). Each character has a code of its own, so that what is copied out
of the form is what was written into it, even where two characters look the same.
"""

import hashlib
import io
from collections.abc import Iterable
from functools import cache
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, Stream, String

from autopilot.documents import assets, glyphs

FILE = assets.FONTS / "PublicSans-Regular.ttf"
BASE_NAME = "PublicSans-Regular"
RESOURCE = "/ProvostText"
SYMBOLIC = 1 << 2  # of the font's own encoding (table 123)
STEM = 80
BLOCK = 100  # entries of one bfchar section (Adobe technical note 5411)
TO_UNICODE = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
{sections}endcmap CMapName currentdict /CMap defineresource pop end end"""


class Face:
    """Our font as one form uses it."""

    def __init__(self) -> None:
        self._font = TTFont(io.BytesIO(_program()), lazy=True)
        self._names = self._font.getBestCmap()
        self._unit: int = self._font["head"].unitsPerEm
        self._codes: dict[str, int] = {}
        self.cap = self._font["OS/2"].sCapHeight / self._unit
        self.descent = self._font["hhea"].descent / self._unit

    @property
    def used(self) -> bool:
        """Whether anything was written in it."""
        return bool(self._codes)

    def missing(self, text: str) -> list[str]:
        """Return, sorted, the characters that cannot be written, among them marks that would have to be placed."""
        marks = {each for each in text if "\u0300" <= each <= "\u036f"}
        return sorted(marks | (set(text) - glyphs.covered()))

    def width(self, text: str) -> float:
        """Return how wide a text is, in units of its size."""
        metrics = self._font["hmtx"]
        return float(sum(metrics[self._names[ord(each)]][0] for each in text)) / self._unit

    def extent(self, text: str) -> tuple[float, float]:
        """Return how far a text reaches below and above its base line, in units of its size; capitals at the least."""
        outlines = [self._font["glyf"][self._names[ord(each)]] for each in set(text)]
        drawn = [outline for outline in outlines if hasattr(outline, "yMax")]
        lowest = min([0.0, *(outline.yMin / self._unit for outline in drawn)])
        return lowest, max([self.cap, *(outline.yMax / self._unit for outline in drawn)])

    def encoded(self, text: str) -> str:
        """Return a text as the hexadecimal string that shows it, and remember its characters."""
        return "".join(f"{self._codes.setdefault(each, len(self._codes) + 1):04X}" for each in text)

    def embed(self, pdf: Any, reference: Any) -> None:
        """Write the font, with what was used of it, into an indirect dictionary of a PDF."""
        used = sorted(self._codes, key=self._codes.__getitem__)
        program, ids = self._subset(used)
        name = Name(f"/{_tag(used)}+{BASE_NAME}")
        descendant = Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=name,
            CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
            FontDescriptor=pdf.make_indirect(self._descriptor(pdf, name, program)),
            DW=1000,
            W=Array([1, Array([round(self.width(each) * 1000) for each in used])]),
            CIDToGIDMap=Stream(pdf, b"".join(glyph.to_bytes(2, "big") for glyph in (0, *ids))),
        )
        reference.Type, reference.Subtype, reference.BaseFont = Name.Font, Name.Type0, name
        reference.Encoding = Name("/Identity-H")
        reference.DescendantFonts = Array([pdf.make_indirect(descendant)])
        reference.ToUnicode = Stream(pdf, TO_UNICODE.format(sections=_sections(used)).encode())

    def _descriptor(self, pdf: Any, name: Any, program: bytes) -> Any:
        head, scale = self._font["head"], 1000 / self._unit
        return Dictionary(
            Type=Name.FontDescriptor,
            FontName=name,
            Flags=SYMBOLIC,
            FontBBox=Array([round(each * scale) for each in (head.xMin, head.yMin, head.xMax, head.yMax)]),
            ItalicAngle=0,
            Ascent=round(self._font["hhea"].ascent * scale),
            Descent=round(self.descent * 1000),
            CapHeight=round(self.cap * 1000),
            StemV=STEM,
            FontFile2=Stream(pdf, program),
        )

    def _subset(self, used: list[str]) -> tuple[bytes, list[int]]:
        """Return the font program of some characters, and their glyph ids in it."""
        options = subset.Options(layout_features=[], hinting=False, glyph_names=False, notdef_outline=True)
        options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT"]
        font = TTFont(io.BytesIO(_program()), recalcTimestamp=False)
        shrinking = subset.Subsetter(options)
        shrinking.populate(unicodes=[ord(each) for each in used])
        shrinking.subset(font)
        ids, names = font.getReverseGlyphMap(), font.getBestCmap()
        written = io.BytesIO()
        font.save(written)
        return written.getvalue(), [ids[names[ord(each)]] for each in used]


@cache
def _program() -> bytes:
    return FILE.read_bytes()


def _tag(used: Iterable[str]) -> str:
    """Return the six letters that tell subsets apart (§9.6.4)."""
    digest = hashlib.sha256("".join(used).encode()).digest()
    return "".join(chr(ord("A") + each % 26) for each in digest[:6])


def _sections(used: list[str]) -> str:
    lines = [f"<{code:04X}> <{each.encode('utf-16-be').hex().upper()}>\n" for code, each in enumerate(used, start=1)]
    blocks = [lines[start : start + BLOCK] for start in range(0, len(lines), BLOCK)]
    return "".join(f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n" for block in blocks)
