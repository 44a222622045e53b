"""Chromium with one warm page, which opens a file and prints it."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.support.printing.samples import Sample

PROGRAM = which("chromium") or which("chromium-browser") or which("google-chrome") or ""
MISSING = "" if PROGRAM and find_spec("playwright") else "Chromium or playwright is not installed"


class Chromium:
    """A browser that prints."""

    title = "Chromium, warm page"

    def __init__(self, page: Any, folder: Path) -> None:
        self._page, self._file = page, folder / "document.html"

    def prepare(self, sample: Sample, number: int) -> None:
        """Write the page down; the clock does not run."""
        self._file.write_text(sample.page(number), encoding="utf-8")

    def make(self, sample: Sample, number: int) -> bytes:
        """Open the page and print it."""
        self._page.goto(self._file.as_uri())
        pdf: bytes = self._page.pdf(prefer_css_page_size=True, print_background=True)
        return pdf


@contextmanager
def opened() -> Iterator[Chromium]:
    """Start the browser, and end it."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (it may not be installed)

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        yield Chromium(browser.new_page(), Path(folder))
        browser.close()
