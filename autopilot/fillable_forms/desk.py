"""The door to forms: look at one, fill one, see a page; each in a limited process of its own that ends with it."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autopilot.documents.child import Child
from autopilot.documents.errors import PdfError
from autopilot.documents.limits import MEBIBYTE, Limits
from autopilot.fillable_forms.errors import FormUnusable
from autopilot.fillable_forms.shapes import Field, Filled, Refusal, Triage

WORKER = "autopilot.fillable_forms.worker"
MOST_BYTES = 30_000_000
LIMITS = Limits(wall_seconds=60, cpu_seconds=30, memory_bytes=768 * MEBIBYTE, pages=200)
TOO_MUCH = "The file takes more time or memory than a form may. Ask the agency for a smaller one."


@dataclass(frozen=True)
class Examination:
    """What a form is, its fields, and the size of each page in points as it is seen."""

    triage: Triage
    fields: tuple[Field, ...]
    sizes: tuple[tuple[float, float], ...]


def examine(content: bytes, limits: Limits = LIMITS) -> Examination:
    """Return the judgment on a file and the fields of its form.

    A form that cannot be filled is still told of, in `triage.refusal`. Raises FormUnusable for what cannot even be
    read: no PDF, a needed password, more than 30 MB or 200 pages, or more work than a form may make.
    """
    answer, _ = _asked({"verb": "examine"}, content, limits)
    fields = tuple(Field.of(each) for each in answer["fields"])
    return Examination(Triage.of(answer["triage"]), fields, tuple((wide, high) for wide, high in answer["sizes"]))


def fill(content: bytes, values: Mapping[str, Any], limits: Limits = LIMITS) -> Filled:
    """Return a form filled with values by full field name.

    A text takes a string, a check box true, false or the name of a state, a radio button the name of a state, a choice
    an option by its value or label, a list box that allows several a list of these. Every accepted value is in the file
    unaltered and was seen on the page; every other is in `refused` with its reason, and its field is as it was.

    The same form and values give the same bytes, unless the form is encrypted. Raises FormUnusable as `examine`, and
    for a form that cannot be filled.
    """
    answer, pdf = _asked({"verb": "fill", "values": json.dumps(dict(values))}, content, limits)
    return Filled(pdf, answer["filled"], _refusals(answer["refused"]), _refusals(answer["notes"]))


def picture(content: bytes, page: int, limits: Limits = LIMITS) -> bytes:
    """Return a page of a form, counted from 1, as a PNG; raises FormUnusable as `examine`."""
    return _asked({"verb": "picture", "page": str(page)}, content, limits)[1]


def _asked(request: dict[str, str], content: bytes, limits: Limits) -> tuple[dict[str, Any], bytes]:
    if len(content) > MOST_BYTES:
        raise FormUnusable("too_large", f"The file has {len(content)} bytes; {MOST_BYTES} are allowed.")
    request["pdf"] = base64.b64encode(content).decode()
    with _child(limits) as child:
        try:
            answer, made = child.ask(request)
        except PdfError:
            raise FormUnusable("too_much", TOO_MUCH) from None
    match answer["outcome"]:
        case "unusable":
            raise FormUnusable(answer["reason"], answer["detail"], answer["names"])
        case "too_much":
            raise FormUnusable("too_much", TOO_MUCH)
        case "failed":
            raise FormUnusable("damaged", f"The file is damaged in a way we cannot read past ({answer['detail']}).")
    return answer, made


@contextmanager
def _child(limits: Limits) -> Iterator[Child]:
    child = Child(limits, WORKER)
    try:
        yield child
    finally:
        child.end()


def _refusals(plain: list[dict[str, Any]]) -> tuple[Refusal, ...]:
    return tuple(Refusal(**{**each, "characters": tuple(each["characters"])}) for each in plain)
