"""Mark the words in which two texts differ."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
MOST_WORDS = 400
LEAST_LIKENESS = 0.3


@dataclass(frozen=True)
class Piece:
    """A piece of a text, and whether the other text lacks it."""

    text: str
    marked: bool


def marked(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts in pieces, marked where they differ; texts that have little in common are marked whole."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:  # the comparison takes the square of their lengths
        return [Piece(before, True)], [Piece(after, True)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if _likeness(matcher, old, new) < LEAST_LIKENESS:
        return [Piece(before, True)], [Piece(after, True)]
    codes = matcher.get_opcodes()
    return (
        list(_pieces(old, [(tag, start, end) for tag, start, end, _, _ in codes])),
        list(_pieces(new, [(tag, start, end) for tag, _, _, start, end in codes])),
    )


def _likeness(matcher: "SequenceMatcher[str]", old: list[str], new: list[str]) -> float:
    """Return which part of the words, blanks left out, both texts share."""
    shared = sum(not word.isspace() for block in matcher.get_matching_blocks() for word in old[block.a :][: block.size])
    words = sum(not word.isspace() for word in old + new)
    return 2 * shared / words if words else 0.0


def _pieces(words: list[str], runs: list[tuple[str, int, int]]) -> Iterator[Piece]:
    for tag, start, end in runs:
        if start < end:
            yield Piece("".join(words[start:end]), tag != "equal")
