"""The check that tells whether PDFs can be made."""

import pytest

from autopilot.checks.pdf import pdf_can_be_made
from autopilot.documents import libraries

pytestmark = pytest.mark.once


def test_it_says_nothing_where_pango_is():
    assert pdf_can_be_made() == []


def test_it_names_the_line_that_installs_pango(monkeypatch):
    monkeypatch.setattr(libraries, "NEEDED", ("pango-1.0", "surely-not-a-library"))

    (warning,) = pdf_can_be_made()

    assert warning.id == "autopilot.W021"
    assert "surely-not-a-library" in warning.msg
    assert warning.hint == f"Run: {libraries.INSTALL}"
