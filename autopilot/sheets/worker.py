"""The process that opens tables: `python -m autopilot.sheets.worker <socket> <limits>`, started by `desk`.

It knows neither Django nor the database, and serves one file: what a hostile file did to it ends with it.
"""

import base64
import json
import shutil
import sys
import tempfile
from multiprocessing.connection import Connection
from typing import Any

from autopilot.documents.limits import Limits, allow_processor_time, confine
from autopilot.sheets.reading import read
from autopilot.sheets.shapes import SheetUnusable


def serve(connection: Connection, limits: Limits) -> None:
    """Answer one request."""
    confine(limits)
    allow_processor_time(limits.cpu_seconds)
    try:
        request = json.loads(connection.recv_bytes())
    except EOFError:
        return
    report, rows = _answered(request)
    connection.send_bytes(json.dumps(report).encode())
    if report["outcome"] == "made":
        connection.send_bytes(rows)


def _answered(request: dict[str, str]) -> tuple[dict[str, Any], bytes]:
    try:
        rows = read(base64.b64decode(request["content"]), request["name"], int(request["most_rows"]))
        return {"outcome": "made"}, json.dumps([[row.line, row.cells, sorted(row.formulas)] for row in rows]).encode()
    except SheetUnusable as refusal:
        return {"outcome": "unusable", "code": refusal.code, "text": str(refusal)}, b""
    except MemoryError:
        return {"outcome": "too_much"}, b""
    except Exception:  # noqa: BLE001 (whatever a hostile file provokes must reach the parent as an answer)
        return {"outcome": "damaged"}, b""


if __name__ == "__main__":
    try:
        serve(Connection(int(sys.argv[1])), Limits(**json.loads(sys.argv[2])))
    finally:
        shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
