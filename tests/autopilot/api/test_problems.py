"""Every error under /api/ is a problem, whoever raised it; what is malformed is refused, and never a crash."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db import OperationalError
from django.http import Http404
from django.test import Client, RequestFactory
from rest_framework import exceptions as rest

from autopilot.api import jobs, problems
from autopilot.api.parsers import LARGEST
from autopilot.exceptions import AutopilotError, ControlRefused, FormInvalid, FourEyes, HandlerMistake, UnknownKind
from autopilot.models import Job

pytestmark = pytest.mark.django_db
MEMBERS = {"type", "title", "status", "detail", "instance", "request_id", "errors"}


def refused(response, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told.keys() >= MEMBERS
    assert (told["status"], told["request_id"]) == (status, response["X-Request-ID"])
    assert told["type"].startswith("urn:provost:problem:")
    return told


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v2/jobs", "/api/v1/jobs/7", "/api/v1/jobs/", "/api/v1/x"])
def test_it_speaks_of_addresses_that_nobody_knows(client, path):
    told = refused(client.get(path), 404)

    assert told["instance"] == path


def test_it_leaves_other_addresses_their_pages(client):
    assert client.get("/nowhere/")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_it_speaks_of_methods_that_are_not_there(operator, method):
    response = operator.client.generic(method.upper(), "/api/v1/jobs", headers=operator.headers)

    refused(response, 405)
    assert set(response["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_it_speaks_of_what_it_cannot_write_or_read(operator):
    refused(operator.get("jobs", Accept="text/csv"), 406)
    form = operator.client.post("/api/v1/jobs", {"kind": "x"}, headers=operator.headers | {"Idempotency-Key": "k"})
    refused(form, 415)


def test_it_asks_to_sign_in():
    for headers in (
        {},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer prv_é"},
    ):
        response = Client().get("/api/v1/jobs", headers=headers)
        refused(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_it_takes_no_session_for_a_token(client, lindqvist):
    client.force_login(lindqvist)

    refused(client.get("/api/v1/jobs"), 401)


def test_it_speaks_of_a_forged_host(operator):
    refused(operator.get("jobs", Host="evil.example"), 400)


MALFORMED = {
    "nested arrays": ("[" * 5_000 + "]" * 5_000, 400),
    "nested objects": ('{"a":' * 5_000 + "1" + "}" * 5_000, 400),
    "a little too deep": ("[" * 40 + "]" * 40, 400),
    "cut off": ('{"kind":', 400),
    "not UTF-8": (b'{"kind": "\xff"}', 400),
    "a byte order mark": (b'\xef\xbb\xbf{"kind": "x"}', 400),
    "NUL": ('{"kind": "sample.simple", "payload": {"subject": "\\u0000"}}', 400),
    "a lone surrogate": ('{"kind": "sample.simple", "payload": {"subject": "\\ud800"}}', 400),
    "a lone surrogate for a name": ('{"kind": "sample.simple", "payload": {"\\udfff": 1}}', 400),
    "NaN": ('{"kind": "sample.simple", "payload": {"subject": NaN}}', 400),
    "infinity": ('{"kind": "sample.simple", "payload": {"subject": 1e999}}', 400),
    "a giant number": ('{"priority": ' + "9" * 5_000 + "}", 400),
    "a name twice": ('{"kind": "a.b", "kind": "sample.simple"}', 400),
    "a list": ("[1]", 400),
    "a number": ("7", 400),
    "null": ("null", 400),
    "nothing": ("", 400),
    "20 MB": (b'{"kind": "' + b"x" * 20_000_000 + b'"}', 413),
    "a little too much": (b" " * LARGEST + b"{}", 413),
}


@pytest.mark.parametrize(("body", "status"), MALFORMED.values(), ids=MALFORMED)
def test_it_refuses_what_is_malformed(operator, body, status):
    refused(operator.post("jobs", body, key="k"), status)

    assert not Job.objects.exists()


def test_it_points_at_what_no_database_stores(operator):
    told = refused(operator.post("jobs", '{"payload": {"a/b": ["x", "\\u0000"]}}', key="k"), 400)

    assert told["errors"][0]["pointer"] == "/payload/a~1b/1"


ERRORS = [
    (ValidationError({"name": ValidationError("Too long.", code="long")}), 400, [("/name", "long")]),
    (ValidationError("No."), 400, [("", "invalid")]),
    (PermissionDenied("Not you."), 403, []),
    (Http404(), 404, []),
    (Job.DoesNotExist(), 404, []),
    (SuspiciousOperation("canary"), 400, []),
    (OperationalError("canary: password"), 503, []),
    (ControlRefused("It runs."), 409, []),
    (FourEyes(), 403, []),
    (FormInvalid(errors={"comment": "Say why."}), 400, [("/comment", "form_invalid")]),
    (UnknownKind(), 400, [("/kind", "unknown")]),
    (rest.ValidationError({"a": {"b": [{"c": ["No."]}]}}), 400, [("/a/b/0/c", "invalid")]),
    (rest.Throttled(wait=7), 429, []),
]


@pytest.mark.parametrize(("error", "status", "places"), ERRORS, ids=[type(error).__name__ for error, *_ in ERRORS])
def test_it_translates_what_is_raised(operator, monkeypatch, error, status, places):
    def get(*args, **kwargs):
        raise error

    monkeypatch.setattr(jobs.Jobs, "get", get)

    response = operator.get("jobs")

    told = refused(response, status)
    assert [(row["pointer"], row["code"]) for row in told["errors"]] == places
    assert b"canary" not in response.content
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("error", [RuntimeError("canary"), HandlerMistake("canary"), AutopilotError("canary")])
def test_it_tells_no_details_of_what_nobody_foresaw(operator, monkeypatch, error):
    def get(*args, **kwargs):
        raise error

    monkeypatch.setattr(jobs.Jobs, "get", get)

    told = refused(operator.get("jobs"), 500)

    assert "canary" not in json.dumps(told)


def test_it_tells_how_long_to_wait():
    told = problems.handle(rest.Throttled(wait=7), {"request": RequestFactory().get("/api/v1/jobs")})

    assert told["Retry-After"] == "7"
