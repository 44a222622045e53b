"""One process that makes PDFs, seen from its parent, who outlives whatever becomes of it.

It is a plain subprocess on purpose: the workers of a cluster are daemonic and may have no multiprocessing children.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from autopilot.documents import assets
from autopilot.documents.errors import PdfError, PdfRendererDied, PdfTimeout
from autopilot.documents.limits import Limits

RENDERER = "autopilot.documents.renderer"
PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS_PER_CHILD = 200
HANDED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


class Child:
    """One process and the socket to it: a renderer, or another program that speaks as it does."""

    def __init__(self, limits: Limits, program: str = RENDERER) -> None:
        self.limits = limits
        self.served = 0
        self.renewed_after = DOCUMENTS_PER_CHILD
        self._expired = threading.Event()
        self.folder = tempfile.mkdtemp(prefix="provost-pdf-")
        self.connection, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 (our own module, our own arguments)
                [sys.executable, "-m", program, str(theirs.fileno()), json.dumps(asdict(limits))],
                cwd=PROJECT,
                env=_environment(self.folder),
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C at a terminal is for us: we may want to finish the document first
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    @property
    def fit(self) -> bool:
        """Whether it lives and is not too old for another document."""
        return not self._expired.is_set() and self.process.poll() is None and self.served < self.renewed_after

    def ask(self, request: Mapping[str, str]) -> tuple[dict[str, Any], bytes]:
        """Send a document and return the answer with the PDF, if one was made.

        Raises PdfTimeout or PdfRendererDied; the child is then of no more use.
        """
        self.served += 1
        with self._deadline():
            try:
                self.connection.send_bytes(json.dumps(request).encode())
                answer = json.loads(self.connection.recv_bytes())
                return answer, self.connection.recv_bytes() if answer["outcome"] == "made" else b""
            except (EOFError, OSError):
                raise self._obituary() from None

    def end(self) -> None:
        """Kill the process and remove what it left."""
        self.connection.close()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def disown(self) -> None:
        """Let go, in a forked process, of a child that belongs to the process it was forked from."""
        self.connection.close()
        self.process.returncode = 0  # else its destructor would warn of a running child that is not ours

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        """Kill the child after the wall time: that ends every read, write and wait of ours, so we cannot hang."""
        timer = threading.Timer(self.limits.wall_seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self._expired.set()
        self.process.kill()

    def _obituary(self) -> PdfError:
        status = self.process.wait()
        if self._expired.is_set():
            return PdfTimeout(f"The PDF was given up after {self.limits.wall_seconds} s.")
        if status == -signal.SIGXCPU:
            return PdfTimeout(f"The PDF was given up after {self.limits.cpu_seconds} s of processor time.")
        return PdfRendererDied(f"The process that makes PDFs ended with status {status} before it answered.")


def _environment(folder: str) -> dict[str, str]:
    """Return an environment without secrets, in which no font of the system exists."""
    kept = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    fonts = str(assets.FONTS / "fonts.conf")
    return kept | {"FONTCONFIG_FILE": fonts, "HOME": folder, "TMPDIR": folder, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
