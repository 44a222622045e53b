"""Jobs over the API: asked for, followed, cancelled, requeued; each caller within what is theirs."""

from datetime import datetime
from uuid import UUID

import pytest

from autopilot import engine
from autopilot.engine import JobContext, handler
from autopilot.exceptions import Invalid
from autopilot.identifiers import uuid7
from autopilot.models import Job
from autopilot.testing import run_jobs

pytestmark = pytest.mark.django_db
ASKED = {"kind": "sample.simple", "payload": {"subject": "a thing"}}


@pytest.fixture
def failing():
    """A kind that fails for good."""

    @handler("test.failing")
    def failing(job: JobContext) -> None:
        job.tx("first", lambda: None)
        raise Invalid("it cannot work")


def job_of(tenant_id: UUID, **options) -> Job:
    return engine.enqueue("sample.simple", tenant_id=tenant_id, subject="a thing", **options)


def codes(response) -> list[tuple[str, str]]:
    return [(row["pointer"], row["code"]) for row in response.json()["errors"]]


def test_it_takes_a_job_and_tells_where_it_is(operator, lindqvist):
    response = operator.create("jobs", ASKED | {"priority": 9})

    job = Job.objects.get()
    assert response.status_code == 201
    assert response["Location"].endswith(f"/api/v1/jobs/{job.pk}")
    assert (job.kind, job.payload, job.priority, job.requested_by) == (*ASKED.values(), 9, lindqvist)
    assert response.json()["id"] == str(job.pk)
    told = operator.get(f"jobs/{job.pk}").json()
    assert told["waiting_for"]
    assert datetime.fromisoformat(told["created_at"]) == job.created_at
    assert told["created_at"].endswith("Z")


def test_it_shows_a_result_when_there_is_one(operator):
    pk = operator.create("jobs", ASKED).json()["id"]

    run_jobs()

    told = operator.get(f"jobs/{pk}").json()
    assert (told["status"], told["result"]) == ("completed", {"done": True, "subject": "a thing"})


def test_it_masks_what_is_sensitive(operator, tenant):
    @handler("test.secret", result={"properties": {"code": {"writeOnly": True}}})
    def secret(job: JobContext, api_key: str) -> dict[str, str]:
        return {"code": "canary-result"}

    pk = operator.create("jobs", {"kind": "test.secret", "payload": {"api_key": "canary-payload"}}).json()["id"]
    run_jobs()

    assert b"canary" not in operator.get(f"jobs/{pk}").content
    assert b"canary" not in operator.get("jobs").content


def test_it_refuses_a_payload_by_pointers(operator):
    response = operator.create("jobs", {"kind": "sample.files", "payload": {"files": [{"path": 1}], "x/y": 2}})

    assert response.status_code == 400
    assert codes(response) == [("/payload/x~1y", "unknown"), ("/payload/files/0/path", "invalid")]
    assert operator.create("jobs", {"kind": "sample.simple"}).json()["errors"] == [
        {"pointer": "/payload/subject", "detail": "It is missing: it must be text.", "code": "required"}
    ]
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("priority", 0),
        ("priority", 11),
        ("priority", "high"),
        ("scheduled_for", "tomorrow"),
        ("payload", [1]),
        ("unique_key", "x" * 201),
        ("tenant_id", "mine"),
    ],
)
def test_it_refuses_an_option_out_of_its_range(operator, field, value):
    response = operator.create("jobs", ASKED | {field: value})

    assert response.status_code == 400
    assert [pointer for pointer, _ in codes(response)] == [f"/{field}"]


@pytest.mark.parametrize("field", ["status", "requested_by", "result", "is_staff", "id", "attempt"])
def test_it_refuses_a_field_that_nobody_may_set(operator, field):
    response = operator.create("jobs", ASKED | {field: "completed"})

    assert response.status_code == 400
    assert codes(response) == [(f"/{field}", "unknown")]
    assert not Job.objects.exists()


def test_it_names_an_unknown_kind_to_staff_alone(operator, provider):
    asked = {"kind": "no.such", "payload": {}}

    assert codes(operator.create("jobs", asked)) == [("/kind", "unknown")]
    assert provider.create("jobs", asked).status_code == 403


