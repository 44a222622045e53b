"""Read the body of a request: JSON and nothing else, of a bounded size and depth, and such that a database holds it."""

import json
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import IO, Any

from rest_framework.parsers import BaseParser

from autopilot.api.problems import Problem, pointer_to, wrong
from autopilot.storable import UNSTORABLE

LARGEST = 1_000_000  # bytes
DEEPEST = 32


class BoundedJSONParser(BaseParser):
    """Refuses, with a problem that says why, what is too large or too deep, NaN, names that stand twice, NUL."""

    media_type = "application/json"
    largest = LARGEST

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value that was sent; raises Problem."""
        body = stream.read(self.largest + 1)
        if len(body) > self.largest:
            raise Problem("too_large", f"A request has at most {self.largest:,} bytes.")
        value = _parsed(body)
        _require_storable(value)
        return value


class FileJSONParser(BoundedJSONParser):
    """The same for a request that carries one file of 10 MB, written in Base64."""

    largest = 14_500_000


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except RecursionError:
        raise Problem("malformed", f"The JSON is nested deeper than {DEEPEST} levels.") from None
    except UnicodeDecodeError:
        raise Problem("malformed", "The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Problem("malformed", f"Not JSON: {error.msg}, line {error.lineno}, column {error.colno}.") from None
    except ValueError:
        raise Problem("malformed", "A number has more digits than anything here can hold.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Problem("malformed", "An object has a name twice; which of the two was meant cannot be told.")
    return value


def _refuse_constant(name: str) -> Any:
    raise Problem("malformed", f"{name} is not JSON.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise Problem("malformed", "A number is greater than anything here can hold.")
    return number


def _require_storable(value: Any) -> None:
    """Walk without recursion, so that depth is a figure and not a crash."""
    waiting: list[tuple[Any, tuple[object, ...]]] = [(value, ())]
    while waiting:
        inner, path = waiting.pop()
        if len(path) > DEEPEST:
            raise Problem("malformed", f"The JSON is nested deeper than {DEEPEST} levels.")
        if isinstance(inner, str) and UNSTORABLE.search(inner):
            raise wrong(pointer_to(*path), "Leave out NUL and halves of surrogate pairs.", "unstorable")
        waiting.extend((each, (*path, key)) for key, each in _members(inner))
        if isinstance(inner, dict) and any(UNSTORABLE.search(name) for name in inner):
            raise Problem("malformed", "A name holds NUL or half of a surrogate pair.")


def _members(value: Any) -> Iterable[tuple[object, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()
