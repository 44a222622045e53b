"""Which characters our fonts can print: a missing one becomes an empty box and breaks PDF/A and PDF/UA."""

import unicodedata
from collections.abc import Iterable
from functools import cache

from autopilot.documents import assets

WHITESPACE = frozenset(" \t\n\r\f")
# Pasted text is full of these. They look like the plain character, or like nothing, and our fonts lack them; a soft
# hyphen would be printed as U+2010, which they lack too.
LOOKALIKES = {
    **dict.fromkeys("\u2010\u2011", "-"),
    **dict.fromkeys("\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
}
_FOLDING = str.maketrans(LOOKALIKES)


def fold(text: str) -> str:
    """Return a text with composed letters (NFC) and with invisible or look-alike characters made plain."""
    return unicodedata.normalize("NFC", text.translate(_FOLDING))


def unprintable(*texts: str) -> list[str]:
    """Return, sorted, the characters of texts that some of our fonts do not have, after `fold`.

    Forms call it too, so that a person hears of such a character while it is still on the screen.
    """
    return missing(fold(text) for text in texts)


def missing(texts: Iterable[str]) -> list[str]:
    """Return, sorted, the characters of texts that some of our fonts do not have, as they stand."""
    return sorted(set().union(*texts) - WHITESPACE - covered())


@cache
def covered() -> frozenset[str]:
    """Return the characters that every one of our fonts has, without those that only steer."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 (start-up cost of every process that never makes a PDF)

    maps = []
    for file in sorted(assets.FONTS.glob("*.ttf")):
        with TTFont(file, lazy=True) as font:
            maps.append(frozenset(map(chr, font.getBestCmap())))
    return frozenset(each for each in frozenset.intersection(*maps) if not unicodedata.category(each).startswith("C"))
