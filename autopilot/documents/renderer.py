"""The process that makes PDFs: `python -m autopilot.documents.renderer <socket> <limits>`, started by `child`.

It knows neither Django nor the database, gets one document after the other over a socket, and ends when its parent does.
"""

import json
import shutil
import sys
import tempfile
import traceback
from multiprocessing.connection import Connection
from typing import Any

from autopilot.documents.errors import PdfRefused, UnprintableText
from autopilot.documents.limits import Limits, allow_processor_time, confine


def serve(connection: Connection, limits: Limits) -> None:
    """Answer requests until the other end is closed: a line of JSON each, then the PDF if there is one."""
    confine(limits)
    press = _press(limits)
    while (request := _next_request(connection)) is not None:
        if press is None:
            _answer(connection, "unavailable")
        else:
            allow_processor_time(limits.cpu_seconds)
            _serve_one(connection, press, request)


def _press(limits: Limits) -> Any:
    """Return a press, or None where Pango is missing."""
    try:
        from autopilot.documents.press import Press  # noqa: PLC0415 (Pango may be missing, and this finds out)
    except OSError:
        return None
    return Press(most_pages=limits.pages)


def _serve_one(connection: Connection, press: Any, request: dict[str, str]) -> None:
    try:
        pdf = press.make(**request)
    except UnprintableText as refusal:
        _answer(connection, "unprintable", refusal.characters)
    except PdfRefused as refusal:
        _answer(connection, "refused", str(refusal))
    except Exception as failure:  # noqa: BLE001 (whatever a layout engine raises must reach the parent as an answer)
        _answer(connection, "failed", _place(failure))
    else:
        _answer(connection, "made")
        connection.send_bytes(pdf)


def _next_request(connection: Connection) -> dict[str, str] | None:
    try:
        request: dict[str, str] = json.loads(connection.recv_bytes())
    except EOFError:
        return None
    return request


def _answer(connection: Connection, outcome: str, detail: object = None) -> None:
    connection.send_bytes(json.dumps({"outcome": outcome, "detail": detail}).encode())


def _place(failure: Exception) -> str:
    """Say where it happened, without the message: that may quote the document."""
    frames = traceback.extract_tb(failure.__traceback__)
    return f"{type(failure).__name__} at {frames[-1].filename}:{frames[-1].lineno}"


if __name__ == "__main__":
    try:
        serve(Connection(int(sys.argv[1])), Limits(**json.loads(sys.argv[2])))
    finally:
        shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