def test_it_lets_a_tenant_ask_for_what_tenants_may_ask_for(provider, tenant):
    unknown = provider.create("jobs", {"kind": "no.such", "payload": {}})
    closed = provider.create("jobs", {"kind": "document.archive_check", "payload": {}})
    taken = provider.create("jobs", ASKED)

    assert taken.status_code == 201
    assert Job.objects.get().tenant_id == tenant
    assert (unknown.status_code, closed.status_code) == (403, 403)
    assert unknown.json() | {"request_id": ""} == closed.json() | {"request_id": ""}


def test_it_lets_no_tenant_work_for_another(provider, tenant):
    assert provider.create("jobs", ASKED | {"tenant_id": str(uuid7())}).status_code == 400
    assert provider.create("jobs", ASKED | {"tenant_id": str(tenant)}).status_code == 201


def test_it_refuses_who_has_neither_tenant_nor_permission(owner, called, rivera):
    assert owner.create("jobs", ASKED).status_code == 403
    assert called(rivera, "jobs:write").create("jobs", ASKED).status_code == 403
    assert not Job.objects.exists()


def test_it_returns_the_live_job_of_a_unique_key(operator):
    first = operator.create("jobs", ASKED | {"unique_key": "one"})
    second = operator.create("jobs", ASKED | {"unique_key": "one"})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def test_it_shows_each_caller_their_own(operator, owner, provider, ann, tenant):
    jobs = {"own": job_of(uuid7(), requested_by=ann), "tenant": job_of(tenant), "other": job_of(uuid7())}

    def seen(caller):
        listed = {row["id"] for row in caller.get("jobs").json()["results"]}
        read = {str(job.pk) for job in jobs.values() if caller.get(f"jobs/{job.pk}").status_code == 200}
        assert listed == read
        return {name for name, job in jobs.items() if str(job.pk) in listed}

    assert seen(operator) == {"own", "tenant", "other"}
    assert seen(owner) == {"own"}
    assert seen(provider) == {"tenant"}


def test_it_confines_a_token_of_staff_to_its_tenant(called, lindqvist, tenant):
    other = job_of(uuid7())
    confined = called(lindqvist, "jobs:read", "jobs:write", tenant=tenant)

    assert confined.get(f"jobs/{other.pk}").status_code == 404
    assert confined.post(f"jobs/{other.pk}/cancel", {"reason": "x"}).status_code == 404
    assert confined.create("jobs", {"kind": "document.archive_check", "payload": {}}).status_code == 403
    assert confined.get("stats").status_code == 403


@pytest.mark.parametrize("path", ["", "/events", "/steps", "/checkpoints", "/cancel", "/requeue"])
def test_it_answers_a_foreign_id_like_an_unknown_one(provider, path, django_assert_num_queries):
    foreign, unknown = job_of(uuid7()).pk, uuid7()
    ask = provider.post if path in ("/cancel", "/requeue") else provider.get
    ask(f"jobs/{unknown}{path}")

    def told(pk):
        with django_assert_num_queries(2):  # the token, and the row
            response = ask(f"jobs/{pk}{path}")
        body = response.json()
        return response.status_code, body | {"request_id": "", "instance": body["instance"].replace(str(pk), "")}

    assert told(foreign) == told(unknown)
    assert told(foreign)[0] == 404


def test_it_cancels(operator, lindqvist):
    job = job_of(uuid7())

    response = operator.post(f"jobs/{job.pk}/cancel", {"reason": "By mistake"})

    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert operator.post(f"jobs/{job.pk}/cancel", {"reason": "Again"}).status_code == 409
    assert codes(operator.post(f"jobs/{job.pk}/cancel", {})) == [("/reason", "required")]


def test_it_lets_a_tenant_cancel_what_it_sees_only_if_its_person_asked_for_it(provider, rivera, ann, tenant):
    colleagues, own = job_of(tenant, requested_by=rivera), job_of(tenant, requested_by=ann)

    refused = provider.post(f"jobs/{colleagues.pk}/cancel", {"reason": "x"})
    taken = provider.post(f"jobs/{own.pk}/cancel", {"reason": "Sent twice"})

    assert (refused.status_code, taken.status_code, taken.json()["status"]) == (403, 200, "cancelled")
    colleagues.refresh_from_db()
    assert colleagues.status == "pending"


