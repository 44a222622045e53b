"""Which characters can be printed."""

import unicodedata

import pytest

from autopilot.documents import glyphs

pytestmark = pytest.mark.once


@pytest.mark.parametrize("text", ["Renée O’Connor", "Łukasz Nguyễn", "Ştefan Őz", "§ 680.460 “(a)” – 5 × 3 ½ €\t\n"])
def test_it_prints_names_and_signs_of_latin_script(text):
    assert glyphs.unprintable(text) == []


def test_it_lists_each_missing_character_once_and_sorted():
    assert glyphs.unprintable("Жanna Ж", "李 and ✓") == ["Ж", "✓", "李"]


@pytest.mark.parametrize("hidden", ["\u202e", "\x00", "\x1b", "\u2028", "\ue000"])
def test_it_refuses_characters_that_hide_or_steer(hidden):
    assert glyphs.unprintable(f"a{hidden}b") == [hidden]


def test_it_makes_lookalikes_plain():
    assert glyphs.fold("a\u2011b\u2009c\u200bd\u00ade\ufeff") == "a-b cde"


def test_it_composes_letters():
    assert glyphs.fold(unicodedata.normalize("NFD", "Nguyễn")) == "Nguyễn"


def test_every_lookalike_becomes_printable():
    assert glyphs.unprintable("".join(glyphs.LOOKALIKES)) == []
