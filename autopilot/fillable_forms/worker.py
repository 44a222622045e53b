"""The process that opens forms: `python -m autopilot.fillable_forms.worker <socket> <limits>`, started by `desk`.

It knows neither Django nor the database, and serves one form: what a hostile file did to it ends with it.
"""

import base64
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from typing import Any

from autopilot.documents.limits import Limits, allow_processor_time, confine
from autopilot.fillable_forms import filling, labels, reading, sight, triage
from autopilot.fillable_forms.errors import FormUnusable
from autopilot.fillable_forms.shapes import Field

Answer = tuple[dict[str, Any], bytes]
PICTURE_WIDTH = 1100.0


def serve(connection: Connection, limits: Limits) -> None:
    """Answer one request."""
    confine(limits)
    allow_processor_time(limits.cpu_seconds)
    try:
        request = json.loads(connection.recv_bytes())
    except EOFError:
        return
    report, content = _answered(request, limits)
    connection.send_bytes(json.dumps(report).encode())
    if report["outcome"] == "made":
        connection.send_bytes(content)


def _answered(request: dict[str, str], limits: Limits) -> Answer:
    try:
        return VERBS[request["verb"]](base64.b64decode(request["pdf"]), request, limits)
    except FormUnusable as refusal:
        return {"outcome": "unusable", "reason": refusal.reason, "detail": str(refusal), "names": refusal.names}, b""
    except MemoryError:
        return {"outcome": "too_much"}, b""
    except Exception as failure:  # noqa: BLE001 (whatever a hostile file provokes must reach the parent as an answer)
        # Not its message: that may quote the form.
        return {"outcome": "failed", "detail": type(failure).__name__}, b""


def _examine(content: bytes, request: dict[str, str], limits: Limits) -> Answer:
    with filling.opened(content) as pdf:
        _count_pages(pdf, limits)
        lives = reading.read(pdf)
        with sight.opened(content) as document:
            found = labels.nearby(document, [live.field for live in lives.values()])
            verdict = triage.judge(pdf, lives, labels.text_of(document))
            sizes = [sight.size(page) for page in document]
            fields = [_placed(live.field, document) for live in reading.read(pdf, found).values()]
        return {
            "outcome": "read",
            "triage": asdict(verdict),
            "fields": [asdict(field) for field in fields],
            "sizes": sizes,
        }, b""


def _placed(field: Field, document: Any) -> Field:
    """Return a field with the places where pictures of its pages show it."""
    pages = {number: document[number - 1] for number in field.pages}
    spotted = tuple(
        replace(widget, spot=sight.area(pages[widget.page], widget.rect)) if widget.page else widget
        for widget in field.widgets
    )
    return replace(field, widgets=spotted)


def _fill(content: bytes, request: dict[str, str], limits: Limits) -> Answer:
    with filling.opened(content) as pdf:
        _count_pages(pdf, limits)
    filled = filling.fill(content, json.loads(request["values"]))
    told = {"filled": filled.filled, "refused": filled.refused, "notes": filled.notes}
    plain = {
        key: [asdict(each) for each in value] if isinstance(value, tuple) else value for key, value in told.items()
    }
    return {"outcome": "made", **plain}, filled.pdf


def _picture(content: bytes, request: dict[str, str], limits: Limits) -> Answer:
    with sight.opened(content) as document:
        number = int(request["page"])
        if not 1 <= number <= len(document):
            raise FormUnusable("no_such_page", f"There is no page {number}.")
        page = document[number - 1]
        width, height = page.get_size()
        picture = io.BytesIO()
        page.render(scale=min(PICTURE_WIDTH / width, PICTURE_WIDTH * 4 / height)).to_pil().save(picture, "PNG")
    return {"outcome": "made"}, picture.getvalue()


def _count_pages(pdf: Any, limits: Limits) -> None:
    if len(pdf.pages) > limits.pages:
        raise FormUnusable("too_many_pages", f"The file has {len(pdf.pages)} pages; {limits.pages} are allowed.")


VERBS: dict[str, Callable[[bytes, dict[str, str], Limits], Answer]] = {
    "examine": _examine,
    "fill": _fill,
    "picture": _picture,
}

if __name__ == "__main__":
    try:
        serve(Connection(int(sys.argv[1])), Limits(**json.loads(sys.argv[2])))
    finally:
        shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
