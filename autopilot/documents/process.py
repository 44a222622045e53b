"""The renderer of this process: a warm child that makes PDFs, replaced when it dies, hangs or grows old."""

import atexit
import os
import threading
from collections.abc import Mapping
from typing import Any

from autopilot.documents.child import Child
from autopilot.documents.errors import PdfError, PdfRefused, PdfUnavailable, UnprintableText
from autopilot.documents.limits import Limits


class Renderer:
    """The renderer of this process: at most one child, one document at a time, safe to share between threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._child: Child | None = None

    def render(self, request: Mapping[str, str]) -> bytes:
        """Return the PDF of a request (see `Press.make`).

        Raises a PdfError; after any but a refusal the child is replaced, because it may be in any state.
        """
        with self._lock:
            try:
                return _pdf(*self._fit_child().ask(request))
            except PdfRefused:
                raise
            except BaseException:
                self._drop()
                raise

    def close(self) -> None:
        """End the child, if there is one; the next document starts another."""
        with self._lock:
            self._drop()

    def forget(self) -> None:
        """Start anew in a forked process, whose parent keeps the child and perhaps held the lock."""
        self._lock = threading.Lock()
        if self._child:
            self._child.disown()
        self._child = None

    def _fit_child(self) -> Child:
        if self._child and not self._child.fit:
            self._drop()
        self._child = self._child or Child(self.limits)
        return self._child

    def _drop(self) -> None:
        if self._child:
            self._child.end()
        self._child = None


def _pdf(answer: dict[str, Any], pdf: bytes) -> bytes:
    match answer["outcome"]:
        case "made":
            return pdf
        case "unprintable":
            raise UnprintableText(answer["detail"])
        case "refused":
            raise PdfRefused(answer["detail"])
        case "unavailable":
            raise PdfUnavailable
    raise PdfError(f"The PDF could not be made: {answer['detail']}.")


shared = Renderer()
# For templates that nobody has approved: whoever stores one waits for it, and no request is let run for longer.
trial = Renderer(Limits(wall_seconds=12, cpu_seconds=6, pages=60))
for _renderer in (shared, trial):
    atexit.register(_renderer.close)
    os.register_at_fork(after_in_child=_renderer.forget)