def test_it_lets_nobody_but_operators_requeue(provider, owner, ann, tenant):
    job = job_of(tenant, requested_by=ann)
    owner.post(f"jobs/{job.pk}/cancel", {"reason": "By mistake"})

    for caller in (provider, owner):
        assert caller.post(f"jobs/{job.pk}/requeue", {"reason": "x"}).status_code == 403


def test_it_requeues(operator, failing):
    pk = operator.create("jobs", {"kind": "test.failing"}).json()["id"]
    assert operator.post(f"jobs/{pk}/requeue", {"reason": "x"}).status_code == 409
    run_jobs()

    again = operator.post(f"jobs/{pk}/requeue", {"mode": "from_step", "step": "first", "reason": "Mended"})

    assert (again.status_code, again.json()["status"], again.json()["generation"]) == (200, "pending", 2)


def test_it_asks_for_the_step_to_go_on_from(operator, failing):
    pk = operator.create("jobs", {"kind": "test.failing"}).json()["id"]
    run_jobs()

    assert codes(operator.post(f"jobs/{pk}/requeue", {"mode": "from_step", "reason": "x"})) == [("/step", "required")]
    assert operator.post(f"jobs/{pk}/requeue", {"mode": "from_step", "step": "no", "reason": "x"}).status_code == 409
    assert codes(operator.post(f"jobs/{pk}/requeue", {"mode": "backwards", "reason": "x"})) == [
        ("/mode", "invalid_choice")
    ]


def test_it_tells_events_steps_and_checkpoints(operator, failing):
    pk = operator.create("jobs", {"kind": "test.failing"}).json()["id"]
    simple = operator.create("jobs", ASKED).json()["id"]
    run_jobs()

    events = operator.get(f"jobs/{pk}/events").json()["results"]
    steps = operator.get(f"jobs/{pk}/steps").json()["results"]
    checkpoints = operator.get(f"jobs/{simple}/checkpoints").json()["results"]

    assert [event["why"] for event in events] == ["enqueue", "claim", "invalid"]
    assert [step["key"] for step in steps] == ["first"]
    assert [checkpoint["status"] for checkpoint in checkpoints] == ["noted"]


def test_it_filters(operator, failing):
    operator.create("jobs", {"kind": "test.failing"})
    operator.create("jobs", ASKED)
    run_jobs()

    def kinds(query):
        return [row["kind"] for row in operator.get(f"jobs?{query}").json()["results"]]

    assert kinds("status=failed") == ["test.failing"]
    assert kinds("kind=sample.simple") == ["sample.simple"]
    assert kinds("worker=test") == ["test.failing"]
    assert kinds("created_after=2999-01-01T00:00:00Z") == []
    assert len(kinds("created_before=2999-01-01T00:00:00Z")) == 2


@pytest.mark.parametrize("query", ["status=lost", "kind=%00", "created_after=now", "tenant=1", "ordering=id"])
def test_it_refuses_a_filter_that_it_does_not_know(operator, query):
    response = operator.get(f"jobs?{query}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == query.partition("=")[0]


def test_it_asks_the_database_as_often_for_many_as_for_one(operator, django_assert_max_num_queries):
    for _ in range(60):
        job_of(uuid7())

    with django_assert_max_num_queries(5):
        assert len(operator.get("jobs?page_size=60").json()["results"]) == 60


def test_it_needs_the_scope_of_the_operation(called, lindqvist, tenant):
    reader = called(lindqvist, "jobs:read")
    job = job_of(tenant)

    assert reader.get("jobs").status_code == 200
    for refused in (reader.create("jobs", ASKED), reader.post(f"jobs/{job.pk}/cancel", {"reason": "x"})):
        assert (refused.status_code, refused.json()["detail"]) == (403, "This token lacks the scope jobs:write.")
    assert called(lindqvist, "workers:read").get("jobs").status_code == 403
