"""Nothing of one organization reaches another: canaries in the rows of one, looked for in every answer to the other.

Every route is asked for, with the ids of the other organization wherever it takes one, by a stranger, by a person
without rights and by the organization's own token with every scope. What is found is found by its text, whatever the
status of the answer.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from autopilot.documents import archive
from autopilot.engine import enqueue, registry
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Job, OutboxMessage, Scope, Worker
from autopilot.submissions import prepare
from autopilot.testing import run_jobs
from autopilot.tokens import create_token
from autopilot.webhooks import endpoints
from programs.models import Application
from tests.autopilot.admin import packets
from tests.autopilot.admin.people import ensure_groups, member
from tests.autopilot.admin.rows import manual_portal
from tests.house.answers import FORMS, said
from tests.house.canaries import filled
from tests.house.routes import Route, routes
from tests.programs.billing.samples import earned

pytestmark = [pytest.mark.once, pytest.mark.django_db]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNKNOWN = "0190b1f2-0000-7000-8000-00000000ffff"
# Of the network, and no organization's: a token that asks may only name its own.
OF_THE_NETWORK = {Scope.WORKERS_READ, Scope.WORKERS_CONTROL, Scope.CHECKPOINTS_DECIDE}


@dataclass(frozen=True)
class Organization:
    """An organization with a row of everything, each with the canary in it."""

    canary: str
    application: Application
    ids: dict[str, str]

    @property
    def tenant_id(self) -> UUID:
        """Its id as a tenant."""
        return self.application.tenant_id


@pytest.fixture
def boss(settings) -> User:
    """Somebody who may do everything, in a network that may call one host: itself."""
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1:9"]
    ensure_groups()
    return member("stone", is_superuser=True)


@pytest.fixture(autouse=True)
def _own_registry():
    with registry.registered_for_test():
        packets.register()
        yield
    cache.clear()


def organization(canary: str, boss: User) -> Organization:
    """Return an organization in whose every text there is a canary."""
    of_the_holder = filled(canary)
    application = of_the_holder["holder_id"].application
    tenant = application.tenant_id
    failed = enqueue("sample.simple", tenant_id=tenant, subject=canary, unique_key=f"key-{canary}")
    packet = enqueue("trial.packet", tenant_id=tenant)
    run_jobs()
    Job.objects.filter(pk=failed.pk).update(error=f"OSError: {canary}")
    Checkpoint.objects.filter(job=packet).update(
        title=f"Packet of {canary}", payload=packets.PAYLOAD | {"name": canary}
    )
    document = archive.store(canary.encode(), media_type="text/plain", title=canary, tenant_id=tenant)
    submission = prepare(
        portal=manual_portal(), document=document, approved_digest=document.sha256, packet_id=uuid7(),
        subject="application", subject_id=application.pk, tenant_id=tenant,
    )  # fmt: skip
    endpoint, _ = endpoints.create(
        tenant_id=tenant, url=f"http://127.0.0.1:9/{canary}", topics=[], description=canary, by=boss, reason="x"
    )
    rows = {
        "job": failed, "checkpoint": Checkpoint.objects.get(job=packet), "document": document, "submission": submission,
        "application": application, "webhookendpoint": endpoint,
        "outboxmessage": OutboxMessage.objects.filter(tenant_id=tenant).first(),
    }  # fmt: skip
    rows = {name.removesuffix("_id"): row for name, row in of_the_holder.items()} | rows
    return Organization(canary, application, {name: str(row.pk) for name, row in rows.items()})


def address(route: Route, ids: dict[str, str], reference: str) -> str:
    """Return a route with these ids in it."""
    named = route.name.replace(":", "_").replace("/", "_")
    found = [ids[model] for model in sorted(ids, key=len) if model in f"_{named}_"]
    usual = {
        "slug": "in",
        "name": "sample",
        "kind": "sample.simple",
        "number": "1",
        "app_label": "autopilot",
        "token": "0" * 64,
        "extension": "csv",
        "form": "csv",
    }
    values = dict.fromkeys(("pk", "object_id", "id"), found[-1] if found else UNKNOWN)
    values |= {f"{model}_id": row for model, row in ids.items()}
    return route.filled(dict.fromkeys(route.parameters, "x") | usual | values | {"reference": reference})


def answers(client: Client, route: Route, path: str, **headers: str) -> list[tuple[str, Any]]:
    """Ask by every method, and undo it."""
    found = []
    for method in METHODS:
        with transaction.atomic():
            keyed = {} if method == "GET" else {"Idempotency-Key": str(uuid7()), "If-Match": '"1"'}
            body = "" if method == "GET" else "{}"
            answer = client.generic(method, path, body, content_type="application/json", headers=headers | keyed)
            found.append((f"{method} {route.name}", answer))
            transaction.set_rollback(True)
    return found


def test_nobody_outside_hears_of_an_organization(boss):
    other = organization("canary-other", boss)
    outsider = Client(raise_request_exception=False)
    outsider.force_login(member("ann", is_staff=False))

    heard = [
        name
        for client in (Client(raise_request_exception=False), outsider)
        for route in routes()
        for name, answer in answers(client, route, address(route, other.ids, UNKNOWN))
        if "canary" in said(answer)
    ]

    assert heard == []


def test_no_token_hears_of_another_organization(boss):
    own, other = organization("canary-own", boss), organization("canary-other", boss)
    scopes = [scope.value for scope in Scope if scope not in OF_THE_NETWORK]
    person = member("ann", is_staff=False)
    _, secret = create_token(name="t", user=person, scopes=scopes, by=None, tenant_id=own.tenant_id)
    client, heard_own, heard_other = Client(raise_request_exception=False), set(), []

    for route in routes():
        path = address(route, other.ids, other.application.reference if route.name.startswith("api") else UNKNOWN)
        for name, answer in answers(client, route, path, Authorization=f"Bearer {secret}"):
            text = said(answer).replace(path, "")  # which is said back, as in `next` of who must sign in
            if own.canary in text or str(own.tenant_id) in text:
                heard_own.add(name)
            if other.canary in text or str(other.tenant_id) in text:
                heard_other.append(name)

    assert heard_other == []
    lists = ("jobs", "checkpoints", "applications", "holders", "requirements", "programs", "cohorts", "mous",
             "invoices", "payouts", "enrollments", "sessions", "attendance")  # fmt: skip
    assert {f"GET api:{name}" for name in lists} - heard_own == set()


@pytest.mark.parametrize("form", FORMS)
def test_the_files_of_the_office_are_for_those_who_may_see_their_rows(boss, form):
    other = filled("canary-other")
    earned(other["holder_id"])
    clients = {"boss": boss, "owner": filled("canary-own")["owner"], "clerk": member("clerk")}
    heard: dict[str, set[str]] = {name: set() for name in clients}

    for name, person in clients.items():
        client = Client(raise_request_exception=False)
        client.force_login(person)
        for route, path in exports(form):
            heard[name] |= {route.name} if "canary-other" in said(client.get(path)) else set()

    assert heard["owner"] == heard["clerk"] == set()
    assert heard["boss"] >= {f"admin:programs_{name}_export" for name in ("charge", "creditnote", "earning", "payout")}
    assert heard["boss"] >= {"admin:holder_export", "admin:program_export"}


def exports(form: str) -> list[tuple[Route, str]]:
    """Return the addresses of the office's lists as files of a form."""
    found = [
        (route, route.filled({"extension": form})) for route in routes() if route.parameters in ((), ("extension",))
    ]
    return [(route, path) for route, path in found if route.name.startswith("admin:") and path.endswith(f".{form}")]


def test_a_foreign_id_is_answered_like_one_that_nobody_has(boss):
    own, other = organization("canary-own", boss), organization("canary-other", boss)
    scopes = [scope.value for scope in Scope if scope not in OF_THE_NETWORK]
    person = member("ann", is_staff=False)
    _, secret = create_token(name="t", user=person, scopes=scopes, by=None, tenant_id=own.tenant_id)
    client, unlike = Client(raise_request_exception=False), []
    nobodys = dict.fromkeys(other.ids, UNKNOWN)

    for route in routes():
        if route.name.startswith("api:") and "pk" in route.parameters:
            shown = {"Authorization": f"Bearer {secret}"}
            foreign = answers(client, route, address(route, other.ids, ""), **shown)
            unknown = answers(client, route, address(route, nobodys, ""), **shown)
            for (name, one), (_, two) in zip(foreign, unknown, strict=True):
                if (one.status_code, _essence(one)) != (two.status_code, _essence(two)):
                    unlike.append(name)

    assert unlike == []
    assert Worker.objects.exists()


def _essence(answer: Any) -> dict[str, Any]:
    """Return what a problem says, but for what names the request."""
    said: dict[str, Any] = answer.json()
    return {name: value for name, value in said.items() if name not in {"request_id", "instance"}}
