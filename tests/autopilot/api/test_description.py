"""The description of the API: complete, valid, and true of what is answered."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.management import call_command
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples_of
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi

from autopilot import engine
from autopilot.models.tokens import Scope
from autopilot.testing import run_jobs
from config.api import document, urlpatterns
from config.wsgi import application
from tests.autopilot.api.conftest import Caller

METHODS = {"get", "post", "put", "patch", "delete"}
PUBLIC = {"schema", "docs"}
FORMS = {"upload_proof"}  # what takes files as a browser sends them


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document()["paths"].items():
        yield from ((path, method, told) for method, told in item.items() if method in METHODS)


OPERATIONS = list(operations())
NAMES = [told["operationId"] for _, _, told in OPERATIONS]


@pytest.mark.once
def test_it_is_valid_and_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))

    assert document()["openapi"].startswith("3.1")


@pytest.mark.once
def test_it_describes_every_address():
    described = {path.removeprefix("/api/v1/") for path, _, _ in OPERATIONS}
    routes = {str(route.pattern) for route in urlpatterns if route.name not in PUBLIC}
    plain = {
        route.replace("<uuid:pk>", "{id}").replace("<slug:", "{").replace("<str:", "{").replace(">", "}")
        for route in routes
    }

    assert {path.replace("{pk}", "{id}") for path in described} == plain
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.once
@pytest.mark.parametrize(("path", "method", "told"), OPERATIONS, ids=NAMES)
def test_it_says_of_each_operation_all_that_one_needs(path, method, told):
    assert told["summary"]
    assert len(told["description"]) > 40
    assert told["security"] == ([{"pump": []}] if path.endswith("/pump") else [{"token": []}])
    assert {"401", "403", "429", "500", "503"} <= told["responses"].keys()
    assert path.endswith("/pump") or "Scope: `" in told["description"]
    for status, answer in told["responses"].items():
        content = answer.get("content", {})
        assert answer["description"], status
        assert all(media.get("examples") or media.get("example") for media in content.values()), status
        assert (status >= "400") == ("application/problem+json" in content) or status == "304"
    if "requestBody" in told:
        ((media_type, media),) = told["requestBody"]["content"].items()
        assert media_type == ("multipart/form-data" if told["operationId"] in FORMS else "application/json")
        assert media["examples"]
        assert {"400", "413", "415"} <= told["responses"].keys()
    if "{" in path:
        assert "404" in told["responses"]


@pytest.mark.once
def test_it_explains_every_field():
    for name, schema in document()["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            assert told.keys() & {"description", "$ref", "allOf", "oneOf", "readOnly", "items", "format"}, (
                f"{name}.{field}"
            )


@pytest.mark.once
def test_it_explains_every_subject():
    used = {tag for _, _, told in OPERATIONS for tag in told["tags"]}

    assert used == {tag["name"] for tag in document()["tags"]}


@pytest.mark.once
def test_it_names_every_scope():
    everything = json.dumps(document())

    assert [scope for scope in Scope.values if f"`{scope}`" not in everything] == []


@pytest.mark.django_db
def test_it_is_read_by_anybody_and_says_nothing_of_anybody(client, operator):
    response = client.get("/api/v1/schema")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert client.get("/api/v1/schema", headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert client.get("/api/v1/schema", headers={"Accept": "application/json"}).status_code == 200
    assert b"application.process" not in response.content


@pytest.mark.django_db
def test_it_is_shown_as_a_page_under_the_strict_policy(client):
    response = client.get("/api/v1/docs")

    assert response.status_code == 200
    assert "'unsafe" not in response["Content-Security-Policy"]
    assert b"<script>" not in response.content
    assert b"<style" not in response.content


# --- What is answered is what is described ------------------------------------------------------------------------

CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(document())
SCHEMA.app = application
EXAMPLES = examples_of(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def ids(tenant, ann) -> dict[str, str]:
    """A job and a checkpoint that both callers may see."""
    job = engine.enqueue("sample.files", tenant_id=tenant, requested_by=ann, files=[{"path": "a", "content": "b"}])
    run_jobs()
    return {"job": str(job.pk), "checkpoint": str(job.checkpoints.get().pk)}


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's own connection open, in whose transaction everything happens, when a request ends."""
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


def real_path(path: str, ids: dict[str, str]) -> dict[str, str]:
    """Return the path parameters that lead to rows which are there."""
    known = {"jobs": ids["job"], "checkpoints": ids["checkpoint"], "workers": "sample", "kinds": "sample.simple"}
    subject = path.removeprefix("/api/v1/").partition("/")[0]
    name = re.search(r"{(\w+)}", path)
    return {name[1]: known[subject]} if name and subject in known else {}


@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("who", ["operator", "provider"])
@pytest.mark.parametrize(("path", "method", "told"), OPERATIONS, ids=NAMES)
def test_it_answers_what_it_describes(request, settings, ids, path, method, told, who, mode):
    settings.API_PUMP_SECRET = "the pump's"
    caller: Caller = request.getfixturevalue(who)
    headers = {"Authorization": "Bearer the pump's"} if path.endswith("/pump") else caller.headers
    operation = SCHEMA[path][method]

    @EXAMPLES
    @given(case=operation.as_strategy(mode, path_parameters=real_path(path, ids) or None))
    def ask(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
