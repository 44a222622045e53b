"""The process that opens what strangers send: `python -m autopilot.inspection.worker <socket> <limits>`.

It serves one file: what a hostile one did to it ends with it.
"""

import base64
import json
import shutil
import sys
import tempfile
from multiprocessing.connection import Connection
from typing import Any

from autopilot.documents.limits import Limits, allow_processor_time, confine
from autopilot.inspection import pdfs, pictures
from autopilot.inspection.errors import Refused


def serve(connection: Connection, limits: Limits) -> None:
    """Answer one request: the file to archive, or why it is not taken."""
    confine(limits)
    allow_processor_time(limits.cpu_seconds)
    try:
        request = json.loads(connection.recv_bytes())
    except EOFError:
        return
    report, content = _answered(request)
    connection.send_bytes(json.dumps(report).encode())
    if report["outcome"] == "made":
        connection.send_bytes(content)


def _answered(request: dict[str, str]) -> tuple[dict[str, Any], bytes]:
    try:
        pages, content = _taken(request["kind"], base64.b64decode(request["content"]))
        return {"outcome": "made", "pages": pages}, content
    except Refused as refusal:
        return {"outcome": "refused", "code": refusal.code, "detail": str(refusal)}, b""
    except MemoryError:
        return {"outcome": "too_much"}, b""
    except Exception:  # noqa: BLE001 (whatever a hostile file provokes must reach the parent as an answer)
        return {"outcome": "damaged"}, b""


def _taken(kind: str, content: bytes) -> tuple[int, bytes]:
    return (pdfs.inspect(content), content) if kind == "PDF" else (1, pictures.redraw(content, kind))


if __name__ == "__main__":
    try:
        serve(Connection(int(sys.argv[1])), Limits(**json.loads(sys.argv[2])))
    finally:
        shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
