"""Requests and replies of the sandbox portal, free of sockets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import responses
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request; names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """One answer; with `cut` the connection ends without it."""

    status: int
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


class Refusal(Exception):
    """A request that gets a problem for an answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def as_json(
    value: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None, *, cut: bool = False
) -> Reply:
    """Return an answer in JSON."""
    return Reply(status, json.dumps(value).encode(), headers=headers or {}, cut=cut)


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
    """Return an answer that says what is wrong (RFC 9457)."""
    title = responses.get(status, "Problem")
    body = {"type": "about:blank", "title": title, "status": int(status), "detail": detail} | more
    return Reply(status, json.dumps(body).encode(), "application/problem+json", headers or {})
