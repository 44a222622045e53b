"""Where two texts differ, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopilot.admin.marks import marked

pytestmark = pytest.mark.once


def told(pieces):
    """Return a text with its marked pieces in brackets."""
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("before", "after", "told_before", "told_after"),
    [
        ("120 Main Street, Suite 4", "120 Main Street, Suite 12", "120 Main Street, Suite [4]", "120 Main Street, Suite [12]"),
        ("Academy", "Academy LLC", "Academy", "Academy[ LLC]"),
        ("480", "500", "[480]", "[500]"),
        ("—", "Called them.", "[—]", "[Called them.]"),
        ("", "x", "[]", "[x]"),
        ("one two three", "four five six", "[one two three]", "[four five six]"),
    ],
)  # fmt: skip
def test_it_marks_the_words_that_differ(before, after, told_before, told_after):
    old, new = marked(before, after)

    assert (told(old), told(new)) == (told_before, told_after)


def test_it_marks_long_texts_whole():
    old, new = marked("a " * 401, "a " * 400 + "b")

    assert [len(old), len(new)] == [1, 1]


@given(st.text(max_size=60), st.text(max_size=60))
def test_it_loses_nothing(before, after):
    old, new = marked(before, after)

    assert "".join(piece.text for piece in old) == before
    assert "".join(piece.text for piece in new) == after
